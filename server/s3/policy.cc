// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/policy.h"

#include <algorithm>
#include <charconv>

#include "server/s3/dates.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

enum class Match { No, Maybe, Yes };

// The value of a condition's key in a request.
struct Value {
  bool known = true;
  bool present = false;
  std::string_view text;
};

Value of(std::optional<std::string_view> text) {
  return {true, text.has_value(), text.value_or(std::string_view())};
}

Value of_tag(const storage::Tags* tags, std::string_view name) {
  if (tags == nullptr) return {};
  for (const auto& [tag, value] : *tags) {
    if (tag == name) return {true, true, value};
  }
  return {};
}

unsigned char scope_of(const PolicyRequest& request) {
  const auto index = action_index(request.action);
  return index ? policy_actions()[*index].scope : 0;
}

Value value_of(const PolicyCondition& condition, const PolicyRequest& request) {
  if (condition.scope != 0 && !(scope_of(request) & condition.scope)) return {};
  switch (condition.key) {
    case ConditionKey::Prefix:
      return of(request.prefix);
    case ConditionKey::Delimiter:
      return of(request.delimiter);
    case ConditionKey::MaxKeys:
      return of(request.max_keys);
    case ConditionKey::VersionId:
      return of(request.version_id);
    case ConditionKey::Header:
      return of(find_header(request.headers, condition.name));
    case ConditionKey::CopySource:
      return request.copy_source ? Value{true, true, *request.copy_source} : Value();
    case ConditionKey::MetadataDirective:
      return of(request.metadata_directive);
    case ConditionKey::ExistingObjectTag:
      return request.object_known ? of_tag(request.existing_tags, condition.name) : Value{false};
    case ConditionKey::RequestObjectTag:
      return request.request_tags_known ? of_tag(&request.request_tags, condition.name) : Value{false};
    case ConditionKey::Username:
      return request.anonymous ? Value() : of(request.user);
    case ConditionKey::SourceIp:
    case ConditionKey::SecureTransport:
    case ConditionKey::CurrentTime:
      return {true, true, {}};
  }
  return {};
}

template <class Number>
bool compare(Comparison comparison, Number value, Number wanted) {
  switch (comparison) {
    case Comparison::Less:
      return value < wanted;
    case Comparison::LessEquals:
      return value <= wanted;
    case Comparison::Greater:
      return value > wanted;
    case Comparison::GreaterEquals:
      return value >= wanted;
    default:
      return value == wanted;
  }
}

bool text_fits(Comparison comparison, std::string_view value, std::string_view wanted) {
  switch (comparison) {
    case Comparison::EqualsIgnoreCase:
      return lower_case(value) == lower_case(wanted);
    case Comparison::Like:
      return wildcard_match(wanted, value);
    default:
      return value == wanted;
  }
}

