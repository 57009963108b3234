// SPDX-License-Identifier: EUPL-1.2
// The inputs of a verb, out of its body or its query: typed, bounded, and refused by the name of the field. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api/errors.h"

namespace beffroi::admin {

AdminError invalid_field(std::string_view field, std::string_view message, std::string_view remedy);

// An empty body is an empty object. InvalidBody; InvalidField for a field that is not in `allowed`.
AdminResult<boost::json::object> parse_body(std::string_view body,
                                            std::initializer_list<std::string_view> allowed);

AdminResult<std::string> text_field(const boost::json::object&, std::string_view name);  // must be there
AdminResult<std::optional<std::string>> optional_text(const boost::json::object&, std::string_view name);
AdminResult<std::optional<std::uint64_t>> optional_number(const boost::json::object&,
                                                          std::string_view name);  // below 2^63

// `name=digits` in a raw query.
AdminResult<std::optional<std::uint64_t>> query_number(std::string_view query, std::string_view name);
// A date or an instant in a raw query, in ms since 1970: 2026-11-24 or 2026-11-24T08:20:00Z. Nothing when the value is absent or all
// digits.
AdminResult<std::optional<std::int64_t>> query_date(std::string_view query, std::string_view name);
// `name=value` in a raw query, undecoded; empty when absent.
std::string_view query_text(std::string_view query, std::string_view name);
// Every `name=value`, in order.
std::vector<std::string_view> query_texts(std::string_view query, std::string_view name);
AdminResult<std::uint64_t> parse_number(std::string_view name, std::string_view text);

}  // namespace beffroi::admin
