// SPDX-License-Identifier: EUPL-1.2
// links: crypto pugixml
// sources: server/s3/cors.cc server/s3/xml_tree.cc server/s3/xml.cc server/s3/checksum.cc server/s3/conditions.cc server/s3/dates.cc
// sources: server/s3/headers.cc server/s3/percent.cc server/s3/request.cc server/s3/errors.cc server/s3/xml_writer.cc
// sources: server/http/request_head.cc server/http/errors.cc storage/engine/conditions.cc storage/engine/errors.cc
// CORS documents: what is accepted reads back the same once written again, and no answer's field can end its line.
#include <algorithm>
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/cors.h"

using namespace beffroi::s3;

namespace {

void check_fields(const CorsRules& rules, const CorsAsk& ask) {
  const auto fields = cors_fields(rules, ask);
  if (!fields) return;
  for (const auto& [name, value] : *fields) {
    CHECK(std::none_of(value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto rules = parse_cors(body)) {
    CHECK(!rules->empty() && rules->size() <= kCorsRulesMax);
    const auto again = parse_cors(cors_xml(*rules));
    CHECK(again && *again == *rules);
    check_fields(*rules, CorsAsk{"https://a.example", "GET", {}});
    check_fields(*rules, CorsAsk{"https://a.example", "PUT", {"x-amz-date", "content-type"}});
  }
  // As fields of a request, which hold no line ends.
  std::string text(body);
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  const beffroi::http::Field fields[] = {
      {"Origin", text}, {"Access-Control-Request-Method", "PUT"}, {"Access-Control-Request-Headers", text}};
  if (const auto ask = read_preflight(HeaderSpan(fields))) {
    check_fields({CorsRule{"", {"*"}, {"PUT"}, {"*a*"}, {}, 1}, CorsRule{"", {"*"}, {"PUT"}, {"*"}, {"etag"}, {}}}, *ask);
  }
  return 0;
}
