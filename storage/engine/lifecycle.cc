// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/lifecycle.h"

#include <algorithm>

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t {
  kId = 1,
  kEnabled,
  kPrefix,
  kTags,
  kSizeAbove,
  kSizeBelow,
  kAtRule,
  kExpireDays,
  kExpireDate,
  kExpireMarker,
  kNoncurrentDays,
  kNoncurrentKept,
  kAbortDays,
};

// A bound of 0 is not no bound: kept one higher.
void bound(RecordWriter& w, std::uint8_t tag, const std::optional<std::uint64_t>& value) {
  if (value) w.field(tag, *value + 1);
}

Bytes encode(const LifecycleRule& rule) {
  RecordWriter w;
  w.text(kId, rule.id);
  w.field(kEnabled, static_cast<std::uint8_t>(rule.enabled));
  w.text(kPrefix, rule.filter.prefix);
  if (!rule.filter.tags.empty()) w.field(kTags, encode_pairs(rule.filter.tags));
  bound(w, kSizeAbove, rule.filter.size_above);
  bound(w, kSizeBelow, rule.filter.size_below);
  w.field(kAtRule, static_cast<std::uint8_t>(rule.filter.at_rule));
  w.field(kExpireDays, rule.expire_days);
  w.field(kExpireDate, rule.expire_date_ms);
  w.field(kExpireMarker, static_cast<std::uint8_t>(rule.expire_delete_marker));
  w.field(kNoncurrentDays, rule.noncurrent_days);
  w.field(kNoncurrentKept, rule.noncurrent_kept);
  w.field(kAbortDays, rule.abort_days);
  return w.take();
}

Result<LifecycleRule> decode_rule(BytesView in) {
  LifecycleRule rule;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kId: rule.id = r.text(); break;
      case kEnabled: rule.enabled = r.flag(); break;
      case kPrefix: rule.filter.prefix = r.text(); break;
      case kTags:
        if (!decode_pairs(r.bytes(), rule.filter.tags)) r.fail(crypto::Errc::BadFormat);
        break;
      case kSizeAbove: rule.filter.size_above = r.integer<std::uint64_t>() - 1; break;
      case kSizeBelow: rule.filter.size_below = r.integer<std::uint64_t>() - 1; break;
      case kAtRule: rule.filter.at_rule = r.flag(); break;
      case kExpireDays: rule.expire_days = r.integer<std::uint32_t>(); break;
      case kExpireDate: rule.expire_date_ms = r.integer<std::int64_t>(); break;
      case kExpireMarker: rule.expire_delete_marker = r.flag(); break;
      case kNoncurrentDays: rule.noncurrent_days = r.integer<std::uint32_t>(); break;
      case kNoncurrentKept: rule.noncurrent_kept = r.integer<std::uint32_t>(); break;
      case kAbortDays: rule.abort_days = r.integer<std::uint32_t>(); break;
      default: r.unknown();
    }
  }
  if (auto status = r.status(); !status) return status.error();
  return rule;
}

}  // namespace

bool LifecycleFilter::matches(BytesView key, std::uint64_t size, const Tags& given) const {
  if (!key.starts_with(prefix)) return false;
  if (size_above && size <= *size_above) return false;
  if (size_below && size >= *size_below) return false;
  return std::all_of(tags.begin(), tags.end(), [&](const auto& tag) { return std::find(given.begin(), given.end(), tag) != given.end(); });
}

std::int64_t due_ms(std::int64_t since_ms, std::uint32_t days, std::int64_t day_ms) {
  const std::int64_t due = since_ms + std::int64_t{days} * day_ms;
  return (due + day_ms - 1) / day_ms * day_ms;
}

std::optional<Expiration> expiration_of(const LifecycleRules& rules, BytesView key, std::uint64_t size, const Tags& tags, std::int64_t modified_ms) {
  std::optional<Expiration> first;
  for (const LifecycleRule& rule : rules) {
    const bool expires = rule.expire_days != 0 || rule.expire_date_ms != 0;
    if (!rule.enabled || !expires || !rule.filter.matches(key, size, tags)) continue;
    const std::int64_t at_ms = rule.expire_days != 0 ? due_ms(modified_ms, rule.expire_days, kLifecycleDayMs) : rule.expire_date_ms;
    if (!first || at_ms < first->at_ms) first = Expiration{at_ms, rule.id};
  }
  return first;
}

// n x { length varint | record }
Bytes encode(const LifecycleRules& rules) {
  Bytes out;
  for (const LifecycleRule& rule : rules) {
    const Bytes record = encode(rule);
    append_varint(out, record.size());
    out += record;
  }
  return out;
}

Result<LifecycleRules> decode_lifecycle(BytesView in) {
  LifecycleRules rules;
  ByteReader r(in);
  while (r.ok() && !r.at_end()) {
    auto rule = decode_rule(r.take(r.varint()));
    if (!r.ok()) break;
    if (!rule) return rule.error();
    rules.push_back(std::move(*rule));
  }
  if (!r.ok() || rules.empty() || rules.size() > kLifecycleRulesMax) return crypto::Errc::BadFormat;
  return rules;
}

}  // namespace beffroi::storage
