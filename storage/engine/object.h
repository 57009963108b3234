// SPDX-License-Identifier: EUPL-1.2
// What one version of an object is: the row of `current` (docs/formats.md "Tables"). The codec is canonical: what decodes
// re-encodes to the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

// S3's checksum algorithms; numbers are on disk.
enum class ChecksumAlgorithm : std::uint8_t { None = 0, Crc32 = 1, Crc32c = 2, Crc64Nvme = 3, Sha1 = 4, Sha256 = 5 };
// Of the whole object, or of its parts' checksums.
enum class ChecksumType : std::uint8_t { FullObject = 0, Composite = 1 };

struct Checksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::None;
  ChecksumType type = ChecksumType::FullObject;
  Bytes value;  // raw, big-endian for the CRCs, as S3's base64 shows it

  friend bool operator==(const Checksum&, const Checksum&) = default;
};

// What a client says about an object and gets back with it.
struct ObjectHeaders {
  std::string content_type, content_encoding, content_disposition, content_language, cache_control, expires;
  std::vector<std::pair<std::string, std::string>> metadata;  // x-amz-meta-*, names lower-case without that prefix

  friend bool operator==(const ObjectHeaders&, const ObjectHeaders&) = default;
};

struct Object {
  std::string version_id;
  Sequence sequence{0};
  bool null_version = true;  // written while the bucket was not versioned
  std::uint64_t size = 0;
  std::string etag;          // hex, "-N" for multipart, without quotes
  Checksum checksum;
  std::int64_t modified_ms = 0;
  std::string owner;         // canonical user id
  ObjectHeaders headers;
  BlobId blob{0};
  std::optional<crypto::ObjectKey> inline_key;  // present: the payload is in `inline` under `blob`; else `blobs` has a header

  bool is_inline() const { return inline_key.has_value(); }
};

Bytes encode(const Object&);
Result<Object> decode_object(BytesView);

// Headers alone, as an upload under way keeps them.
Bytes encode(const ObjectHeaders&);
Result<ObjectHeaders> decode_object_headers(BytesView);

}  // namespace beffroi::storage
