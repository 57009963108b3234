// SPDX-License-Identifier: EUPL-1.2
// Sealed rows: XAES-256-GCM (C2SP xaes-256-gcm), one seal a row.
//
//   ver u8 | key generation u16 le | nonce 24 | ciphertext | tag 16          AAD = label | table number u8 | full row key
//
// A row moved to another key or table does not open. Thread-safe: a RowSealer holds the key schedule, once per key.
#pragma once

#include <memory>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"

namespace beffroi::crypto {

inline constexpr std::uint8_t kSealedRowVersion = 1;
inline constexpr std::size_t kSealedRowHeaderBytes = 1 + 2;
inline constexpr std::size_t kXaesNonceBytes = 24;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kSealedRowOverheadBytes = kSealedRowHeaderBytes + kXaesNonceBytes + kTagBytes;
static_assert(kSealedRowOverheadBytes == 43);

// Where a row stands; bound as associated data.
struct RowPlace {
  std::uint8_t table;
  BytesView key;
};

class RowSealer {
 public:
  RowSealer(const RowKey&, std::uint16_t generation);
  ~RowSealer();
  RowSealer(RowSealer&&) noexcept;
  std::uint16_t generation() const;
  Bytes seal(RowPlace, BytesView plaintext) const;
  // Unauthentic, BadFormat, NewerFormat, UnknownKey (another generation).
  Result<Bytes> open(RowPlace, BytesView sealed) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// nonce | tag of a sealed row: what the keyed digest covers. BadFormat when too short.
Result<Bytes> seal_fingerprint(BytesView sealed);

// XAES-256-GCM itself, for the keyring and the vectors. `nonce` is 24 bytes; out = ciphertext | tag.
Bytes xaes_seal(BytesView key32, BytesView nonce24, BytesView plaintext, BytesView aad);
Result<Bytes> xaes_open(BytesView key32, BytesView nonce24, BytesView ciphertext_and_tag, BytesView aad);

}  // namespace beffroi::crypto
