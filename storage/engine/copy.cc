// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/current_row.h"
#include "storage/engine/engine.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

// A copy by reference: the destination's row names the source's blob, whose count rises. Source and destination may be one key
// (new headers for an object), or two keys of one blob: the count then does not move.
class CopyChange final : public Change {
 public:
  CopyChange(Store& store, CollectivityId t, Engine::CopySource source, BucketId b, Bytes key)
      : store_(store), t_(t), b_(b), key_(std::move(key)), from_(std::move(source)) {}

  Result<void> claim(Claims& claims) override {
    auto source = read_current(store_, t_, from_.bucket, from_.key);
    if (!source) return source.error();
    auto current = read_current(store_, t_, b_, key_);
    if (!current) return current.error();
    source_ = std::move(*source);
    current_ = std::move(*current);
    claim_object(claims, t_, b_, key_, current_);
    claims.object(t_, from_.bucket, from_.key, Claims::Mode::Shared);
    if (source_.object) claims.blob(t_, source_.object->blob, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    if (!source_.object) return EngineErrc::NoSuchKey;
    Object& source = *source_.object;
    if (auto holds = check_copy_source(from_.conditions, source); !holds) return holds;
    if (auto holds = check_write(conditions, current_.get()); !holds) return holds;
    // What was reserved is what was seen; an inline payload has no blob to share.
    if (source.is_inline() || source.size > quota.bytes()) return EngineErrc::Changed;

    const bool same_blob = current_.object && !current_.object->is_inline() && current_.object->blob == source.blob;
    Object object;
    object.sequence = group.sequence();
    object.version_id = group.new_version_id();
    object.size = source.size;
    object.etag = source.etag;
    object.checksum = source.checksum;
    object.modified_ms = group.now_ms();
    object.owner = owner;
    object.headers = replace ? std::move(*replace) : source.headers;
    object.blob = source.blob;
    if (auto put = group.put_sealed(t_, Table::Current, current_.key, encode(object), current_.sealed); !put) return put;
    if (!same_blob) {
      if (auto added = group.add_reference(t_, source.blob); !added) return added;
      if (current_.object) {
        if (auto dropped = group.drop_reference(t_, *current_.object); !dropped) return dropped;
      }
    }
    delta_ = current_.replaced_by(object.size);
    if (auto counted = group.count(t_, b_, delta_); !counted) return counted;
    committed.version_id = object.version_id;
    committed.etag = object.etag;
    committed.checksum = object.checksum;
    return {};
  }

  void published() override { store_.quotas.settle(std::move(quota), delta_.bytes, delta_.objects); }
  void refused() override { quota = {}; }

  std::optional<ObjectHeaders> replace;
  std::string owner;
  Conditions conditions;
  QuotaReservation quota;

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Bytes key_;
  const Engine::CopySource from_;
  CurrentRow source_, current_;
  UsageDelta delta_;
};

}  // namespace

Result<Prepared> Engine::copy(CollectivityId t, CopySource source, const Object& seen, BucketId b, Bytes key,
                              std::optional<ObjectHeaders> replace, std::string owner, Conditions conditions, Actor actor,
                              AuditRecord audit, QuotaRefusal* refusal) {
  if (auto admitted = admission(); !admitted) return admitted.error();
  if (seen.is_inline()) return EngineErrc::Changed;
  auto quota = store_->quotas.reserve(t, seen.size, 1, refusal);
  if (!quota) return quota.error();
  auto change = std::make_unique<CopyChange>(*store_, t, std::move(source), b, std::move(key));
  change->replace = std::move(replace);
  change->owner = std::move(owner);
  change->conditions = std::move(conditions);
  change->quota = std::move(*quota);
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return Prepared(std::move(change));
}

}  // namespace beffroi::storage
