// SPDX-License-Identifier: EUPL-1.2
// The body of the keyring file, as it stands inside its seal (layout in keyring.h). Pure bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "crypto/secret.h"
#include "storage/ids.h"

namespace beffroi::storage {

// Numbers are on disk; each scope has its own.
enum class CollectivityKeyKind : std::uint8_t { Data = 1, Audit = 2 };
enum class StoreKeyKind : std::uint8_t { Index = 1, Log, Id, System, Digest, CheckpointSeed };
inline constexpr std::uint8_t kCollectivityKeyKinds = 2;
inline constexpr std::uint8_t kStoreKeyKinds = 6;

inline constexpr std::uint8_t kKeyStateCurrent = 1;
inline constexpr std::uint16_t kFirstKeyGeneration = 1;
inline constexpr std::size_t kKeyringRecordBytes = 4 + 1 + 2 + 1 + crypto::kKeyBytes;
static_assert(kKeyringRecordBytes == 40);

struct KeyringRecord {
  CollectivityId collectivity{};
  std::uint8_t kind = 0;
  std::uint16_t generation = 0;
  BytesView key;  // into the body
};

void append_keyring_record(Bytes& out, const KeyringRecord&);
// All records, in their order. KeyringCorrupt: a part of a record, disorder, a key twice, or not one key of each kind for each
// collectivity and for the store. NewerFormat: an unknown kind or state.
Result<std::vector<KeyringRecord>> decode_keyring_body(BytesView body);

}  // namespace beffroi::storage