// The number that a value is, of the kind that the condition compares.
std::optional<std::int64_t> number_in(const PolicyCondition& condition, const PolicyRequest& request,
                                      std::string_view text) {
  if (condition.key == ConditionKey::CurrentTime) return request.now_ms;
  if (condition.key == ConditionKey::SecureTransport) return request.secure ? 1 : 0;
  if (condition.kind == PolicyCondition::Kind::Date) return parse_iso8601(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool one_fits(const PolicyCondition& condition, const PolicyRequest& request, std::string_view text) {
  using Kind = PolicyCondition::Kind;
  switch (condition.kind) {
    case Kind::Text:
      return std::any_of(condition.texts.begin(), condition.texts.end(), [&](const std::string& wanted) {
        return text_fits(condition.comparison, text, wanted);
      });
    case Kind::Network:
      return std::any_of(condition.networks.begin(), condition.networks.end(),
                         [&](const storage::Network& network) { return network.contains(request.source); });
    case Kind::Number:
    case Kind::Date:
    case Kind::Flag: {
      const auto number = number_in(condition, request, text);
      return number &&
             std::any_of(condition.numbers.begin(), condition.numbers.end(),
                         [&](std::int64_t wanted) { return compare(condition.comparison, *number, wanted); });
    }
    case Kind::Null:
      return false;
  }
  return false;
}

bool is_principal(const PolicyStatement& statement, const PolicyRequest& request) {
  if (statement.everyone && !(request.named_only && statement.allow)) return true;
  if (request.anonymous) return false;
  return std::any_of(statement.principals.begin(), statement.principals.end(), [&](const PolicyPrincipal& p) {
    return (p.collectivity == request.siren || p.collectivity == request.slug) &&
           (p.user.empty() || p.user == request.user);
  });
}

bool is_resource(const PolicyStatement& statement, std::string_view resource) {
  const bool named =
      std::any_of(statement.resources.begin(), statement.resources.end(),
                  [&](const std::string& pattern) { return wildcard_match(pattern, resource); });
  return named != statement.not_resources;
}

Match match(const PolicyStatement& statement, const PolicyRequest& request, std::size_t action,
            std::string_view resource) {
  if (!statement.actions[action] || !is_principal(statement, request) || !is_resource(statement, resource))
    return Match::No;
  Match all = Match::Yes;
  for (const PolicyCondition& condition : statement.conditions) {
    const auto holds = condition_holds(condition, request);
    if (holds && !*holds) return Match::No;
    if (!holds) all = Match::Maybe;
  }
  return all;
}

// Networks as wide as these belong to nobody in particular.
bool is_narrow(const storage::Network& network) {
  static const storage::Network kMapped = *storage::parse_network("0.0.0.0/0");
  return network.prefix_bits >= (kMapped.contains(network.address) ? 96 + 8 : 32);
}

bool narrows(const PolicyCondition& condition) {
  return condition.kind == PolicyCondition::Kind::Network && !condition.negated &&
         std::all_of(condition.networks.begin(), condition.networks.end(), is_narrow);
}

}  // namespace

std::optional<bool> condition_holds(const PolicyCondition& condition, const PolicyRequest& request) {
  const Value value = value_of(condition, request);
  if (!value.known) return std::nullopt;
  if (condition.kind == PolicyCondition::Kind::Null) {
    return std::any_of(condition.numbers.begin(), condition.numbers.end(),
                       [&](std::int64_t absent) { return (absent == 1) != value.present; });
  }
  if (!value.present) return condition.if_exists || condition.negated;
  return one_fits(condition, request, value.text) != condition.negated;
}

PolicyVerdict evaluate(const Policy& policy, const PolicyRequest& request) {
  const auto action = action_index(request.action);
  if (!action) return PolicyVerdict::None;
  std::string resource(request.bucket);
  if (request.key) resource.append("/").append(*request.key);
  Match allow = Match::No, deny = Match::No;
  for (const PolicyStatement& statement : policy.statements) {
    Match& so_far = statement.allow ? allow : deny;
    so_far = std::max(so_far, match(statement, request, *action, resource));
  }
  if (deny == Match::Yes) return PolicyVerdict::Deny;
  if (deny == Match::Maybe) return PolicyVerdict::MaybeDeny;
  if (allow == Match::Yes) return PolicyVerdict::Allow;
  return allow == Match::Maybe ? PolicyVerdict::MaybeAllow : PolicyVerdict::None;
}

bool may_allow(const Policy& policy, const PolicyRequest& request,
               std::initializer_list<std::string_view> actions) {
  ActionSet wanted;
  for (const std::string_view action : actions) {
    if (const auto index = action_index(action)) wanted.set(*index);
  }
  return std::any_of(
      policy.statements.begin(), policy.statements.end(), [&](const PolicyStatement& statement) {
        return statement.allow && (statement.actions & wanted).any() && is_principal(statement, request);
      });
}

bool is_public(const Policy& policy) {
  return std::any_of(policy.statements.begin(), policy.statements.end(),
                     [](const PolicyStatement& statement) {
                       return statement.allow && statement.everyone &&
                              std::none_of(statement.conditions.begin(), statement.conditions.end(), narrows);
                     });
}

}  // namespace beffroi::s3
