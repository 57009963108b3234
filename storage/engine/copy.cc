// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"

namespace beffroi::storage {
namespace {

// An inline payload is sealed anew, and so is what a customer's key reads: its copy may be read by another.
bool has_blob_to_share(const Object& source) { return !source.is_inline() && source.customer_check.empty(); }

// A copy by reference: the destination's row names the source's blob, whose count rises. Source and destination may be one key
// (new headers for an object), or two keys of one blob: where the copy replaces its own blob the count does not move.
class CopyChange final : public Change {
 public:
  CopyChange(Store& store, CollectivityId t, Engine::CopySource source, BucketId b, Bytes key)
      : store_(store),
        t_(t),
        b_(b),
        from_(std::move(source)),
        source_(store, t, from_.bucket, from_.key),
        versions_(store, t, b, std::move(key)) {}

  Result<void> claim(Claims& claims) override {
    if (auto done = source_.claim_source(claims, from_.version); !done) return done;
    return versions_.claim(claims);
  }

  Result<void> build(Group& group) override {
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    const Object* source = from_.version.empty() ? source_.current() : source_.named();
    if (!source || source->delete_marker) return from_.version.empty() ? EngineErrc::NoSuchKey : EngineErrc::NoSuchVersion;
    if (auto holds = check_copy_source(from_.conditions, *source); !holds) return holds;
    if (auto holds = check_write(conditions, versions_.current()); !holds) return holds;
    // What was reserved and taken over is what was seen.
    if (!has_blob_to_share(*source) || source->sequence != seen) return EngineErrc::Changed;

    Object object;
    static_cast<ObjectFields&>(object) = std::move(fields);
    object.size = source->size;
    object.etag = source->etag;
    object.checksum = source->checksum;
    object.blob = source->blob;
    auto put = versions_.put(group, object, true);
    if (put) answer(committed, object, versions_.versioning());
    return put;
  }

  void published() override { store_.quotas.settle(std::move(quota), versions_.delta().bytes, versions_.delta().objects); }
  void refused() override { quota = {}; }

  ObjectFields fields;
  Sequence seen{0};
  Conditions conditions;
  QuotaReservation quota;

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Engine::CopySource from_;
  KeyVersions source_, versions_;
};

}  // namespace

Result<Prepared> Engine::copy(CollectivityId t, CopySource source, const Object& seen, BucketId b, Bytes key, ObjectFields fields,
                              Conditions conditions, Actor actor, AuditRecord audit, QuotaRefusal* refusal) {
  if (auto admitted = admission(); !admitted) return admitted.error();
  if (!has_blob_to_share(seen)) return EngineErrc::Changed;
  auto quota = store_->quotas.reserve(t, seen.size, 1, refusal);
  if (!quota) return quota.error();
  auto change = std::make_unique<CopyChange>(*store_, t, std::move(source), b, std::move(key));
  change->fields = std::move(fields);
  change->seen = seen.sequence;
  change->conditions = std::move(conditions);
  change->quota = std::move(*quota);
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return Prepared(std::move(change));
}

}  // namespace beffroi::storage
