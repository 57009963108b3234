// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <set>

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/policy.h"
#include "storage/tenant/collectivity.h"
#include "storage/tenant/user.h"

namespace beffroi::s3 {
namespace {

namespace json = boost::json;
using Kind = PolicyCondition::Kind;

S3Error malformed(std::string_view where, std::string_view what) {
  return S3Error(Code::MalformedPolicy, std::string(where) + ": " + std::string(what));
}

std::string quoted_word(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Boost.JSON keeps the last of two members of one name: a reader who takes the first would see another policy.
class RepeatedMembers {
 public:
  static constexpr std::size_t max_object_size = kPolicyBytesMax, max_array_size = kPolicyBytesMax,
                               max_key_size = kPolicyBytesMax, max_string_size = kPolicyBytesMax;

  bool found() const { return found_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    names_.pop_back();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    key_.append(part.data(), part.size());
    found_ |= !names_.back().insert(std::exchange(key_, {})).second;
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  std::vector<std::set<std::string>> names_;
  std::string key_;
  bool found_ = false;
};

S3Result<json::value> parse_json(std::string_view text) {
  if (text.size() > kPolicyBytesMax) return malformed("Policy", "it is longer than 20 KiB. Shorten it.");
  json::parse_options options;
  options.max_depth = kPolicyDepthMax;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error || !value.is_object())
    return malformed("Policy", "it is not one JSON object. Policies must be valid JSON and start with {.");
  json::basic_parser<RepeatedMembers> members(options);
  members.write_some(false, text.data(), text.size(), error);
  if (error || members.handler().found())
    return malformed("Policy", "an object has two members of one name. Keep one.");
  return value;
}

std::string_view text_in(const json::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

// One text, or a list of at least one.
S3Result<std::vector<std::string>> texts_in(const json::value& value, const std::string& where) {
  std::vector<std::string> texts;
  if (value.is_string()) texts.emplace_back(text_in(value));
  if (const json::array* list = value.if_array()) {
    for (const json::value& element : *list) {
      if (!element.is_string()) return malformed(where, "every element must be a text.");
      texts.emplace_back(text_in(element));
    }
  }
  if (texts.empty()) return malformed(where, "give a text or a list of texts.");
  return texts;
}

// Amazon replaces ${...} in later versions of its language. Taken literally it would fit nothing, and a Deny would protect nothing.
S3Result<void> no_variable(std::string_view text, const std::string& where) {
  if (text.find("${") != text.npos)
    return malformed(where, "policy variables (${...}) are not supported. Write the value out.");
  return {};
}

S3Result<void> only_members(const json::object& object, std::initializer_list<std::string_view> known,
                            const std::string& where) {
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name == "NotPrincipal")
      return malformed(where, "NotPrincipal is not supported. Say in Principal who is meant.");
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return malformed(where, "the element " + quoted_word(name) + " is not known. Remove it.");
    }
  }
  return {};
}

// --- principals

// A SIREN, also padded to Amazon's 12 digits, or a slug.
std::optional<std::string> collectivity_in(std::string_view text) {
  if (text.size() == 12 && text.starts_with("000")) text.remove_prefix(3);
  if (storage::valid_siren(text) || storage::valid_slug(text)) return std::string(text);
  return std::nullopt;
}

std::optional<PolicyPrincipal> principal_in(std::string_view text) {
  constexpr std::string_view kArn = "arn:aws:iam::";
  if (!text.starts_with(kArn)) {
    auto collectivity = collectivity_in(text);
    if (!collectivity) return std::nullopt;
    return PolicyPrincipal{std::move(*collectivity), {}};
  }
  text.remove_prefix(kArn.size());
  const std::size_t colon = std::min(text.find(':'), text.size());
  auto collectivity = collectivity_in(text.substr(0, colon));
  if (!collectivity) return std::nullopt;
  text.remove_prefix(std::min(colon + 1, text.size()));
  if (text == "root") return PolicyPrincipal{std::move(*collectivity), {}};
  if (!text.starts_with("user/") || !storage::valid_user_name(text.substr(5))) return std::nullopt;
  return PolicyPrincipal{std::move(*collectivity), std::string(text.substr(5))};
}

S3Result<void> read_principal(const json::value& value, const std::string& where,
                              PolicyStatement& statement) {
  if (value.is_string() && text_in(value) == "*") {
    statement.everyone = true;
    return {};
  }
  const json::object* object = value.if_object();
  const json::value* aws = object && object->size() == 1 ? object->if_contains("AWS") : nullptr;
  if (aws == nullptr)
    return malformed(where, R"(write "*" or {"AWS": ...}; other kinds of principals are not supported.)");
  const auto texts = texts_in(*aws, where + ".AWS");
  if (!texts) return texts.error();
  for (const std::string& text : *texts) {
    if (text == "*") {
      statement.everyone = true;
      continue;
    }
    auto principal = principal_in(text);
    if (!principal) {
      return malformed(where, "invalid principal " + quoted_word(text) +
                                  ". Write a SIREN, a slug, arn:aws:iam::<SIREN in 12 digits>:root or "
                                  "arn:aws:iam::<the same>:user/<name>.");
    }
    statement.principals.push_back(std::move(*principal));
  }
  return {};
}

// --- resources

// "bucket" or "bucket/keys" out of an ARN that names this bucket.
S3Result<std::string> resource_in(std::string_view text, const PolicyPlace& place, const std::string& where) {
  constexpr std::string_view kArn = "arn:aws:s3::";
  const std::string told = "invalid resource " + quoted_word(text) + ". ";
  if (!text.starts_with(kArn))
    return malformed(where, told + "Write arn:aws:s3:::" + std::string(place.bucket) +
                                " or arn:aws:s3:::" + std::string(place.bucket) + "/*.");
  text.remove_prefix(kArn.size());
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view whose = text.substr(0, colon);
  const bool here = whose.empty() || whose == "*" || whose == place.siren || whose == place.slug ||
                    whose == "000" + std::string(place.siren);
  text.remove_prefix(std::min(colon + 1, text.size()));
  if (!here || !wildcard_match(text.substr(0, text.find('/')), place.bucket)) {
    return malformed(where,
                     told + "It must name the policy's own bucket, " + std::string(place.bucket) + ".");
  }
  if (auto fine = no_variable(text, where); !fine) return fine.error();
  return std::string(text);
}

S3Result<void> read_resources(const json::value& value, const PolicyPlace& place, const std::string& where,
                              PolicyStatement& statement) {
  const auto texts = texts_in(value, where);
  if (!texts) return texts.error();
  for (const std::string& text : *texts) {
    auto resource = resource_in(text, place, where);
    if (!resource) return resource.error();
    statement.resources.push_back(std::move(*resource));
  }
  return {};
}

// --- actions

// Whether a statement's resources hold one that any of these actions is made on.
bool applies(const ActionSet& actions, const PolicyStatement& statement, const PolicyPlace& place) {
  if (statement.not_resources) return true;
  bool on_bucket = false, on_object = false;
  for (const std::string& pattern : statement.resources) {
    on_bucket |= wildcard_match(pattern, place.bucket);
    on_object |= pattern.find_first_of("/*") != pattern.npos;
  }
  for (std::size_t i = 0; i < kPolicyActions; ++i) {
    if (actions[i] && (policy_actions()[i].on_object ? on_object : on_bucket)) return true;
  }
  return false;
}

S3Result<void> read_actions(const json::value& value, bool negated, const PolicyPlace& place,
                            const std::string& where, PolicyStatement& statement) {
  const auto texts = texts_in(value, where);
  if (!texts) return texts.error();
  for (const std::string& text : *texts) {
    const ActionSet actions = matching_actions(text);
    if (actions.none())
      return malformed(
          where, "invalid action " + quoted_word(text) + ". Write one of S3's, as s3:GetObject, or s3:*.");
    if (!negated && !applies(actions, statement, place)) {
      return malformed(where, "the action " + quoted_word(text) +
                                  " does not apply to any resource of the statement. Name the bucket for it, "
                                  "or its keys (bucket/*).");
    }
    statement.actions |= actions;
  }
  if (negated) statement.actions.flip();
  return {};
}

// --- conditions

struct KeyRow {
  std::string_view name;
  ConditionKey key;
  std::string_view kinds;  // of operators that fit: Text, Number, Date, Flag, Network
  unsigned char scope;     // 0: for every action
  std::string_view header;  // of the request, whose value it is
};

constexpr KeyRow kKeys[] = {
    {"s3:prefix", ConditionKey::Prefix, "T", kListingKeys, ""},
    {"s3:delimiter", ConditionKey::Delimiter, "T", kListingKeys, ""},
    {"s3:max-keys", ConditionKey::MaxKeys, "N", kListingKeys, ""},
    {"s3:VersionId", ConditionKey::VersionId, "T", kVersionKey, ""},
    {"s3:x-amz-acl", ConditionKey::Header, "T", kAclKeys, "x-amz-acl"},
    {"s3:x-amz-grant-full-control", ConditionKey::Header, "T", kAclKeys, "x-amz-grant-full-control"},
    {"s3:x-amz-grant-read", ConditionKey::Header, "T", kAclKeys, "x-amz-grant-read"},
    {"s3:x-amz-grant-read-acp", ConditionKey::Header, "T", kAclKeys, "x-amz-grant-read-acp"},
    {"s3:x-amz-grant-write", ConditionKey::Header, "T", kAclKeys, "x-amz-grant-write"},
    {"s3:x-amz-grant-write-acp", ConditionKey::Header, "T", kAclKeys, "x-amz-grant-write-acp"},
    {"s3:x-amz-copy-source", ConditionKey::Header, "T", kWriteKeys, "x-amz-copy-source"},
    {"s3:x-amz-metadata-directive", ConditionKey::Header, "T", kWriteKeys, "x-amz-metadata-directive"},
    {"s3:x-amz-server-side-encryption", ConditionKey::Header, "T", kWriteKeys, "x-amz-server-side-encryption"},
    {"s3:x-amz-server-side-encryption-customer-algorithm", ConditionKey::Header, "T", kWriteKeys,
     "x-amz-server-side-encryption-customer-algorithm"},
    {"s3:ExistingObjectTag/", ConditionKey::ExistingObjectTag, "TND", kExistingTags, ""},
    {"s3:RequestObjectTag/", ConditionKey::RequestObjectTag, "TND", kRequestTags, ""},
    {"aws:SourceIp", ConditionKey::SourceIp, "I", 0, ""},
    {"aws:SecureTransport", ConditionKey::SecureTransport, "F", 0, ""},
    {"aws:UserAgent", ConditionKey::Header, "T", 0, "user-agent"},
    {"aws:Referer", ConditionKey::Header, "T", 0, "referer"},
    {"aws:username", ConditionKey::Username, "T", 0, ""},
    {"aws:CurrentTime", ConditionKey::CurrentTime, "D", 0, ""},
};

const KeyRow* find_key(std::string_view name, PolicyCondition& condition) {
  for (const KeyRow& row : kKeys) {
    const bool tagged = row.name.ends_with('/');
    if (tagged ? has_prefix_of_name(name, row.name) && name.size() > row.name.size()
               : lower_case(name) == lower_case(row.name)) {
      condition.key = row.key;
      condition.scope = row.scope;
      condition.name = tagged ? name.substr(row.name.size()) : row.header;
      return &row;
    }
  }
  return nullptr;
}

struct OperatorRow {
  std::string_view name;
  Kind kind;
  char letter;  // in KeyRow::kinds; 0: fits every key
  Comparison comparison;
  bool negated;
};

constexpr OperatorRow kOperators[] = {
    {"StringEquals", Kind::Text, 'T', Comparison::Equals, false},
    {"StringNotEquals", Kind::Text, 'T', Comparison::Equals, true},
    {"StringEqualsIgnoreCase", Kind::Text, 'T', Comparison::EqualsIgnoreCase, false},
    {"StringNotEqualsIgnoreCase", Kind::Text, 'T', Comparison::EqualsIgnoreCase, true},
    {"StringLike", Kind::Text, 'T', Comparison::Like, false},
    {"StringNotLike", Kind::Text, 'T', Comparison::Like, true},
    {"NumericEquals", Kind::Number, 'N', Comparison::Equals, false},
    {"NumericNotEquals", Kind::Number, 'N', Comparison::Equals, true},
    {"NumericLessThan", Kind::Number, 'N', Comparison::Less, false},
    {"NumericLessThanEquals", Kind::Number, 'N', Comparison::LessEquals, false},
    {"NumericGreaterThan", Kind::Number, 'N', Comparison::Greater, false},
    {"NumericGreaterThanEquals", Kind::Number, 'N', Comparison::GreaterEquals, false},
    {"DateEquals", Kind::Date, 'D', Comparison::Equals, false},
    {"DateNotEquals", Kind::Date, 'D', Comparison::Equals, true},
    {"DateLessThan", Kind::Date, 'D', Comparison::Less, false},
    {"DateLessThanEquals", Kind::Date, 'D', Comparison::LessEquals, false},
    {"DateGreaterThan", Kind::Date, 'D', Comparison::Greater, false},
    {"DateGreaterThanEquals", Kind::Date, 'D', Comparison::GreaterEquals, false},
    {"Bool", Kind::Flag, 'F', Comparison::Equals, false},
    {"IpAddress", Kind::Network, 'I', Comparison::InNetwork, false},
    {"NotIpAddress", Kind::Network, 'I', Comparison::InNetwork, true},
    {"Null", Kind::Null, 0, Comparison::Absent, false},
};

const OperatorRow* find_operator(std::string_view name, bool& if_exists) {
  constexpr std::string_view kIfExists = "IfExists";
  if_exists = name.ends_with(kIfExists);
  if (if_exists) name.remove_suffix(kIfExists.size());
  for (const OperatorRow& row : kOperators) {
    if (row.name == name && !(if_exists && row.kind == Kind::Null)) return &row;
  }
  return nullptr;
}

// Texts, numbers and booleans, as IAM reads them, are texts.
S3Result<std::vector<std::string>> condition_values(const json::value& value, const std::string& where) {
  const auto text = [](const json::value& v) -> std::optional<std::string> {
    if (v.is_string()) return std::string(text_in(v));
    if (v.is_bool()) return v.get_bool() ? "true" : "false";
    if (v.is_int64()) return std::to_string(v.get_int64());
    return std::nullopt;
  };
  std::vector<std::string> values;
  const json::array* list = value.if_array();
  const std::size_t count = list ? list->size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    auto one = text(list ? (*list)[i] : value);
    if (!one) return malformed(where, "give a text, a whole number or true or false, or a list of them.");
    values.push_back(std::move(*one));
  }
  if (values.empty()) return malformed(where, "the list of values is empty.");
  return values;
}

