// SPDX-License-Identifier: EUPL-1.2
// Range of a GET or HEAD, and x-amz-copy-source-range. A Range that is malformed, in another unit, or of
// several ranges is ignored; one that is well-formed and cannot be met is 416.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/s3/errors.h"

namespace beffroi::s3 {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;  // never 0
  bool operator==(const ByteRange&) const = default;
};

// `bytes=a-b`, `bytes=a-` (no last), `bytes=-n` (no first).
struct RangeSpec {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;  // without first: the length of the suffix
};

// Nothing: to be ignored.
std::optional<RangeSpec> parse_range(std::string_view header);

// The bytes that it means in an object of `size`; 416 InvalidRange (with ActualObjectSize and RangeRequested)
// past the end, for `-0`, and for any range of an empty object.
S3Result<ByteRange> resolve_range(const RangeSpec&, std::uint64_t size);

std::string content_range(const ByteRange&, std::uint64_t size);  // "bytes 0-9/100"

// `bytes=a-b` only, both given and b within the source; else 400 InvalidArgument.
S3Result<ByteRange> parse_copy_range(std::string_view header, std::uint64_t source_size);

}  // namespace beffroi::s3
