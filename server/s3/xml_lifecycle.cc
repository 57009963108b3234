// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <set>

#include "crypto/bytes.h"
#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/lifecycle.h"
#include "server/s3/tagging.h"
#include "server/s3/xml_node.h"

namespace beffroi::s3 {
namespace {

using storage::LifecycleFilter;
using storage::LifecycleRule;

constexpr std::int64_t kDayMs = 86'400'000;

S3Error invalid(std::string message) { return S3Error(Code::InvalidArgument, std::move(message)); }

// A positive number of days, or of versions; 0 when the element is not there.
S3Result<std::uint32_t> count_of(const pugi::xml_node& node, std::string_view name, bool& repeated) {
  const auto text = child_text(node, name, repeated);
  if (!text) return std::uint32_t{0};
  const auto number = parse_decimal(trimmed(*text));
  if (!number || *number == 0 || *number > 2'147'483'647) return invalid(std::string(name) + " must be a positive integer.");
  return static_cast<std::uint32_t>(*number);
}

S3Result<std::optional<std::uint64_t>> size_of(const pugi::xml_node& node, std::string_view name, bool& repeated) {
  const auto text = child_text(node, name, repeated);
  if (!text) return std::optional<std::uint64_t>();
  const auto number = parse_decimal(trimmed(*text));
  if (!number || *number > storage::kLifecycleSizeMax) return invalid(std::string(name) + " must be a number of bytes up to 5 TiB.");
  return std::optional<std::uint64_t>(*number);
}

// What <Filter> and <And> may hold.
S3Result<void> read_conditions_of(const pugi::xml_node& node, LifecycleFilter& filter, std::size_t& given) {
  bool repeated = false;
  if (const auto prefix = child_text(node, "Prefix", repeated)) {
    filter.prefix = *prefix;
    ++given;
  }
  const auto above = size_of(node, "ObjectSizeGreaterThan", repeated);
  if (!above) return above.error();
  const auto below = size_of(node, "ObjectSizeLessThan", repeated);
  if (!below) return below.error();
  filter.size_above = *above;
  filter.size_below = *below;
  given += above->has_value() + below->has_value();
  for (const pugi::xml_node tag : node.children()) {
    if (tag.type() != pugi::node_element || local_name(tag) != "Tag") continue;
    const auto key = child_text(tag, "Key", repeated);
    const auto value = child_text(tag, "Value", repeated);
    if (!key || key->empty() || !value) return malformed_xml();
    filter.tags.emplace_back(*key, *value);
    ++given;
  }
  if (repeated || filter.tags.size() > kObjectTagsMax) return malformed_xml();
  if (filter.size_above && filter.size_below && *filter.size_below <= *filter.size_above + 1) {
    return S3Error(Code::InvalidRequest, "ObjectSizeLessThan must be above ObjectSizeGreaterThan: no object is between them.");
  }
  return {};
}

S3Result<void> read_filter(const pugi::xml_node& rule, LifecycleFilter& filter) {
  bool repeated = false;
  const auto node = child_of(rule, "Filter", repeated);
  const auto prefix = child_text(rule, "Prefix", repeated);
  if (repeated || (node && prefix)) return malformed_xml();
  if (!node) {
    filter.at_rule = true;
    filter.prefix = prefix.value_or("");
    return {};
  }
  std::size_t given = 0;
  const auto both = child_of(node, "And", repeated);
  if (repeated) return malformed_xml();
  if (auto read = read_conditions_of(node, filter, given); !read) return read;
  if (!both) return given > 1 ? S3Result<void>(malformed_xml()) : S3Result<void>();
  if (given != 0) return malformed_xml();
  if (auto read = read_conditions_of(both, filter, given); !read) return read;
  if (given < 2) return malformed_xml();
  return {};
}

S3Result<void> read_expiration(const pugi::xml_node& node, LifecycleRule& rule) {
  bool repeated = false;
  const auto days = count_of(node, "Days", repeated);
  if (!days) return days.error();
  rule.expire_days = *days;
  if (const auto date = child_text(node, "Date", repeated)) {
    const auto ms = parse_iso8601(trimmed(*date));
    if (!ms || *ms <= 0) return malformed_xml();
    if (*ms % kDayMs != 0) return invalid("'Date' must be at midnight GMT");
    rule.expire_date_ms = *ms;
  }
  if (const auto marker = child_text(node, "ExpiredObjectDeleteMarker", repeated)) {
    const std::string text = trimmed(*marker);
    if (text != "true" && text != "false") return malformed_xml();
    rule.expire_delete_marker = text == "true";
  }
  const int given = (rule.expire_days != 0) + (rule.expire_date_ms != 0) + rule.expire_delete_marker;
  if (repeated || given != 1) return malformed_xml();
  return {};
}

S3Result<void> read_actions(const pugi::xml_node& node, LifecycleRule& rule) {
  bool repeated = false;
  for (const char* transition : {"Transition", "NoncurrentVersionTransition"}) {
    if (child_of(node, transition, repeated)) {
      return S3Error(Code::NotImplemented, std::string(transition) + " is not implemented: there is one storage class, STANDARD.");
    }
  }
  if (const auto expiration = child_of(node, "Expiration", repeated)) {
    if (auto read = read_expiration(expiration, rule); !read) return read;
  }
  if (const auto noncurrent = child_of(node, "NoncurrentVersionExpiration", repeated)) {
    const auto days = count_of(noncurrent, "NoncurrentDays", repeated);
    if (!days) return days.error();
    const auto kept = count_of(noncurrent, "NewerNoncurrentVersions", repeated);
    if (!kept) return kept.error();
    if (*days == 0) return malformed_xml();
    if (*kept > 100) return invalid("NewerNoncurrentVersions must be at most 100.");
    rule.noncurrent_days = *days;
    rule.noncurrent_kept = *kept;
  }
  if (const auto abort = child_of(node, "AbortIncompleteMultipartUpload", repeated)) {
    const auto days = count_of(abort, "DaysAfterInitiation", repeated);
    if (!days) return days.error();
    if (*days == 0) return malformed_xml();
    rule.abort_days = *days;
  }
  if (repeated) return malformed_xml();
  const bool acts = rule.expire_days != 0 || rule.expire_date_ms != 0 || rule.expire_delete_marker || rule.noncurrent_days != 0 || rule.abort_days != 0;
  if (!acts) return S3Error(Code::InvalidRequest, "At least one action needs to be specified in a rule.");
  const LifecycleFilter& filter = rule.filter;
  if (!filter.tags.empty() && (rule.expire_delete_marker || rule.abort_days != 0)) {
    return S3Error(Code::InvalidRequest, "ExpiredObjectDeleteMarker and AbortIncompleteMultipartUpload cannot be specified with tags: neither has any.");
  }
  if ((filter.size_above || filter.size_below) && (rule.expire_delete_marker || rule.abort_days != 0)) {
    return S3Error(Code::InvalidRequest, "ExpiredObjectDeleteMarker and AbortIncompleteMultipartUpload cannot be specified with an object size.");
  }
  return {};
}

S3Result<LifecycleRule> read_rule(const pugi::xml_node& node) {
  LifecycleRule rule;
  bool repeated = false;
  rule.id = child_text(node, "ID", repeated).value_or("");
  const std::string status = trimmed(child_text(node, "Status", repeated).value_or(""));
  if (repeated || (status != "Enabled" && status != "Disabled")) return malformed_xml();
  if (rule.id.size() > kRuleIdCharactersMax) return invalid("ID length should not exceed allowed limit of 255");
  rule.enabled = status == "Enabled";
  if (auto read = read_filter(node, rule.filter); !read) return read.error();
  if (auto read = read_actions(node, rule); !read) return read.error();
  return rule;
}

}  // namespace

S3Result<storage::LifecycleRules> parse_lifecycle(std::string_view body) {
  pugi::xml_document document;
  const auto root = parse_root(document, body, "LifecycleConfiguration");
  if (!root) return root.error();
  storage::LifecycleRules rules;
  std::set<std::string> ids;
  for (const pugi::xml_node node : root->children()) {
    if (node.type() != pugi::node_element || local_name(node) != "Rule") continue;
    auto rule = read_rule(node);
    if (!rule) return rule.error();
    if (!rule->id.empty() && !ids.insert(rule->id).second) return invalid("Rule ID must be unique. Found same ID for more than one rule");
    rules.push_back(std::move(*rule));
    if (rules.size() > storage::kLifecycleRulesMax) return S3Error(Code::InvalidRequest, "A configuration has at most 1000 rules.");
  }
  if (rules.empty()) return malformed_xml();
  for (std::size_t n = 0; n < rules.size(); ++n) {
    for (std::size_t number = n + 1; rules[n].id.empty(); ++number) {
      const std::string id = "rule-" + std::to_string(number);
      if (ids.insert(id).second) rules[n].id = id;
    }
  }
  return rules;
}

}  // namespace beffroi::s3