S3Result<void> add_value(PolicyCondition& condition, const std::string& text, const std::string& where) {
  const std::string told = "the value " + quoted_word(text) + " ";
  switch (condition.kind) {
    case Kind::Text: {
      if (auto fine = no_variable(text, where); !fine) return fine;
      condition.texts.push_back(text);
      return {};
    }
    case Kind::Number: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size())
        return malformed(where, told + "is not a whole number.");
      condition.numbers.push_back(number);
      return {};
    }
    case Kind::Date: {
      const auto ms = parse_iso8601(text);
      if (!ms) return malformed(where, told + "is not a date. Write 2026-12-31T23:59:59Z.");
      condition.numbers.push_back(*ms);
      return {};
    }
    case Kind::Flag:
    case Kind::Null:
      if (text != "true" && text != "false") return malformed(where, told + "is not true or false.");
      condition.numbers.push_back(text == "true");
      return {};
    case Kind::Network: {
      const auto network = storage::parse_network(text);
      if (!network)
        return malformed(where, told + "is not a network. Write 192.0.2.0/24, 2001:db8::/32 or an address.");
      condition.networks.push_back(*network);
      return {};
    }
  }
  return {};
}

// Whether an action of the statement has the key at all: a Deny on a key that is never there would protect nothing.
bool in_scope(const PolicyStatement& statement, unsigned char scope) {
  if (scope == 0) return true;
  for (std::size_t i = 0; i < kPolicyActions; ++i) {
    if (statement.actions[i] && (policy_actions()[i].scope & scope)) return true;
  }
  return false;
}

