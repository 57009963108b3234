// SPDX-License-Identifier: EUPL-1.2
// Header fields of S3 requests: look-up, the headers that are stored with an object, user metadata, and the
// refusal of headers that ask for what is not there. Ranges are in range.h, dates in dates.h, conditions in
// conditions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/s3/request.h"
#include "storage/engine/object.h"

namespace beffroi::s3 {

inline constexpr std::size_t kUserMetadataBytesMax = 2048;

bool has_prefix_of_name(std::string_view name, std::string_view prefix);  // in any case
std::string lower_case(std::string_view);
std::string_view trim(std::string_view);  // spaces and tabs at both ends

// The first field of that name (any case).
std::optional<std::string_view> find_header(HeaderSpan, std::string_view name);
bool has_header(HeaderSpan, std::string_view name);

// A plain decimal number of at most 19 digits that fits; nothing else around it.
std::optional<std::uint64_t> parse_decimal(std::string_view);

// What is stored with an object and returned with it: Cache-Control, Content-Disposition, -Encoding (without
// `aws-chunked`), -Language, -Type, Expires and x-amz-website-redirect-location as given, and x-amz-meta-* (names lower-cased and without the
// prefix, sorted; values raw bytes, repeated fields joined by `,`). More than 2 KiB of metadata names and
// values: 400 MetadataTooLarge.
S3Result<storage::ObjectHeaders> object_headers(HeaderSpan);

// x-amz-website-redirect-location: a path on the same site or an address of another, of 2 KiB at most. 400 InvalidRedirectLocation.
S3Result<void> check_redirect_location(std::string_view);

// response-cache-control ... of a GET or HEAD over the stored ones. A control character in one: 400
// InvalidArgument.
S3Result<storage::ObjectHeaders> with_response_overrides(storage::ObjectHeaders stored, const Query&);

// x-amz-metadata-directive and x-amz-tagging-directive of a copy: COPY unless REPLACE; anything else: 400 InvalidArgument.
S3Result<bool> metadata_replaced(HeaderSpan);
S3Result<bool> tagging_replaced(HeaderSpan);

// Headers of a read that belong to writes, as S3 sees them: 400 InvalidArgument.
S3Result<void> check_read_headers(HeaderSpan);

// Headers of a write that ask for what is not there: storage classes other than STANDARD, encryption other than AES256, tags, locks; a
// website redirect to nowhere. Never
// ignored in silence.
enum class Writes { Bucket, Object };  // an object may have a customer's key
S3Result<void> check_write_headers(HeaderSpan, Writes);

}  // namespace beffroi::s3
