// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/lifecycle.h"

#include "server/s3/dates.h"
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

}  // namespace

std::string lifecycle_xml(const storage::LifecycleRules& rules) {
  XmlWriter xml("LifecycleConfiguration");
  for (const LifecycleRule& rule : rules) rule_xml(xml, rule);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
