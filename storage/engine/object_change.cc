// SPDX-License-Identifier: EUPL-1.2
// What a writer says of a version after it was written.
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"

namespace beffroi::storage {
namespace {

class EditObject final : public Change {
 public:
  EditObject(Store& store, CollectivityId t, BucketId b, Bytes key, std::string version, Engine::ObjectEdit edit)
      : store_(store), t_(t), b_(b), version_(std::move(version)), edit_(std::move(edit)), versions_(store, t, b, std::move(key)) {}

  Result<void> claim(Claims& claims) override { return versions_.claim(claims, version_); }

  Result<void> build(Group& group) override {
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    Object* const named = versions_.named();
    if (named == nullptr) return version_.empty() ? EngineErrc::NoSuchKey : EngineErrc::NoSuchVersion;
    answer(committed, *named, versions_.versioning());
    if (named->delete_marker) return EngineErrc::DeleteMarker;
    if (auto edited = edit_(*named, group.now_ms()); !edited) return edited;
    return versions_.rewrite_named(group);
  }

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const std::string version_;
  const Engine::ObjectEdit edit_;
  KeyVersions versions_;
};

}  // namespace

Prepared Engine::change_object(CollectivityId t, BucketId b, Bytes key, std::string version, ObjectEdit edit, Actor actor, AuditRecord audit) {
  auto change = std::make_unique<EditObject>(*store_, t, b, std::move(key), std::move(version), std::move(edit));
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return change;
}

}  // namespace beffroi::storage
