// SPDX-License-Identifier: EUPL-1.2
// An access key: what a client signs with. Its secret is shown once, when it is made, and then stored only
// sealed under its collectivity's key. The row (table `meta`, key 08 access-key-id) is `T u32 le | sealed
// record`: T in clear says which key opens the rest. Move-only, because of the secret.
//
//   record: 1 user u32 | 2 secret 40 | 3 generation u32 | 4 revoked u8 | 5 buckets, n x { length varint,
//   bytes } | 6 prefix
//           7 read_only u8 | 8 networks, n x { address 16, prefix bits u8 } | 9 expires ms i64 | 10 created
//           ms i64
//
// A change of anything raises `generation`, so that a cache which was filled before cannot be taken for
// current.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "crypto/secret.h"
#include "storage/ids.h"
#include "storage/tenant/network.h"

namespace beffroi::storage {

// What a key may do less than its user. Empty lists and a zero expiry narrow nothing.
struct Narrowing {
  std::vector<std::string> buckets;  // by name, in the key's own collectivity
  std::string prefix;                // object keys must start with it
  bool read_only = false;
  std::vector<Network> networks;  // the client's address must be in one
  std::int64_t expires_ms = 0;    // refused from then on
  bool operator==(const Narrowing&) const = default;
};

struct AccessKey {
  std::string id;
  CollectivityId collectivity{};
  UserId user{};
  crypto::SecretBytes secret;
  std::uint32_t generation = 1;
  bool revoked = false;
  Narrowing narrowing;
  std::int64_t created_ms = 0;
  AccessKey clone() const;
};

inline constexpr std::size_t kAccessKeyIdCharacters = 20;  // "BF" + 18 of base 32: 90 random bits
inline constexpr std::size_t kSecretCharacters =
    40;  // of A-Z a-z 0-9: 238 random bits; no '/' or '+', which some clients escape wrongly
inline constexpr std::size_t kNarrowedBucketsMax = 64;
inline constexpr std::size_t kNarrowedNetworksMax = 64;
inline constexpr std::size_t kNarrowedPrefixBytesMax = 1'024;  // as long as an object key

bool valid_access_key_id(std::string_view);
std::string new_access_key_id();
crypto::SecretBytes new_secret();

// The record to seal. It holds the secret in clear: wipe() it once sealed.
Bytes encode(const AccessKey&);
// BadFormat, NewerFormat. The caller wipes `record`.
Result<AccessKey> decode_access_key(BytesView record, std::string_view id, CollectivityId);

// The row around the sealed record.
Bytes join_access_key_row(CollectivityId, BytesView sealed);
struct AccessKeyRow {
  CollectivityId collectivity{};
  BytesView sealed;  // into the row
};
Result<AccessKeyRow> split_access_key_row(BytesView row);  // BadFormat

}  // namespace beffroi::storage
