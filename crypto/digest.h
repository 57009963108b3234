// SPDX-License-Identifier: EUPL-1.2
// Digests fed block by block, each with its own state (OpenSSL EVP; algorithms fetched once per process).
#pragma once

#include <initializer_list>
#include <memory>

#include "crypto/bytes.h"

namespace beffroi::crypto {

enum class DigestAlgorithm { Sha1, Sha256, Sha512 };  // MD5: crypto/md5.h

class Digest {
 public:
  explicit Digest(DigestAlgorithm);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(BytesView);
  Bytes finish();  // raw bytes; once

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Of the concatenation of the parts.
Bytes digest(DigestAlgorithm, std::initializer_list<BytesView> parts);
inline Bytes sha256(BytesView b) { return digest(DigestAlgorithm::Sha256, {b}); }

}  // namespace beffroi::crypto
