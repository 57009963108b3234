// SPDX-License-Identifier: EUPL-1.2
// The inputs of a verb, out of its body or its query: typed, bounded, and refused by the name of the field. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

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
// `name=value` in a raw query, undecoded; empty when absent.
std::string_view query_text(std::string_view query, std::string_view name);

}  // namespace beffroi::admin
