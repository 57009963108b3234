// SPDX-License-Identifier: EUPL-1.2
// A multipart upload: row of `uploads`. While it is under way the row holds what Create was told; Complete replaces it by its
// outcome, kept kOutcomeKeptMs so that the same Complete again gives the same answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/engine/object.h"
#include "storage/ids.h"

namespace beffroi::storage {

inline constexpr std::size_t kUploadIdBytes = 16;  // random; base32 on the wire
inline constexpr std::int64_t kOutcomeKeptMs = 24 * 3600 * 1000ll;

struct UploadOutcome {
  Bytes parts_digest;  // SHA-256 of the list that Complete gave
  std::string version_id;
  std::string etag;
  Checksum checksum;
  std::int64_t completed_ms = 0;
  bool versioned = false;     // of the answer: change.h
  bool null_version = false;
};

struct Upload {
  BlobId blob{0};
  std::int64_t started_ms = 0;
  ObjectFields fields;  // of the object to be
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::None;
  ChecksumType checksum_type = ChecksumType::FullObject;
  std::optional<UploadOutcome> outcome;
};

Bytes encode(const Upload&);
Result<Upload> decode_upload(BytesView);

}  // namespace beffroi::storage
