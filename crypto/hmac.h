// SPDX-License-Identifier: EUPL-1.2
// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869).
#pragma once

#include <array>
#include <memory>

#include "crypto/bytes.h"
#include "crypto/secret.h"

namespace beffroi::crypto {

Bytes hmac_sha256(BytesView key, BytesView message);
SecretBytes hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t length);

// A keyed state, made once and used for many messages; const use is thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(BytesView key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  Bytes mac(BytesView message) const;
  // The concatenation of the parts, without building it.
  Bytes mac(std::initializer_list<BytesView> parts) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::crypto
