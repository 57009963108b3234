// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/range.h"

#include <algorithm>

#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {
constexpr std::string_view kUnit = "bytes=";
}  // namespace

std::optional<RangeSpec> parse_range(std::string_view header) {
  if (!has_prefix_of_name(header, kUnit)) return std::nullopt;
  const std::string_view set = header.substr(kUnit.size());
  const std::size_t dash = set.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view left = trim(set.substr(0, dash));
  const std::string_view right = trim(set.substr(dash + 1));
  if (left.empty() && right.empty()) return std::nullopt;
  RangeSpec spec;
  if (!left.empty()) {
    spec.first = parse_decimal(left);
    if (!spec.first) return std::nullopt;
  }
  if (!right.empty()) {
    spec.last = parse_decimal(right);
    if (!spec.last) return std::nullopt;
  }
  if (spec.first && spec.last && *spec.last < *spec.first) return std::nullopt;
  return spec;
}

S3Result<ByteRange> resolve_range(const RangeSpec& spec, std::uint64_t size) {
  const bool suffix = !spec.first;
  const bool beyond = suffix ? *spec.last == 0 || size == 0 : *spec.first >= size;
  if (beyond) {
    std::string asked = std::string(kUnit) + (suffix ? "" : std::to_string(*spec.first)) + "-" +
                        (spec.last ? std::to_string(*spec.last) : "");
    return S3Error(Code::InvalidRange)
        .with("RangeRequested", std::move(asked))
        .with("ActualObjectSize", std::to_string(size));
  }
  if (suffix) {
    const std::uint64_t length = std::min(*spec.last, size);
    return ByteRange{size - length, length};
  }
  const std::uint64_t last = std::min(spec.last.value_or(size - 1), size - 1);
  return ByteRange{*spec.first, last - *spec.first + 1};
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.length - 1) + "/" +
         std::to_string(size);
}

S3Result<ByteRange> parse_copy_range(std::string_view header, std::uint64_t source_size) {
  const std::optional<RangeSpec> spec = parse_range(header);
  if (!spec || !spec->first || !spec->last) {
    return S3Error(
               Code::InvalidArgument,
               "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
               "are the zero-based offsets of the first and last bytes to copy")
        .with("ArgumentName", "x-amz-copy-source-range")
        .with("ArgumentValue", std::string(header));
  }
  if (*spec->last >= source_size) {
    return S3Error(Code::InvalidRange,
                   "Range specified is not valid for source object of size: " + std::to_string(source_size))
        .with("ArgumentName", "x-amz-copy-source-range")
        .with("ArgumentValue", std::string(header));
  }
  return ByteRange{*spec->first, *spec->last - *spec->first + 1};
}

}  // namespace beffroi::s3
