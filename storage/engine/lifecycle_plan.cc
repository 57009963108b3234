// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/lifecycle_plan.h"

#include <algorithm>

#include "storage/engine/errors.h"
#include "storage/engine/object_lock.h"
#include "storage/engine/sealed_row.h"
#include "storage/engine/upload.h"
#include "storage/engine/version_walk.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

std::string id_of(const Object& object) { return object.null_version ? "null" : object.version_id; }

// The first rule that wants an upload of that key and age gone. A bucket without such a rule has the default one.
std::optional<std::string> rule_for_upload(const LifecycleRules& rules, BytesView key, const std::function<bool(std::uint32_t)>& is_due) {
  const bool has_rule = std::any_of(rules.begin(), rules.end(), [](const LifecycleRule& rule) { return rule.abort_days != 0; });
  if (!has_rule) return is_due(kDefaultAbortDays) ? std::optional<std::string>("default") : std::nullopt;
  for (const LifecycleRule& rule : rules) {
    if (rule.enabled && key.starts_with(rule.filter.prefix) && is_due(rule.abort_days)) return rule.id;
  }
  return std::nullopt;
}

}  // namespace

void LifecyclePlan::judge_latest(const Seen& seen, const Visit& visit) const {
  const Object& latest = seen.versions.front();
  for (const LifecycleRule& rule : bucket_.settings.lifecycle) {
    if (!rule.enabled || !rule.filter.matches(seen.key, latest.size, latest.tags)) continue;
    const bool is_old = is_due(latest.modified_ms, rule.expire_days);
    if (latest.delete_marker) {
      if (seen.versions.size() > 1 || !(is_old || rule.expire_delete_marker)) continue;
      return visit({.kind = LifecycleAction::Kind::RemoveVersion, .key = seen.key, .version = id_of(latest), .rule = rule.id});
    }
    const bool has_passed = rule.expire_date_ms != 0 && rule.expire_date_ms <= now_ms_;
    if (!is_old && !has_passed) continue;
    return visit({.kind = LifecycleAction::Kind::Expire, .key = seen.key, .seen = latest.sequence, .rule = rule.id});
  }
}

// A version is noncurrent since the one after it was written.
void LifecyclePlan::judge_noncurrent(const Seen& seen, std::size_t at, const Visit& visit) const {
  const Object& version = seen.versions[at];
  const std::size_t newer = at - 1;  // noncurrent ones above it
  if (is_locked(version, false, now_ms_)) return;
  for (const LifecycleRule& rule : bucket_.settings.lifecycle) {
    if (!rule.enabled || !rule.filter.matches(seen.key, version.size, version.tags)) continue;
    if (!is_due(seen.versions[at - 1].modified_ms, rule.noncurrent_days) || newer < rule.noncurrent_kept) continue;
    return visit({.kind = LifecycleAction::Kind::RemoveVersion, .key = seen.key, .version = id_of(version), .rule = rule.id});
  }
}

void LifecyclePlan::judge(const Seen& seen, const Visit& visit) const {
  if (seen.versions.empty()) return;
  judge_latest(seen, visit);
  for (std::size_t at = 1; at < seen.versions.size(); ++at) judge_noncurrent(seen, at, visit);
}

Result<std::optional<Bytes>> LifecyclePlan::versions(BytesView from, std::size_t rows, const Visit& visit) const {
  const auto snapshot = store_.index->snapshot();
  VersionWalk walk(store_, *snapshot, bucket_.collectivity, bucket_.id);
  Seen seen;
  std::size_t read = 0;
  auto moved = walk.seek(from);
  for (; moved && walk.valid(); moved = walk.next()) {
    if (walk.key() != seen.key || seen.versions.empty()) {
      judge(seen, visit);
      if (read >= rows) return std::optional<Bytes>(walk.key());
      seen = {walk.key(), {}};
    }
    auto object = walk.object();
    if (!object) return object.error();
    seen.versions.push_back(std::move(*object));
    ++read;
  }
  if (!moved) return moved.error();
  judge(seen, visit);
  return std::optional<Bytes>();
}

Result<std::optional<Bytes>> LifecyclePlan::uploads(BytesView from, std::size_t rows, const Visit& visit) const {
  const auto snapshot = store_.index->snapshot();
  const Bytes bucket = keys::bucket_prefix(bucket_.collectivity, bucket_.id);
  const auto cursor = snapshot->cursor(Table::Uploads);
  std::size_t read = 0;
  for (cursor->seek(bucket + Bytes(from)); cursor->valid() && cursor->key().starts_with(bucket); cursor->next()) {
    const BytesView tail = cursor->key().substr(bucket.size());
    if (read++ == rows) return std::optional<Bytes>(tail);
    Bytes key;
    std::size_t taken = 0;
    if (!keys::unescape(tail, key, taken) || tail.size() != taken + kUploadIdBytes) return EngineErrc::Damaged;
    const auto plain = open_row(store_, bucket_.collectivity, Table::Uploads, cursor->key(), cursor->value());
    if (!plain) return plain.error();
    const auto upload = decode_upload(*plain);
    if (!upload) return EngineErrc::Damaged;
    if (upload->outcome) continue;
    const auto rule = rule_for_upload(bucket_.settings.lifecycle, key, [&](std::uint32_t days) { return is_due(upload->started_ms, days); });
    if (rule) visit({.kind = LifecycleAction::Kind::AbortUpload, .key = std::move(key), .upload_id = Bytes(tail.substr(taken)), .rule = *rule});
  }
  if (auto status = cursor->status(); !status) return status.error();
  return std::optional<Bytes>();
}

}  // namespace beffroi::storage
