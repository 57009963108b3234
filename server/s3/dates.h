// SPDX-License-Identifier: EUPL-1.2
// Dates on the wire. Instants are milliseconds since 1970 UTC; S3 shows whole seconds, so that listings, HEAD
// and conditions agree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beffroi::s3 {

// RFC 9110 HTTP-date: IMF-fixdate, RFC 850 and asctime forms; in ms.
std::optional<std::int64_t> parse_http_date(std::string_view);

// 20130524T000000Z (SigV4).
std::optional<std::int64_t> parse_basic_date(std::string_view);
std::string basic_date(std::int64_t ms);

// 2013-05-24T00:00:00.000Z; fractions and a missing one are accepted on the way in, only `Z` as zone.
std::optional<std::int64_t> parse_iso8601(std::string_view);
std::string iso8601(std::int64_t ms);

}  // namespace beffroi::s3
