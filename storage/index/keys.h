// SPDX-License-Identifier: EUPL-1.2
// Keys of every table (docs/formats.md "Tables"). The tenant comes first in every key that belongs to one, so that export, move
// and shred of a collectivity are one prefix of each table. Integers are big-endian: order of bytes = order of numbers.
#pragma once

#include <cstdint>

#include "crypto/bytes.h"
#include "storage/ids.h"

namespace beffroi::storage::keys {

// meta: first byte
enum class Meta : std::uint8_t {
  Store = 0x01,         // "format" "flushed" "state"
  Collectivity = 0x02,  // T
  Siren = 0x03,         // siren(9)
  Slug = 0x04,          // slug
  BucketName = 0x05,    // T name
  Bucket = 0x06,        // T B
  User = 0x07,          // T user u32
  AccessKey = 0x08,     // access-key-id
  Job = 0x09,           // job u64
  Extent = 0x0A,        // extent u32
  Usage = 0x0B,         // T B (B = 0: the collectivity)
  UsageDay = 0x0C,      // T day u16
};

Bytes store_row(std::string_view name);  // "format", "flushed", "state"
Bytes collectivity(CollectivityId);
Bytes siren(std::string_view siren);
Bytes slug(std::string_view slug);
Bytes bucket_name(CollectivityId, std::string_view name);
Bytes bucket(CollectivityId, BucketId);
Bytes user(CollectivityId, UserId);
Bytes access_key(std::string_view id);
Bytes job(std::uint64_t);
Bytes extent(ExtentId);
Bytes usage(CollectivityId, BucketId);

Bytes current(CollectivityId, BucketId, BytesView key);  // T B key
Bytes bucket_prefix(CollectivityId, BucketId);           // T B: prefix of current, versions, uploads
Bytes escape(BytesView key);                             // 00 -> 00 FF, ended by 00 01; keeps the order
// The unescaped key at the front of `in`, and how many bytes it took; false when it is not one.
bool unescape(BytesView in, Bytes& key, std::size_t& taken);
Bytes version(CollectivityId, BucketId, BytesView key, Sequence);  // T B esc(key) ~S

inline constexpr std::uint16_t kHeaderPart = 0x0000;
inline constexpr std::uint16_t kCountPart = 0xFFFF;
Bytes blob(CollectivityId, BlobId,
           std::uint16_t part);  // T I part; kHeaderPart and kCountPart are the blob's own rows
Bytes blob_prefix(CollectivityId, BlobId);
Bytes inline_payload(CollectivityId, BlobId);  // T I
Bytes run(ExtentId, std::uint64_t offset);
Bytes upload(CollectivityId, BucketId, BytesView key, BytesView upload_id16);
Bytes upload_prefix(CollectivityId, BucketId, BytesView key);

Bytes audit_block(CollectivityId, std::uint64_t own_sequence_of_first);    // 01 T seq; T = 0: state leaves
Bytes audit_tile(CollectivityId, std::uint8_t level, std::uint64_t tile);  // 02 T level tile u40
Bytes audit_checkpoint(std::uint64_t tree_size);                           // 03 size
Bytes audit_frontier(CollectivityId);                                      // 04 T
Bytes gc(Sequence, std::uint32_t n);

// The smallest key above every key that starts with `prefix`; empty when there is none.
Bytes after_prefix(BytesView prefix);

}  // namespace beffroi::storage::keys
