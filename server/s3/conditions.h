// SPDX-License-Identifier: EUPL-1.2
// Conditional headers, read into storage::Conditions; the engine judges them (storage/engine/conditions.h).
// ETags lose their quotes, instants count by the second, a date that does not parse is ignored as RFC 9110
// asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/s3/request.h"
#include "storage/engine/conditions.h"

namespace beffroi::s3 {

std::string quoted(std::string_view etag);
std::string unquoted(std::string_view etag);  // quotes are optional on the way in, as clients send both

storage::Conditions read_conditions(HeaderSpan);         // If-Match, If-None-Match, If-(Un)Modified-Since
storage::Conditions copy_source_conditions(HeaderSpan);  // x-amz-copy-source-if-...

// A write accepts If-None-Match: * and If-Match of one ETag or `*`; other forms are 501 NotImplemented, both
// at once 400.
S3Result<storage::Conditions> write_conditions(HeaderSpan);
// If-Match, x-amz-if-match-size, x-amz-if-match-last-modified-time; a value that does not parse: 400
// InvalidArgument.
S3Result<storage::Conditions> delete_conditions(HeaderSpan);

// 412 with the header at fault in `Condition`.
S3Error precondition_failed(const storage::Conditions&);
S3Error copy_precondition_failed(const storage::Conditions&);

// Whether a Range is honoured under this If-Range: a strong ETag or a date, equal to the object's.
bool if_range_holds(std::string_view header, std::string_view etag, std::int64_t modified_ms);

}  // namespace beffroi::s3
