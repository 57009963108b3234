// SPDX-License-Identifier: EUPL-1.2
// The JSON of a bucket policy, read so that a refusal names the place and the remedy. Of policy_parse.cc and policy_condition.cc only.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/errors.h"

namespace beffroi::s3 {

S3Error malformed_policy(std::string_view where, std::string_view what);  // 400 MalformedPolicy
std::string quoted_word(std::string_view);

// One object of 20 KiB at most, in which no object has two members of one name.
S3Result<boost::json::value> parse_policy_json(std::string_view);
std::string_view text_in(const boost::json::value& string);
// One text, or a list of at least one.
S3Result<std::vector<std::string>> texts_in(const boost::json::value&, const std::string& where);
// Amazon replaces ${...} in later versions of its language. Taken literally it would fit nothing, and a Deny would protect nothing.
S3Result<void> no_variable(std::string_view text, const std::string& where);
S3Result<void> only_members(const boost::json::object&, std::initializer_list<std::string_view> known, const std::string& where);

}  // namespace beffroi::s3
