// SPDX-License-Identifier: EUPL-1.2
// Bytes of the audit log (docs/formats.md "Audit"). Integers are little-endian; keys are built by
// storage/index/keys.h.
//
//   leaf header    ver u8 | T u32 | own seq u64 | unix ms u64 21 bytes mac            HMAC-SHA-256(salt 16,
//   body)               leaf = SHA-256(0x00 | header | mac): no name can be guessed from it block ver u8 |
//   codec u8 | count u32 | count x { ms u64, mac 32 } | sealed(payload)            key 01 T first-seq
//                  payload = count x { salt 16, length varint, body }, compressed when codec says so;
//                  the seal is T's audit key's, over (table, key). A purge drops salt and body and keeps the
//                  rest: codec purged, nothing after the kept part.
//   state leaf     ver u8 | T u32 | own size u64 | own root 32 | previous u64 | rows u64 | digest 32 | S u64
//   | epoch u64
//                  109 bytes; leaf = SHA-256(0x00 | these); previous = index of T's state leaf before, all
//                  ones when none
//   state leaves   n x state leaf, in clear                                                          key 01
//   00000000 first-index frontier       ver u8 | own size u64 | last state leaf's index u64 (all ones: none)
//   | one 32-byte node a set bit of size  key 04 T tile           256 hashes of 32 bytes, no version byte
//   (C2SP tlog-tiles); level L, number N: the hashes of the perfect
//                  subtrees of 256^L leaves from N x 256 on; written when full                      key 02 T
//                  level tile
//
// Own sequences and state leaf indexes start at 0: a record's sequence is its leaf's index.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/merkle.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

inline constexpr std::uint8_t kAuditVersion = 1;
inline constexpr std::size_t kAuditLeafHeaderBytes = 1 + 4 + 8 + 8;
inline constexpr std::size_t kAuditSaltBytes = 16;
inline constexpr std::size_t kAuditMacBytes = 32;
inline constexpr std::size_t kAuditKeptBytes = 8 + kAuditMacBytes;
inline constexpr std::size_t kAuditBlockHeaderBytes = 1 + 1 + 4;
inline constexpr std::size_t kStateLeafBytes = 1 + 4 + 8 + 32 + 8 + 8 + 32 + 8 + 8;
inline constexpr std::size_t kAuditFrontierHeaderBytes = 1 + 8 + 8;
inline constexpr std::size_t kAuditTileHashes = 256;
inline constexpr std::size_t kAuditTileBytes = kAuditTileHashes * sizeof(crypto::Hash);
inline constexpr std::uint64_t kNoStateLeaf = ~std::uint64_t{0};
// A payload is compressed from here on: below, zstd's own header and the call cost more than they save.
inline constexpr std::size_t kAuditCompressBytesMin = 1'024;
// Longest payload a reader unpacks: a log frame holds 16 MiB, so no honest block is longer.
inline constexpr std::size_t kAuditPayloadBytesMax = 16u << 20;
static_assert(kAuditLeafHeaderBytes == 21 && kStateLeafBytes == 109 && kAuditTileBytes == 8'192);

enum class AuditCodec : std::uint8_t { Raw = 0, Zstd = 1, Purged = 2 };

// The leaf hash of a record, from what a purge keeps.
crypto::Hash audit_leaf_hash(CollectivityId, std::uint64_t sequence, std::uint64_t ms, BytesView mac32);

// A block's value, split but not opened. Views into the value.
struct AuditBlock {
  AuditCodec codec = AuditCodec::Raw;
  std::uint32_t count = 0;
  BytesView kept;    // count x { ms, mac }
  BytesView sealed;  // empty when purged
  std::uint64_t ms(std::uint32_t i) const {
    return load_le<std::uint64_t>(kept.data() + i * kAuditKeptBytes);
  }
  BytesView mac(std::uint32_t i) const { return kept.substr(i * kAuditKeptBytes + 8, kAuditMacBytes); }
};
Bytes encode_audit_block_head(AuditCodec, std::uint32_t count,
                              BytesView kept);           // to be followed by the sealed payload
Result<AuditBlock> decode_audit_block(BytesView value);  // BadFormat, NewerFormat

// The entries of an opened, uncompressed payload: exactly `count`, and nothing behind. BadFormat.
struct AuditPayloadEntry {
  BytesView salt;
  BytesView body;
};
void append_audit_payload(Bytes& payload, BytesView salt16, BytesView body);
Result<std::vector<AuditPayloadEntry>> split_audit_payload(BytesView payload, std::uint32_t count);

struct StateLeaf {
  CollectivityId collectivity{};
  std::uint64_t size = 0;  // of the collectivity's own tree
  crypto::Hash root{};
  std::uint64_t previous = kNoStateLeaf;
  std::uint64_t rows = 0;  // sealed rows of the collectivity
  crypto::Hash digest{};   // keyed digest of them
  Sequence sequence{0};
  std::uint64_t epoch = 0;
  bool operator==(const StateLeaf&) const = default;
};
Bytes encode(const StateLeaf&);
Result<StateLeaf> decode_state_leaf(BytesView bytes109);                  // BadFormat, NewerFormat
Result<std::vector<StateLeaf>> decode_state_leaves(BytesView row_value);  // at least one

struct AuditFrontier {
  crypto::Frontier frontier;
  std::uint64_t last_state_leaf = kNoStateLeaf;
};
Bytes encode(const AuditFrontier&);
Result<AuditFrontier> decode_audit_frontier(BytesView);  // BadFormat, NewerFormat

}  // namespace beffroi::storage
