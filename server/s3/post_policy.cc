// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/post_policy.h"

#include <algorithm>
#include <boost/json.hpp>

#include "crypto/bytes.h"
#include "server/s3/dates.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

namespace json = boost::json;

S3Error invalid(std::string_view what) { return S3Error(Code::InvalidPolicyDocument, "Invalid Policy: " + std::string(what)); }

S3Error denied(std::string what) { return S3Error(Code::AccessDenied, "Invalid according to Policy: " + std::move(what)); }

std::optional<std::string> text_of(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  return std::string(value.get_string());
}

// A number, or one in quotes, as clients write both.
std::optional<std::uint64_t> length_of(const json::value& value) {
  if (value.is_string()) return parse_decimal(std::string_view(value.get_string()));
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
  return std::nullopt;
}

// `$key`, of a condition in a list.
std::optional<std::string> field_of(const json::value& value) {
  const auto text = text_of(value);
  if (!text || text->size() < 2 || text->front() != '$') return std::nullopt;
  return lower_case(std::string_view(*text).substr(1));
}

S3Result<void> read_list(const json::array& list, PostPolicy& policy) {
  const auto test = list.empty() ? std::nullopt : text_of(list[0]);
  if (!test || list.size() != 3) return invalid("Invalid condition: a list has an operator and two more elements.");
  const std::string operation = lower_case(*test);
  if (operation == "content-length-range") {
    const auto min = length_of(list[1]), max = length_of(list[2]);
    if (!min || !max) return invalid("Invalid content-length-range.");
    policy.length.min = std::max(policy.length.min, *min);
    policy.length.max = std::min(policy.length.max, *max);
    return {};
  }
  const auto field = field_of(list[1]);
  const auto value = text_of(list[2]);
  if (!field || !value) return invalid("Invalid condition: a field is named by $ and its name, and compared with a text.");
  if (operation != "eq" && operation != "starts-with") return invalid("Invalid condition: unknown operator " + *test + ".");
  policy.conditions.push_back({operation == "eq" ? PostCondition::Test::Equal : PostCondition::Test::StartsWith, *field, *value});
  return {};
}

S3Result<void> read_object(const json::object& object, PostPolicy& policy) {
  if (object.empty()) return invalid("Invalid condition: an empty object.");
  for (const auto& entry : object) {
    const auto value = text_of(entry.value());
    if (!value) return invalid("Invalid condition: a field is compared with a text.");
    policy.conditions.push_back({PostCondition::Test::Equal, lower_case(std::string_view(entry.key())), *value});
  }
  return {};
}

S3Result<void> read_conditions_of(const json::value& value, PostPolicy& policy) {
  if (!value.is_array()) return invalid("Invalid 'conditions': not a list.");
  if (value.get_array().size() > kPostConditionsMax) return invalid("More than 1000 conditions.");
  for (const json::value& condition : value.get_array()) {
    S3Result<void> read = invalid("Invalid condition: neither a list nor an object.");
    if (condition.is_array()) read = read_list(condition.get_array(), policy);
    if (condition.is_object()) read = read_object(condition.get_object(), policy);
    if (!read) return read;
  }
  return {};
}

bool holds(const PostCondition& condition, std::string_view value) {
  if (condition.test == PostCondition::Test::Equal) return value == condition.value;
  if (condition.field != "content-type") return value.starts_with(condition.value);
  // A list of types: each must begin so.
  while (true) {
    const std::string_view piece = value.substr(0, value.find(','));
    if (!trim(piece).starts_with(condition.value)) return false;
    if (piece.size() == value.size()) return true;
    value.remove_prefix(piece.size() + 1);
  }
}

std::string shown(const PostCondition& condition) {
  const bool equal = condition.test == PostCondition::Test::Equal;
  return std::string("[\"") + (equal ? "eq" : "starts-with") + "\", \"$" + condition.field + "\", \"" + condition.value + "\"]";
}

bool needs_no_condition(std::string_view field) {
  return field == "file" || field == "policy" || field == "x-amz-signature" || field.starts_with("x-ignore-");
}

}  // namespace

S3Result<PostPolicy> parse_post_policy(std::string_view base64) {
  const auto text = from_base64(base64);
  if (!text) return invalid("It is not encoded in base64.");
  boost::system::error_code failed;
  const json::value document = json::parse(*text, failed, json::storage_ptr(), json::parse_options{.max_depth = 8});
  if (failed || !document.is_object()) return invalid("Invalid JSON.");
  const json::object& object = document.get_object();
  PostPolicy policy;
  const auto* expiration = object.if_contains("expiration");
  if (expiration == nullptr) return invalid("Policy missing expiration.");
  const auto when = text_of(*expiration);
  const auto ms = when ? parse_iso8601(*when) : std::nullopt;
  if (!ms) return invalid("Invalid 'expiration' value.");
  policy.expiration_ms = *ms;
  const auto* conditions = object.if_contains("conditions");
  if (conditions == nullptr) return invalid("Policy missing conditions.");
  if (auto read = read_conditions_of(*conditions, policy); !read) return read.error();
  return policy;
}

S3Result<void> check_post_policy(const PostPolicy& policy, const PostForm& form, std::string_view bucket, std::string_view key,
                                 std::int64_t now_ms) {
  if (now_ms >= policy.expiration_ms) return denied("Policy expired.");
  // The bucket is the address's: a field that says another is refused like any field that its condition does not allow.
  const auto value_of = [&](const std::string& field) -> std::optional<std::string> {
    if (field == "bucket") return std::string(bucket);
    if (field == "key") return std::string(key);
    const std::string* found = form.find(field);
    if (found == nullptr) return std::nullopt;
    return *found;
  };
  for (const PostCondition& condition : policy.conditions) {
    const auto value = value_of(condition.field);
    const bool any = condition.test == PostCondition::Test::StartsWith && condition.value.empty();
    if (value ? !holds(condition, *value) : !any) return denied("Policy Condition failed: " + shown(condition));
  }
  const auto named = [&](std::string_view field) {
    return std::any_of(policy.conditions.begin(), policy.conditions.end(), [field](const PostCondition& c) { return c.field == field; });
  };
  if (!named("bucket")) return denied("Extra input fields: bucket");
  for (const FormField& field : form.fields) {
    if (needs_no_condition(field.name) || named(field.name)) continue;
    return denied("Extra input fields: " + field.name);
  }
  const std::string* said = form.find("bucket");
  if (said != nullptr && *said != bucket) return denied("Policy Condition failed: [\"eq\", \"$bucket\", \"" + *said + "\"]");
  return {};
}

}  // namespace beffroi::s3
