// SPDX-License-Identifier: EUPL-1.2
#include <boost/json.hpp>
#include <set>

#include "server/s3/policy.h"
#include "server/s3/policy_condition.h"
#include "server/s3/policy_json.h"
#include "storage/tenant/collectivity.h"
#include "storage/tenant/user.h"

namespace beffroi::s3 {
namespace {

namespace json = boost::json;

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
    return malformed_policy(where, R"(write "*" or {"AWS": ...}; other kinds of principals are not supported.)");
  const auto texts = texts_in(*aws, where + ".AWS");
  if (!texts) return texts.error();
  for (const std::string& text : *texts) {
    if (text == "*") {
      statement.everyone = true;
      continue;
    }
    auto principal = principal_in(text);
    if (!principal) {
      return malformed_policy(where, "invalid principal " + quoted_word(text) +
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
    return malformed_policy(where, told + "Write arn:aws:s3:::" + std::string(place.bucket) +
                                " or arn:aws:s3:::" + std::string(place.bucket) + "/*.");
  text.remove_prefix(kArn.size());
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view whose = text.substr(0, colon);
  const bool here = whose.empty() || whose == "*" || whose == place.siren || whose == place.slug ||
                    whose == "000" + std::string(place.siren);
  text.remove_prefix(std::min(colon + 1, text.size()));
  if (!here || !wildcard_match(text.substr(0, text.find('/')), place.bucket)) {
    return malformed_policy(where,
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
      return malformed_policy(
          where, "invalid action " + quoted_word(text) + ". Write one of S3's, as s3:GetObject, or s3:*.");
    if (!negated && !applies(actions, statement, place)) {
      return malformed_policy(where, "the action " + quoted_word(text) +
                                  " does not apply to any resource of the statement. Name the bucket for it, "
                                  "or its keys (bucket/*).");
    }
    statement.actions |= actions;
  }
  if (negated) statement.actions.flip();
  return {};
}

// --- statements

S3Result<const json::value*> one_of(const json::object& object, std::string_view name, std::string_view other,
                                    bool& negated, const std::string& where) {
  const json::value* plain = object.if_contains(name);
  const json::value* negation = object.if_contains(other);
  if ((plain == nullptr) == (negation == nullptr)) {
    return malformed_policy(where,
                     "give " + std::string(name) + " or " + std::string(other) + ", and one of them only.");
  }
  negated = plain == nullptr;
  return negated ? negation : plain;
}

S3Result<PolicyStatement> read_statement(const json::value& value, const PolicyPlace& place,
                                         const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return malformed_policy(where, "a statement is a JSON object.");
  if (auto known = only_members(
          *object,
          {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"},
          where);
      !known) {
    return known.error();
  }
  PolicyStatement statement;
  if (const json::value* sid = object->if_contains("Sid"); sid && !sid->is_string())
    return malformed_policy(where + ".Sid", "it must be a text.");
  const json::value* effect = object->if_contains("Effect");
  if (effect == nullptr || !effect->is_string() ||
      (text_in(*effect) != "Allow" && text_in(*effect) != "Deny")) {
    return malformed_policy(where + ".Effect", R"(write "Allow" or "Deny".)");
  }
  statement.allow = text_in(*effect) == "Allow";
  const json::value* principal = object->if_contains("Principal");
  if (principal == nullptr)
    return malformed_policy(where + ".Principal", R"(it is missing. Write "*" or {"AWS": ...}.)");
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
    return malformed_policy("Version", R"(write "2012-10-17".)");
  }
  const json::value* id = object.if_contains("Id");
  if (id != nullptr && !id->is_string()) return malformed_policy("Id", "it must be a text.");
  return {};
}

S3Result<void> check_sids(const json::array& statements) {
  std::set<std::string_view> sids;
  for (const json::value& statement : statements) {
    const json::value* sid = statement.get_object().if_contains("Sid");
    if (sid && !sid->get_string().empty() && !sids.insert(text_in(*sid)).second) {
      return malformed_policy("Statement",
                       "two statements have the Sid " + quoted_word(text_in(*sid)) + ". Give each its own.");
    }
  }
  return {};
}

}  // namespace

S3Result<Policy> parse_policy(std::string_view text, const PolicyPlace& place) {
  auto document = parse_policy_json(text);
  if (!document) return document.error();
  json::object& object = document->get_object();
  if (auto known = only_members(object, {"Version", "Id", "Statement"}, "Policy"); !known)
    return known.error();
  if (auto fine = check_version(object); !fine) return fine.error();
  json::value* value = object.if_contains("Statement");
  if (value != nullptr && value->is_object()) *value = json::array{json::value(*value)};
  const json::array* statements = value ? value->if_array() : nullptr;
  if (statements == nullptr || statements->empty()) return malformed_policy("Statement", "give at least one.");
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
