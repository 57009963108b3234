// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/lifecycle.h"

#include <set>

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/tagging.h"
#include "server/s3/xml_tree.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

using storage::LifecycleFilter;
using storage::LifecycleRule;

void conditions_xml(XmlWriter& xml, const LifecycleFilter& filter) {
  if (!filter.prefix.empty()) xml.element("Prefix", filter.prefix);
  for (const auto& [key, value] : filter.tags) {
    xml.open("Tag");
    xml.element("Key", key);
    xml.element("Value", value);
    xml.close();
  }
  if (filter.size_above) xml.element("ObjectSizeGreaterThan", *filter.size_above);
  if (filter.size_below) xml.element("ObjectSizeLessThan", *filter.size_below);
}

void filter_xml(XmlWriter& xml, const LifecycleFilter& filter) {
  if (filter.at_rule) return xml.element("Prefix", filter.prefix);
  const std::size_t given = !filter.prefix.empty() + filter.tags.size() + filter.size_above.has_value() + filter.size_below.has_value();
  xml.open("Filter");
  if (given > 1) xml.open("And");
  if (given == 0) xml.element("Prefix", "");
  conditions_xml(xml, filter);
  if (given > 1) xml.close();
  xml.close();
}

void rule_xml(XmlWriter& xml, const LifecycleRule& rule) {
  xml.open("Rule");
  xml.element("ID", rule.id);
  filter_xml(xml, rule.filter);
  xml.element("Status", rule.enabled ? "Enabled" : "Disabled");
  if (rule.expire_days != 0 || rule.expire_date_ms != 0 || rule.expire_delete_marker) {
    xml.open("Expiration");
    if (rule.expire_days != 0) xml.element("Days", std::uint64_t{rule.expire_days});
    if (rule.expire_date_ms != 0) xml.element("Date", iso8601(rule.expire_date_ms));
    if (rule.expire_delete_marker) xml.flag("ExpiredObjectDeleteMarker", true);
    xml.close();
  }
  if (rule.noncurrent_days != 0) {
    xml.open("NoncurrentVersionExpiration");
    xml.element("NoncurrentDays", std::uint64_t{rule.noncurrent_days});
    if (rule.noncurrent_kept != 0) xml.element("NewerNoncurrentVersions", std::uint64_t{rule.noncurrent_kept});
    xml.close();
  }
  if (rule.abort_days != 0) {
    xml.open("AbortIncompleteMultipartUpload");
    xml.element("DaysAfterInitiation", std::uint64_t{rule.abort_days});
    xml.close();
  }
  xml.close();
}

constexpr std::int64_t kDayMs = 86'400'000;

S3Error invalid(std::string message) { return S3Error(Code::InvalidArgument, std::move(message)); }

