// SPDX-License-Identifier: EUPL-1.2
// Conditions of RFC 9110 §13 and S3's own, on one object. Pure. A write's are checked by the committer against the committed row,
// so they cannot race; a read's against the row that is about to be served.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/result.h"
#include "storage/engine/object.h"

namespace beffroi::storage {

// Entity tags without quotes; `any` is "*".
struct EtagList {
  bool any = false;
  std::vector<std::string> tags;

  bool matches(const std::string& etag) const;
};

struct Conditions {
  std::optional<EtagList> if_match;
  std::optional<EtagList> if_none_match;
  std::optional<std::int64_t> if_modified_since_s;    // seconds since 1970
  std::optional<std::int64_t> if_unmodified_since_s;
  std::optional<std::uint64_t> if_match_size;         // x-amz-if-match-size
  std::optional<std::int64_t> if_match_modified_s;    // x-amz-if-match-last-modified-time

  bool empty() const;
};

// `current` is nullptr when there is no such object. NoSuchKey (If-Match on nothing), PreconditionFailed.
Result<void> check_write(const Conditions&, const Object* current);
// PreconditionFailed, NotModified. If-Match outranks If-Unmodified-Since, If-None-Match outranks If-Modified-Since.
Result<void> check_read(const Conditions&, const Object& current);
// As check_read, but what would be NotModified is PreconditionFailed: x-amz-copy-source-if-*.
Result<void> check_copy_source(const Conditions&, const Object& current);

}  // namespace beffroi::storage
