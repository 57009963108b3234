// SPDX-License-Identifier: EUPL-1.2
// The root key as it is handed over, and the sealed envelope of the keyring that it opens. The reader of the
// files is storage/tenant/keyring; here are bytes only.
//
//   root key  32 raw bytes, or 64 hex digits and perhaps one newline; readable by its owner only (mode <=
//   0400) keyring   "BFKR" | ver u8 | store uuid 16 | counter u64 le | nonce 24 | ciphertext | tag 16
//             XAES-256-GCM under the root key, AAD = all that precedes the ciphertext. An empty body: 69
//             bytes.
#pragma once

#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"

namespace beffroi::crypto {

inline constexpr BytesView kKeyringMagic = "BFKR";
inline constexpr std::uint8_t kKeyringVersion = 1;
inline constexpr std::size_t kStoreUuidBytes = 16;
inline constexpr std::size_t kKeyringHeaderBytes = 4 + 1 + kStoreUuidBytes + 8 + 24;
inline constexpr std::size_t kKeyringOverheadBytes = kKeyringHeaderBytes + 16;
static_assert(kKeyringOverheadBytes == 69);

// `mode` is the file's st_mode; its type bits are ignored. TooOpen, BadRootKey. The caller wipes `content`.
Result<RootKey> parse_root_key(BytesView content, unsigned mode);

struct OpenedKeyring {
  Bytes store_uuid;  // 16 bytes
  std::uint64_t counter = 0;
  SecretBytes body;
};

// A fresh nonce for each call. `counter` grows by one with each rewriting.
Bytes seal_keyring(const RootKey&, BytesView store_uuid16, std::uint64_t counter, BytesView body);
// BadFormat, NewerFormat, Unauthentic (another root key, or changed bytes).
Result<OpenedKeyring> open_keyring(const RootKey&, BytesView file);

}  // namespace beffroi::crypto