// A positive number of days, or of versions; 0 when the element is not there.
S3Result<std::uint32_t> count_of(const XmlElement& parent, std::string_view name) {
  const auto element = parent.child(name);
  if (!element) return element.error();
  if (*element == nullptr) return std::uint32_t{0};
  const auto number = parse_decimal((*element)->trimmed());
  if (!number || *number == 0 || *number > 2'147'483'647) return invalid(std::string(name) + " must be a positive integer.");
  return static_cast<std::uint32_t>(*number);
}

S3Result<std::optional<std::uint64_t>> size_of(const XmlElement& parent, std::string_view name) {
  const auto element = parent.child(name);
  if (!element) return element.error();
  if (*element == nullptr) return std::optional<std::uint64_t>();
  const auto number = parse_decimal((*element)->trimmed());
  if (!number || *number > storage::kLifecycleSizeMax) return invalid(std::string(name) + " must be a number of bytes up to 5 TiB.");
  return std::optional<std::uint64_t>(*number);
}

// What <Filter> and <And> may hold; how many conditions there are.
S3Result<std::size_t> read_conditions_of(const XmlElement& parent, LifecycleFilter& filter) {
  const auto prefix = parent.child("Prefix");
  if (!prefix) return prefix.error();
  if (*prefix != nullptr) filter.prefix = (*prefix)->text;
  const auto above = size_of(parent, "ObjectSizeGreaterThan");
  if (!above) return above.error();
  const auto below = size_of(parent, "ObjectSizeLessThan");
  if (!below) return below.error();
  filter.size_above = *above;
  filter.size_below = *below;
  for (const XmlElement* tag : parent.all("Tag")) {
    const auto key = tag->child("Key"), value = tag->child("Value");
    if (!key || *key == nullptr || (*key)->text.empty() || !value || *value == nullptr) return S3Error(Code::MalformedXML);
    filter.tags.emplace_back((*key)->text, (*value)->text);
  }
  if (filter.tags.size() > kObjectTagsMax) return S3Error(Code::MalformedXML);
  if (filter.size_above && filter.size_below && *filter.size_below <= *filter.size_above + 1) {
    return S3Error(Code::InvalidRequest, "ObjectSizeLessThan must be above ObjectSizeGreaterThan: no object is between them.");
  }
  return std::size_t{*prefix != nullptr} + above->has_value() + below->has_value() + filter.tags.size();
}

S3Result<void> read_filter(const XmlElement& rule, LifecycleFilter& filter) {
  const auto node = rule.child("Filter"), prefix = rule.child("Prefix");
  if (!node || !prefix || (*node != nullptr && *prefix != nullptr)) return S3Error(Code::MalformedXML);
  if (*node == nullptr) {
    filter.at_rule = true;
    if (*prefix != nullptr) filter.prefix = (*prefix)->text;
    return {};
  }
  const auto both = (*node)->child("And");
  if (!both) return both.error();
  const auto given = read_conditions_of(**node, filter);
  if (!given) return given.error();
  if (*given > (*both == nullptr ? 1u : 0u)) return S3Error(Code::MalformedXML);
  if (*both == nullptr) return {};
  const auto joined = read_conditions_of(**both, filter);
  if (!joined) return joined.error();
  if (*joined < 2) return S3Error(Code::MalformedXML);
  return {};
}

S3Result<void> read_expiration(const XmlElement& node, LifecycleRule& rule) {
  const auto days = count_of(node, "Days");
  if (!days) return days.error();
  rule.expire_days = *days;
  const auto date = node.child("Date"), marker = node.child("ExpiredObjectDeleteMarker");
  if (!date || !marker) return S3Error(Code::MalformedXML);
  if (*date != nullptr) {
    const auto ms = parse_iso8601((*date)->trimmed());
    if (!ms || *ms <= 0) return S3Error(Code::MalformedXML);
    if (*ms % kDayMs != 0) return invalid("'Date' must be at midnight GMT");
    rule.expire_date_ms = *ms;
  }
  if (*marker != nullptr) {
    const std::string text = (*marker)->trimmed();
    if (text != "true" && text != "false") return S3Error(Code::MalformedXML);
    rule.expire_delete_marker = text == "true";
  }
  if ((rule.expire_days != 0) + (rule.expire_date_ms != 0) + rule.expire_delete_marker != 1) return S3Error(Code::MalformedXML);
  return {};
}

S3Result<void> read_actions(const XmlElement& node, LifecycleRule& rule) {
  for (const char* transition : {"Transition", "NoncurrentVersionTransition"}) {
    if (!node.all(transition).empty()) {
      return S3Error(Code::NotImplemented, std::string(transition) + " is not implemented: there is one storage class, STANDARD.");
    }
  }
  const auto expiration = node.child("Expiration"), noncurrent = node.child("NoncurrentVersionExpiration");
  const auto abort = node.child("AbortIncompleteMultipartUpload");
  if (!expiration || !noncurrent || !abort) return S3Error(Code::MalformedXML);
  if (*expiration != nullptr) {
    if (auto read = read_expiration(**expiration, rule); !read) return read;
  }
  if (*noncurrent != nullptr) {
    const auto days = count_of(**noncurrent, "NoncurrentDays");
    if (!days) return days.error();
    const auto kept = count_of(**noncurrent, "NewerNoncurrentVersions");
    if (!kept) return kept.error();
    if (*days == 0) return S3Error(Code::MalformedXML);
    if (*kept > 100) return invalid("NewerNoncurrentVersions must be at most 100.");
    rule.noncurrent_days = *days;
    rule.noncurrent_kept = *kept;
  }
  if (*abort != nullptr) {
    const auto days = count_of(**abort, "DaysAfterInitiation");
    if (!days) return days.error();
    if (*days == 0) return S3Error(Code::MalformedXML);
    rule.abort_days = *days;
  }
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

S3Result<LifecycleRule> read_rule(const XmlElement& node) {
  LifecycleRule rule;
  const auto id = node.child("ID");
  const auto status = node.child_text("Status");
  if (!id || !status || (*status != "Enabled" && *status != "Disabled")) return S3Error(Code::MalformedXML);
  if (*id != nullptr) rule.id = (*id)->text;
  if (rule.id.size() > kRuleIdCharactersMax) return invalid("ID length should not exceed allowed limit of 255");
  rule.enabled = *status == "Enabled";
  if (auto read = read_filter(node, rule.filter); !read) return read.error();
  if (auto read = read_actions(node, rule); !read) return read.error();
  return rule;
}

}  // namespace

S3Result<storage::LifecycleRules> parse_lifecycle(std::string_view body) {
  const auto root = parse_xml(body, "LifecycleConfiguration");
  if (!root) return root.error();
  storage::LifecycleRules rules;
  std::set<std::string> ids;
  for (const XmlElement* node : root->all("Rule")) {
    auto rule = read_rule(*node);
    if (!rule) return rule.error();
    if (!rule->id.empty() && !ids.insert(rule->id).second) return invalid("Rule ID must be unique. Found same ID for more than one rule");
    rules.push_back(std::move(*rule));
    if (rules.size() > storage::kLifecycleRulesMax) return S3Error(Code::InvalidRequest, "A configuration has at most 1000 rules.");
  }
  if (rules.empty()) return S3Error(Code::MalformedXML);
  for (std::size_t n = 0; n < rules.size(); ++n) {
    for (std::size_t number = n + 1; rules[n].id.empty(); ++number) {
      const std::string id = "rule-" + std::to_string(number);
      if (ids.insert(id).second) rules[n].id = id;
    }
  }
  return rules;
}

std::string lifecycle_xml(const storage::LifecycleRules& rules) {
  XmlWriter xml("LifecycleConfiguration");
  for (const LifecycleRule& rule : rules) rule_xml(xml, rule);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
