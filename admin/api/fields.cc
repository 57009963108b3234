// SPDX-License-Identifier: EUPL-1.2
#include "admin/api/fields.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace beffroi::admin {
namespace {
constexpr std::string_view kNumberRemedy = "give a whole number from 0 to 9223372036854775807";
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

std::string_view query_text(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    if (piece.size() > name.size() && piece.starts_with(name) && piece[name.size()] == '=')
      return piece.substr(name.size() + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

AdminResult<std::optional<std::uint64_t>> query_number(std::string_view query, std::string_view name) {
  const std::string_view text = query_text(query, name);
  if (text.empty()) return std::optional<std::uint64_t>();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) {
    return invalid_field(name, "it is not a number that can be used", kNumberRemedy);
  }
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(number));
}

}  // namespace beffroi::admin
