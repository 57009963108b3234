// SPDX-License-Identifier: EUPL-1.2
#include "admin/api/fields.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>

namespace beffroi::admin {
namespace {
constexpr std::string_view kNumberRemedy = "give a whole number from 0 to 9223372036854775807";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
}  // namespace

AdminError invalid_field(std::string_view field, std::string_view message, std::string_view remedy) {
  return {Code::InvalidField, std::string(field), std::string(message), std::string(remedy)};
}

AdminResult<boost::json::object> parse_body(std::string_view body,
                                            std::initializer_list<std::string_view> allowed) {
  if (body.empty()) return boost::json::object();
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(body, error);
  if (error || !value.is_object())
    return AdminError{Code::InvalidBody, "", "the body is not a JSON object", "send one"};
  for (const auto& member : value.get_object()) {
    if (std::find(allowed.begin(), allowed.end(), std::string_view(member.key())) == allowed.end()) {
      return invalid_field(member.key(), "there is no such field", "leave it out");
    }
  }
  return std::move(value.get_object());
}

AdminResult<std::optional<std::string>> optional_text(const boost::json::object& body,
                                                      std::string_view name) {
  const boost::json::value* value = body.if_contains(name);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return invalid_field(name, "it is not a text", "give a text");
  return std::optional<std::string>(std::string_view(value->get_string()));
}

AdminResult<std::string> text_field(const boost::json::object& body, std::string_view name) {
  auto value = optional_text(body, name);
  if (!value) return value.error();
  if (!value->has_value()) return invalid_field(name, "it is missing", "give it");
  return std::move(**value);
}

AdminResult<std::optional<std::uint64_t>> optional_number(const boost::json::object& body,
                                                          std::string_view name) {
  const boost::json::value* value = body.if_contains(name);
  if (value == nullptr) return std::optional<std::uint64_t>();
  if (!value->is_int64() || value->get_int64() < 0)
    return invalid_field(name, "it is not a number that can be used", kNumberRemedy);
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(value->get_int64()));
}

std::vector<std::string_view> query_texts(std::string_view query, std::string_view name) {
  std::vector<std::string_view> found;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    if (piece.size() > name.size() && piece.starts_with(name) && piece[name.size()] == '=')
      found.push_back(piece.substr(name.size() + 1));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return found;
}

std::string_view query_text(std::string_view query, std::string_view name) {
  const auto found = query_texts(query, name);
  return found.empty() ? std::string_view() : found.front();
}

AdminResult<std::uint64_t> parse_number(std::string_view name, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) {
    return invalid_field(name, "it is not a number that can be used", kNumberRemedy);
  }
  return static_cast<std::uint64_t>(number);
}

AdminResult<std::optional<std::uint64_t>> query_number(std::string_view query, std::string_view name) {
  const std::string_view text = query_text(query, name);
  if (text.empty()) return std::optional<std::uint64_t>();
  const auto number = parse_number(name, text);
  if (!number) return number.error();
  return std::optional<std::uint64_t>(*number);
}

AdminResult<std::optional<std::int64_t>> query_date(std::string_view query, std::string_view name) {
  using namespace std::chrono;
  const std::string_view text = query_text(query, name);
  if (std::all_of(text.begin(), text.end(), is_digit)) return std::optional<std::int64_t>();
  const AdminError wrong = invalid_field(name, "it is neither a number nor a date", "give a record's number, 2026-11-24 or 2026-11-24T08:20:00Z");
  static constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  static constexpr std::size_t kDateBytes = 10;
  if (text.size() != kForm.size() && text.size() != kDateBytes) return wrong;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == 'd' ? !is_digit(text[i]) : text[i] != kForm[i]) return wrong;
  }
  const auto digits = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count && i < text.size(); ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const year_month_day date(year(digits(0, 4)), month(static_cast<unsigned>(digits(5, 2))), day(static_cast<unsigned>(digits(8, 2))));
  const int h = digits(11, 2), m = digits(14, 2), s = digits(17, 2);
  if (!date.ok() || digits(0, 4) < 1970 || h > 23 || m > 59 || s > 59) return wrong;
  const sys_time<milliseconds> instant = sys_days(date) + hours(h) + minutes(m) + seconds(s);
  return std::optional<std::int64_t>(instant.time_since_epoch().count());
}

}  // namespace beffroi::admin
