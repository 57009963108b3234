// SPDX-License-Identifier: EUPL-1.2
// XML bodies of requests, with or without S3's namespace. Unknown elements are skipped. Refused as 400
// MalformedXML: what is not well-formed UTF-8 XML, a document type (so there are no entities but XML's five),
// a NUL, more than 16 levels, a missing or repeated element that must be there once. This is the only place
// that knows pugixml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/checksum.h"
#include "server/s3/errors.h"
#include "storage/engine/bucket.h"

namespace beffroi::s3 {

inline constexpr std::size_t kDeleteObjectsMax = 1000;
inline constexpr std::uint16_t kPartNumberMax = 10'000;

struct ObjectToDelete {
  std::string key;
  std::optional<std::string> version_id;
  std::optional<std::string> etag;  // without quotes
  std::optional<std::uint64_t> size;
  std::optional<std::int64_t> modified_ms;
};
struct DeleteRequest {
  bool quiet = false;
  std::vector<ObjectToDelete> objects;  // 1 to 1 000
};
S3Result<DeleteRequest> parse_delete(std::string_view body);

struct PartToComplete {
  std::uint16_t number = 0;
  std::string etag;            // without quotes
  storage::Checksum checksum;  // algorithm None: not given
};
struct CompleteRequest {
  std::vector<PartToComplete> parts;  // 1 to 10 000, ascending; else 400 InvalidPartOrder
};
S3Result<CompleteRequest> parse_complete(std::string_view body);

// VersioningConfiguration. MfaDelete other than Disabled: 501.
S3Result<storage::Versioning> parse_versioning(std::string_view body);

// The LocationConstraint; empty for an empty body or none.
S3Result<std::string> parse_create_bucket(std::string_view body);

}  // namespace beffroi::s3
