// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/current_row.h"
#include "storage/engine/engine.h"

namespace beffroi::storage {
namespace {

class RemoveChange final : public Change {
 public:
  RemoveChange(Store& store, CollectivityId t, BucketId b, Bytes key, Conditions conditions)
      : store_(store), t_(t), b_(b), key_(std::move(key)), conditions_(std::move(conditions)) {}

  Result<void> claim(Claims& claims) override {
    auto current = read_current(store_, t_, b_, key_);
    if (!current) return current.error();
    current_ = std::move(*current);
    claim_object(claims, t_, b_, key_, current_);
    return {};
  }

  Result<void> build(Group& group) override {
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    if (!conditions_.empty()) {
      if (auto holds = check_write(conditions_, current_.get()); !holds) return holds;
    }
    if (!current_.object) return {};
    if (auto done = group.remove_sealed(t_, Table::Current, current_.key, current_.sealed); !done) return done;
    if (auto done = group.drop_reference(t_, *current_.object); !done) return done;
    delta_ = {-static_cast<std::int64_t>(current_.object->size), -1};
    return group.count(t_, b_, delta_);
  }

  void published() override { store_.quotas.adjust(t_, delta_.bytes, delta_.objects); }

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Bytes key_;
  const Conditions conditions_;
  CurrentRow current_;
  UsageDelta delta_;
};

}  // namespace

Prepared Engine::remove(CollectivityId t, BucketId b, Bytes key, Conditions conditions, Actor actor, AuditRecord audit) {
  auto change = std::make_unique<RemoveChange>(*store_, t, b, std::move(key), std::move(conditions));
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return change;
}

}  // namespace beffroi::storage
