// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/engine.h"
#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

class CreateBucket final : public Change {
 public:
  CreateBucket(Store& store, Bucket bucket) : store_(store), bucket_(std::move(bucket)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(bucket_.collectivity, Claims::Mode::Shared);
    claims.bucket_name(bucket_.collectivity, bucket_.name, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const CollectivityId t = bucket_.collectivity;
    if (store_.buckets.find(t, bucket_.name)) return EngineErrc::BucketExists;
    bucket_.id = group.state().next_bucket;
    group.state().next_bucket = next(bucket_.id);
    bucket_.created_ms = group.now_ms();
    if (auto put = group.put_sealed(t, Table::Meta, keys::bucket(t, bucket_.id), encode(bucket_), {}); !put) return put;
    Bytes id;
    append_le(id, raw(bucket_.id));
    group.put(Table::Meta, keys::bucket_name(t, bucket_.name), std::move(id));
    return {};
  }

  void published() override { store_.buckets.put(std::move(bucket_)); }

 private:
  Store& store_;
  Bucket bucket_;
};

class ChangeBucket final : public Change {
 public:
  using Edit = std::function<Result<void>(BucketSettings&)>;
  ChangeBucket(Store& store, CollectivityId t, BucketId b, Edit edit) : store_(store), t_(t), b_(b), edit_(std::move(edit)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(t_, Claims::Mode::Shared);
    claims.bucket(t_, b_, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const auto bucket = store_.buckets.find(t_, b_);
    if (!bucket) return EngineErrc::NoSuchBucket;
    changed_ = *bucket;
    if (auto edited = edit_(changed_.settings); !edited) return edited;
    Bytes key = keys::bucket(t_, b_);
    const auto sealed = store_.index->get(Table::Meta, key);
    if (!sealed) return sealed.error();
    return group.put_sealed(t_, Table::Meta, std::move(key), encode(changed_), *sealed);
  }

  void published() override { store_.buckets.put(std::move(changed_)); }

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Edit edit_;
  Bucket changed_;
};

class DeleteBucket final : public Change {
 public:
  DeleteBucket(Store& store, CollectivityId t, BucketId b, std::string name) : store_(store), t_(t), b_(b), name_(std::move(name)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(t_, Claims::Mode::Shared);
    claims.bucket(t_, b_, Claims::Mode::Exclusive);
    claims.bucket_name(t_, name_, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const auto bucket = store_.buckets.find(t_, b_);
    if (!bucket || bucket->name != name_) return EngineErrc::NoSuchBucket;
    if (auto empty = check_empty(); !empty) return empty;
    const Bytes key = keys::bucket(t_, b_);
    const auto sealed = store_.index->get(Table::Meta, key);
    if (!sealed) return sealed.error();
    if (auto done = group.remove_sealed(t_, Table::Meta, key, *sealed); !done) return done;
    group.remove(Table::Meta, keys::bucket_name(t_, name_));
    return {};
  }

  void published() override { store_.buckets.remove(t_, name_); }

 private:
  // BucketNotEmpty for an object, a version or an upload under way. LIMIT: outcomes of completed uploads, kept for a day, are stepped over one by one.
  Result<void> check_empty() const {
    const Bytes prefix = keys::bucket_prefix(t_, b_);
    for (const Table table : {Table::Current, Table::Versions, Table::Uploads}) {
      const auto cursor = store_.index->cursor(table);
      for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
        if (table != Table::Uploads) return EngineErrc::BucketNotEmpty;
        const auto row = open_row(store_, t_, table, cursor->key(), cursor->value());
        if (!row) return row.error();
        const auto upload = decode_upload(*row);
        if (!upload) return upload.error();
        if (!upload->outcome) return EngineErrc::BucketNotEmpty;
      }
      if (auto status = cursor->status(); !status) return status;
    }
    return {};
  }

  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const std::string name_;
};

}  // namespace

std::shared_ptr<const Bucket> Engine::find_bucket(CollectivityId t, std::string_view name) const {
  return store_->buckets.find(t, name);
}

std::vector<std::shared_ptr<const Bucket>> Engine::list_buckets(CollectivityId t) const { return store_->buckets.list(t); }

Prepared Engine::create_bucket(CollectivityId t, NewBucket bucket, Actor actor, AuditRecord audit) {
  auto change = std::make_unique<CreateBucket>(
      *store_, Bucket{.collectivity = t,
                      .name = std::move(bucket.name),
                      .owner = std::move(bucket.owner),
                      .location = std::move(bucket.location),
                      .settings = std::move(bucket.settings)});
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return change;
}

Prepared Engine::change_bucket(CollectivityId t, BucketId b, std::function<Result<void>(BucketSettings&)> edit, Actor actor,
                               AuditRecord audit) {
  auto change = std::make_unique<ChangeBucket>(*store_, t, b, std::move(edit));
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return change;
}

Prepared Engine::delete_bucket(CollectivityId t, BucketId b, std::string name, Actor actor, AuditRecord audit) {
  auto change = std::make_unique<DeleteBucket>(*store_, t, b, std::move(name));
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return change;
}

}  // namespace beffroi::storage
