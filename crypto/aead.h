// SPDX-License-Identifier: EUPL-1.2
// AES-256-GCM (NIST SP 800-38D) with a caller's 96-bit nonce: what the log's frames use directly and the other seals are made of.
#pragma once

#include <memory>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace beffroi::crypto {

inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;

// Holds the key schedule. One thread at a time. Never the same nonce twice for one key.
class Aes256Gcm {
 public:
  explicit Aes256Gcm(BytesView key32);
  ~Aes256Gcm();
  Aes256Gcm(Aes256Gcm&&) noexcept;
  // `out` holds plain.size() + kGcmTagBytes bytes: ciphertext | tag. `out` may start where `plain` does.
  void seal(BytesView nonce, BytesView aad, BytesView plain, MutableBytes out);
  // `out` holds sealed.size() - kGcmTagBytes bytes and may start where `sealed` does. Unauthentic: `out` is wiped.
  Result<void> open(BytesView nonce, BytesView aad, BytesView sealed, MutableBytes out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same for a key that seals once or seldom: each thread re-keys a context of its own. Thread-safe.
void gcm_seal(BytesView key32, BytesView nonce, BytesView aad, BytesView plain, MutableBytes out);
Result<void> gcm_open(BytesView key32, BytesView nonce, BytesView aad, BytesView sealed, MutableBytes out);

}  // namespace beffroi::crypto