S3Result<void> read_condition(std::string_view operator_name, std::string_view key_name,
                              const json::value& value, const std::string& where,
                              PolicyStatement& statement) {
  PolicyCondition condition;
  const OperatorRow* op = find_operator(operator_name, condition.if_exists);
  if (op == nullptr)
    return malformed(
        where,
        "the operator " + quoted_word(operator_name) +
            " is not supported. Use String..., Numeric..., Date..., Bool, IpAddress, NotIpAddress or Null.");
  const KeyRow* key = find_key(key_name, condition);
  if (key == nullptr)
    return malformed(where, "the condition key " + quoted_word(key_name) +
                                " is not supported. Remove the condition, or use a key that is.");
  if (op->letter != 0 && key->kinds.find(op->letter) == key->kinds.npos) {
    return malformed(where, "the operator " + quoted_word(operator_name) + " does not fit the key " +
                                quoted_word(key_name) + ".");
  }
  if (!in_scope(statement, key->scope)) {
    return malformed(where, "the condition key " + quoted_word(key_name) +
                                " does not apply to the actions of the statement.");
  }
  condition.kind = op->kind;
  condition.comparison = op->comparison;
  condition.negated = op->negated;
  const auto values = condition_values(value, where);
  if (!values) return values.error();
  for (const std::string& text : *values) {
    if (auto added = add_value(condition, text, where); !added) return added;
  }
  statement.conditions.push_back(std::move(condition));
  return {};
}

