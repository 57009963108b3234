// SPDX-License-Identifier: EUPL-1.2
// links: crypto boost_json
// sources: admin/api/fields.cc admin/api/route.cc
// What an operator's tool sends: a route's method and path, a JSON body, a query; each up to the first newline of what is left.
#include "admin/api/fields.h"
#include "admin/api/route.h"
#include "crypto/check.h"

using namespace beffroi::admin;

namespace {

std::string_view take_line(std::string_view& in) {
  const std::size_t end = std::min(in.find('\n'), in.size());
  const std::string_view line = in.substr(0, end);
  in.remove_prefix(std::min(end + 1, in.size()));
  return line;
}

template <class T>
void has_words(const AdminResult<T>& result) {
  if (!result) CHECK(!result.error().message.empty() && !result.error().remedy.empty());
}

void fuzz_body(std::string_view text) {
  const auto body = parse_body(text, {"name", "quota_bytes"});
  has_words(body);
  if (!body) return;
  CHECK(body->size() <= 2);
  has_words(text_field(*body, "name"));
  const auto number = optional_number(*body, "quota_bytes");
  has_words(number);
  if (number && *number) CHECK(**number >> 63 == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view method = take_line(input);
  const std::string_view path = take_line(input);
  const auto routed = find_route(method, path);
  if (routed) CHECK(routed->route->method == method);
  else CHECK(!routed.error().message.empty());
  const std::string_view query = take_line(input);
  has_words(query_number(query, "from"));
  const auto date = query_date(query, "from");
  has_words(date);
  if (date && *date) CHECK(**date >= 0);
  CHECK(query_text(query, "slug").size() <= query.size());
  fuzz_body(input);
  return 0;
}
