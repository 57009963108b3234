// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/policy_condition.h"

#include <boost/json.hpp>
#include <charconv>

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/policy_json.h"

namespace beffroi::s3 {
namespace {

namespace json = boost::json;
using Kind = PolicyCondition::Kind;

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
    {"s3:x-amz-copy-source", ConditionKey::CopySource, "T", kWriteKeys, ""},
    {"s3:x-amz-metadata-directive", ConditionKey::MetadataDirective, "T", kWriteKeys, ""},
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
    if (!one) return malformed_policy(where, "give a text, a whole number or true or false, or a list of them.");
    values.push_back(std::move(*one));
  }
  if (values.empty()) return malformed_policy(where, "the list of values is empty.");
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
        return malformed_policy(where, told + "is not a whole number.");
      condition.numbers.push_back(number);
      return {};
    }
    case Kind::Date: {
      const auto ms = parse_iso8601(text);
      if (!ms) return malformed_policy(where, told + "is not a date. Write 2026-12-31T23:59:59Z.");
      condition.numbers.push_back(*ms);
      return {};
    }
    case Kind::Flag:
    case Kind::Null:
      if (text != "true" && text != "false") return malformed_policy(where, told + "is not true or false.");
      condition.numbers.push_back(text == "true");
      return {};
    case Kind::Network: {
      const auto network = storage::parse_network(text);
      if (!network)
        return malformed_policy(where, told + "is not a network. Write 192.0.2.0/24, 2001:db8::/32 or an address.");
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
    return malformed_policy(
        where,
        "the operator " + quoted_word(operator_name) +
            " is not supported. Use String..., Numeric..., Date..., Bool, IpAddress, NotIpAddress or Null.");
  const KeyRow* key = find_key(key_name, condition);
  if (key == nullptr)
    return malformed_policy(where, "the condition key " + quoted_word(key_name) +
                                " is not supported. Remove the condition, or use a key that is.");
  if (op->letter != 0 && key->kinds.find(op->letter) == key->kinds.npos) {
    return malformed_policy(where, "the operator " + quoted_word(operator_name) + " does not fit the key " +
                                quoted_word(key_name) + ".");
  }
  if (!in_scope(statement, key->scope)) {
    return malformed_policy(where, "the condition key " + quoted_word(key_name) +
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

}  // namespace

S3Result<void> read_conditions(const json::value& value, const std::string& where,
                               PolicyStatement& statement) {
  const json::object* operators = value.if_object();
  if (operators == nullptr) return malformed_policy(where, R"(write {"Operator": {"key": "value"}}.)");
  for (const auto& [op, keys] : *operators) {
    const std::string_view operator_name(op.data(), op.size());
    const std::string inside = where + "." + std::string(operator_name);
    const json::object* object = keys.if_object();
    if (object == nullptr || object->empty()) return malformed_policy(inside, R"(write {"key": "value"}.)");
    for (const auto& [key, values] : *object) {
      if (auto read = read_condition(operator_name, {key.data(), key.size()}, values, inside, statement);
          !read)
        return read;
    }
  }
  return {};
}

}  // namespace beffroi::s3