S3Result<void> read_conditions(const json::value& value, const std::string& where,
                               PolicyStatement& statement) {
  const json::object* operators = value.if_object();
  if (operators == nullptr) return malformed(where, R"(write {"Operator": {"key": "value"}}.)");
  for (const auto& [op, keys] : *operators) {
    const std::string_view operator_name(op.data(), op.size());
    const std::string inside = where + "." + std::string(operator_name);
    const json::object* object = keys.if_object();
    if (object == nullptr || object->empty()) return malformed(inside, R"(write {"key": "value"}.)");
    for (const auto& [key, values] : *object) {
      if (auto read = read_condition(operator_name, {key.data(), key.size()}, values, inside, statement);
          !read)
        return read;
    }
  }
  return {};
}

// --- statements

S3Result<const json::value*> one_of(const json::object& object, std::string_view name, std::string_view other,
                                    bool& negated, const std::string& where) {
  const json::value* plain = object.if_contains(name);
  const json::value* negation = object.if_contains(other);
  if ((plain == nullptr) == (negation == nullptr)) {
    return malformed(where,
                     "give " + std::string(name) + " or " + std::string(other) + ", and one of them only.");
  }
  negated = plain == nullptr;
  return negated ? negation : plain;
}

S3Result<PolicyStatement> read_statement(const json::value& value, const PolicyPlace& place,
                                         const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return malformed(where, "a statement is a JSON object.");
  if (auto known = only_members(
          *object,
          {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"},
          where);
      !known) {
    return known.error();
  }
  PolicyStatement statement;
  if (const json::value* sid = object->if_contains("Sid"); sid && !sid->is_string())
    return malformed(where + ".Sid", "it must be a text.");
  const json::value* effect = object->if_contains("Effect");
  if (effect == nullptr || !effect->is_string() ||
      (text_in(*effect) != "Allow" && text_in(*effect) != "Deny")) {
    return malformed(where + ".Effect", R"(write "Allow" or "Deny".)");
  }
  statement.allow = text_in(*effect) == "Allow";
  const json::value* principal = object->if_contains("Principal");
  if (principal == nullptr)
    return malformed(where + ".Principal", R"(it is missing. Write "*" or {"AWS": ...}.)");
  if (auto read = read_principal(*principal, where + ".Principal", statement); !read) return read.error();
  const auto resources = one_of(*object, "Resource", "NotResource", statement.not_resources, where);
  if (!resources) return resources.error();
  if (auto read = read_resources(**resources, place, where + ".Resource", statement); !read)
    return read.error();
  bool not_action = false;
  const auto actions = one_of(*object, "Action", "NotAction", not_action, where);
  if (!actions) return actions.error();
  if (auto read = read_actions(**actions, not_action, place, where + ".Action", statement); !read)
    return read.error();
  if (const json::value* condition = object->if_contains("Condition")) {
    if (auto read = read_conditions(*condition, where + ".Condition", statement); !read) return read.error();
  }
  return statement;
}

S3Result<void> check_version(const json::object& object) {
  const json::value* version = object.if_contains("Version");
  if (version != nullptr &&
      (!version->is_string() || (text_in(*version) != "2012-10-17" && text_in(*version) != "2008-10-17"))) {
    return malformed("Version", R"(write "2012-10-17".)");
  }
  const json::value* id = object.if_contains("Id");
  if (id != nullptr && !id->is_string()) return malformed("Id", "it must be a text.");
  return {};
}

S3Result<void> check_sids(const json::array& statements) {
  std::set<std::string_view> sids;
  for (const json::value& statement : statements) {
    const json::value* sid = statement.get_object().if_contains("Sid");
    if (sid && !sid->get_string().empty() && !sids.insert(text_in(*sid)).second) {
      return malformed("Statement",
                       "two statements have the Sid " + quoted_word(text_in(*sid)) + ". Give each its own.");
    }
  }
  return {};
}

}  // namespace

S3Result<Policy> parse_policy(std::string_view text, const PolicyPlace& place) {
  auto document = parse_json(text);
  if (!document) return document.error();
  json::object& object = document->get_object();
  if (auto known = only_members(object, {"Version", "Id", "Statement"}, "Policy"); !known)
    return known.error();
  if (auto fine = check_version(object); !fine) return fine.error();
  json::value* value = object.if_contains("Statement");
  if (value != nullptr && value->is_object()) *value = json::array{json::value(*value)};
  const json::array* statements = value ? value->if_array() : nullptr;
  if (statements == nullptr || statements->empty()) return malformed("Statement", "give at least one.");
  Policy policy;
  for (std::size_t i = 0; i < statements->size(); ++i) {
    auto statement = read_statement((*statements)[i], place, "Statement[" + std::to_string(i) + "]");
    if (!statement) return statement.error();
    policy.statements.push_back(std::move(*statement));
  }
  if (auto fine = check_sids(*statements); !fine) return fine.error();
  return policy;
}

}  // namespace beffroi::s3
