// SPDX-License-Identifier: EUPL-1.2
// CORS of a bucket: the rules of a CORSConfiguration, and what they let a browser do. Pure. Methods and origins are compared as they
// stand, header names in any case; an allowed origin or header may hold one `*`, which stands for any text.
//
// LIMIT: the rules are kept as their document and read again for each request that carries an Origin (at most 64 KiB, 100 rules).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/s3/errors.h"
#include "server/s3/request.h"

namespace beffroi::s3 {

inline constexpr std::size_t kCorsRulesMax = 100;
inline constexpr std::size_t kCorsIdBytesMax = 255;

struct CorsRule {
  std::string id;
  std::vector<std::string> allowed_headers;
  std::vector<std::string> allowed_methods;  // GET PUT HEAD POST DELETE
  std::vector<std::string> allowed_origins;
  std::vector<std::string> expose_headers;
  std::optional<std::uint32_t> max_age_seconds;

  bool operator==(const CorsRule&) const = default;
};
using CorsRules = std::vector<CorsRule>;  // 1 to 100

// 400 MalformedXML, or InvalidRequest naming what S3 does not allow in a rule.
S3Result<CorsRules> parse_cors(std::string_view body);
std::string cors_xml(const CorsRules&);

// What a browser asks leave for, in a preflight or by sending.
struct CorsAsk {
  std::string_view origin;
  std::string_view method;
  std::vector<std::string> headers;  // lower-case; of a preflight only
};

// Fields of an answer.
using HeaderLines = std::vector<std::pair<std::string_view, std::string>>;

// The Access-Control-* fields of the first rule that allows it; nothing when none does.
std::optional<HeaderLines> cors_fields(const CorsRules&, const CorsAsk&);

// What a preflight says in its headers. 400 BadRequest without an origin or with a method that CORS does not know.
S3Result<CorsAsk> read_preflight(HeaderSpan);
// Of any other request: by its own method, unless Access-Control-Request-Method names one. Nothing without an Origin.
std::optional<CorsAsk> read_cors_request(const RequestView&);

// 403 AccessForbidden. `enabled`: the bucket has rules, and none fits. What is no bucket is answered as one without rules.
S3Error cors_refusal(bool enabled, std::string_view method);

// Caches must tell origins apart: on every answer of a bucket that has rules.
inline constexpr std::string_view kCorsVary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

}  // namespace beffroi::s3
