// SPDX-License-Identifier: EUPL-1.2
// What one version of an object is: the row of `current` and of `versions` (docs/formats.md "Tables"). The codec is canonical:
// what decodes re-encodes to the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"
#include "storage/engine/acl.h"
#include "storage/ids.h"

namespace beffroi::storage {

// S3's checksum algorithms; numbers are on disk.
enum class ChecksumAlgorithm : std::uint8_t {
  None = 0,
  Crc32 = 1,
  Crc32c = 2,
  Crc64Nvme = 3,
  Sha1 = 4,
  Sha256 = 5,
  Sha512 = 6,
  Md5 = 7,
  XxHash64 = 8,
  XxHash3 = 9,
  XxHash128 = 10,
};
inline constexpr auto kLastChecksumAlgorithm = ChecksumAlgorithm::XxHash128;
// Of the whole object, or of its parts' checksums.
enum class ChecksumType : std::uint8_t { FullObject = 0, Composite = 1 };

struct Checksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::None;
  ChecksumType type = ChecksumType::FullObject;
  Bytes value;  // raw, big-endian for the CRCs, as S3's base64 shows it

  friend bool operator==(const Checksum&, const Checksum&) = default;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What a client says about an object and gets back with it.
struct ObjectHeaders {
  std::string content_type, content_encoding, content_disposition, content_language, cache_control, expires;
  std::string website_redirect;                               // x-amz-website-redirect-location
  Pairs metadata;  // x-amz-meta-*, names lower-case without that prefix

  friend bool operator==(const ObjectHeaders&, const ObjectHeaders&) = default;
};

inline constexpr std::size_t kVersionIdChars = 26;  // base32; or `null`

using Tags = Pairs;  // names unique

// Numbers are on disk.
enum class LockMode : std::uint8_t { None = 0, Governance = 1, Compliance = 2 };

// A version that may not be deleted until it is let go; None: nobody ever said.
enum class LegalHold : std::uint8_t { None = 0, On = 1, Off = 2 };

// A version that may not be deleted before its time (S3 Object Lock).
struct Retention {
  LockMode mode = LockMode::None;
  std::int64_t until_ms = 0;  // 0 with None only

  bool holds(std::int64_t now_ms) const { return mode != LockMode::None && now_ms < until_ms; }
  friend bool operator==(const Retention&, const Retention&) = default;
};

// What a writer says of an object.
struct ObjectFields {
  std::string owner;         // canonical user id
  ObjectHeaders headers;
  Tags tags;
  std::optional<Acl> acl;    // none: private
  Retention retention;
  LegalHold legal_hold = LegalHold::None;
  Bytes customer_check;      // of the customer's key that reads it (crypto/customer_cipher.h); empty: none does
};

struct Object : ObjectFields {
  std::string version_id;
  Sequence sequence{0};
  bool null_version = true;    // written while the bucket was not versioned, or its versioning suspended
  bool delete_marker = false;  // of `versions` only
  Sequence null_sequence{0};   // of the latest version: the older version of its key that is `null`; 0 when there is none
  std::uint64_t size = 0;
  std::string etag;          // hex, "-N" for multipart, without quotes
  Checksum checksum;
  std::int64_t modified_ms = 0;
  BlobId blob{0};
  std::optional<crypto::ObjectKey> inline_key;  // present: the payload is in `inline` under `blob`; else `blobs` has a header

  bool is_inline() const { return inline_key.has_value(); }
};

Bytes encode(const Object&);
Result<Object> decode_object(BytesView);

// Names and values, as tags and user metadata stand in rows. Decoding: false for what is none, and for no pair at all.
Bytes encode_pairs(const Pairs&);
bool decode_pairs(BytesView, Pairs&);

// Fields and headers alone, as an upload under way keeps them.
Bytes encode(const ObjectFields&);
Result<ObjectFields> decode_object_fields(BytesView);
Bytes encode(const ObjectHeaders&);
Result<ObjectHeaders> decode_object_headers(BytesView);

}  // namespace beffroi::storage
