// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"
#include "storage/engine/object_lock.h"
#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

class RemoveChange final : public Change {
 public:
  RemoveChange(Store& store, CollectivityId t, BucketId b, Bytes key, Engine::Removal removal)
      : store_(store), t_(t), b_(b), removal_(std::move(removal)), versions_(store, t, b, std::move(key)) {}

  Result<void> claim(Claims& claims) override { return versions_.claim(claims, removal_.version); }

  Result<void> build(Group& group) override {
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    Object* const named = versions_.named();
    if (!removal_.conditions.empty()) {
      const Object* judged = removal_.version.empty() ? versions_.current() : named;
      if (auto holds = check_write(removal_.conditions, judged); !holds) return holds;
    }
    if (removal_.seen && (!versions_.current() || versions_.current()->sequence != *removal_.seen)) return EngineErrc::Changed;
    const bool versioned = versions_.versioning() != Versioning::Off;
    if (versioned && removal_.version.empty()) return quota ? put_marker(group) : EngineErrc::Changed;
    if (named == nullptr) return {};
    if (is_locked(*named, removal_.bypass, group.now_ms()) && !mutant("lock_ignored")) return EngineErrc::Locked;
    answer(committed, *named, versions_.versioning());
    return versions_.remove_version(group);
  }

  void published() override {
    const UsageDelta& delta = versions_.delta();
    if (quota) store_.quotas.settle(std::move(quota), delta.bytes, delta.objects);
    else store_.quotas.adjust(t_, delta.bytes, delta.objects);
  }
  void refused() override { quota = {}; }

  QuotaReservation quota;  // of a delete marker

 private:
  Result<void> put_marker(Group& group) {
    Object marker;
    marker.delete_marker = true;
    marker.owner = removal_.owner;
    auto put = versions_.put(group, marker);
    if (put) answer(committed, marker, versions_.versioning());
    return put;
  }

  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Engine::Removal removal_;
  KeyVersions versions_;
};

}  // namespace

Result<Prepared> Engine::remove(CollectivityId t, BucketId b, Bytes key, Removal removal, std::optional<Actor> actor, AuditRecord audit,
                                QuotaRefusal* refusal) {
  const auto bucket = store_->buckets.find(t, b);
  QuotaReservation quota;
  if (removal.version.empty() && bucket && bucket->settings.versioning != Versioning::Off) {
    auto room = store_->quotas.reserve(t, 0, 1, refusal);
    if (!room) return room.error();
    quota = std::move(*room);
  }
  auto change = std::make_unique<RemoveChange>(*store_, t, b, std::move(key), std::move(removal));
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  change->quota = std::move(quota);
  return Prepared(std::move(change));
}

}  // namespace beffroi::storage
