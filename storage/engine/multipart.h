// SPDX-License-Identifier: EUPL-1.2
// What multipart's verbs take and give (docs/formats.md "Groups": Complete, Abort).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "storage/engine/blob.h"
#include "storage/engine/upload.h"
#include "storage/ids.h"

namespace beffroi::storage {

inline constexpr std::uint64_t kPartBytesMin = 5ull << 20;    // of every part but the last
inline constexpr std::uint64_t kObjectBytesMax = 5ull << 30;  // of one PUT, and of a part
inline constexpr std::uint16_t kPartNumberMax = 10'000;

struct NewUpload {
  ObjectFields fields;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::None;
  ChecksumType checksum_type = ChecksumType::FullObject;
};

// A part as Complete names it.
struct NamedPart {
  std::uint16_t number = 0;
  std::string etag;            // hex, without quotes
  std::optional<Bytes> checksum;  // raw; must equal the part's when given
};

struct CompleteRequest {
  std::vector<NamedPart> parts;
  std::optional<Checksum> checksum;   // of the whole, as the client expects it
  std::optional<std::uint64_t> size;  // x-amz-mp-object-size
};

struct PartPage {
  struct Entry {
    std::uint16_t number = 0;
    std::uint64_t size = 0;
    std::string etag;
    Checksum checksum;
    std::int64_t modified_ms = 0;
  };
  Upload upload;
  std::vector<Entry> parts;
  bool truncated = false;
};

struct UploadQuery {
  CollectivityId collectivity{0};
  BucketId bucket{0};
  Bytes prefix, delimiter;
  Bytes after_key;            // key-marker
  Bytes after_upload;         // upload-id-marker, 16 raw bytes; empty: all uploads of after_key are skipped
  std::size_t max = 1000;
};

struct UploadPage {
  struct Entry {
    Bytes key;
    Bytes upload_id;
    Upload upload;
  };
  std::vector<Entry> uploads;
  std::vector<Bytes> prefixes;
  bool truncated = false;
  Bytes last_key, last_upload;
};

}  // namespace beffroi::storage
