// SPDX-License-Identifier: EUPL-1.2
#include "crypto/check.h"
#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/engine/engine.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

Bytes number_of(CollectivityId t) {
  Bytes out;
  append_le(out, raw(t));
  return out;
}

// The row of a collectivity belongs to the appliance: sealed under the system key, outside any collectivity's digest.
void put_collectivity(Group& group, const Store& store, const Collectivity& c) {
  Bytes key = keys::collectivity(c.id);
  Bytes sealed = store.keyring->system_rows().seal({static_cast<std::uint8_t>(Table::Meta), key}, encode(c));
  group.put(Table::Meta, std::move(key), std::move(sealed));
}

class CreateCollectivity final : public Change {
 public:
  CreateCollectivity(Store& store, Collectivity c) : store_(store), collectivity_(std::move(c)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(collectivity_.id, Claims::Mode::Exclusive);
    claims.row(keys::slug(collectivity_.slug), Claims::Mode::Exclusive);
    claims.row(keys::siren(collectivity_.siren), Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    if (store_.directory.by_slug(collectivity_.slug) || store_.directory.by_siren(collectivity_.siren)) {
      return EngineErrc::AlreadyExists;
    }
    const CollectivityId t = collectivity_.id;
    collectivity_.created_ms = group.now_ms();
    group.state().next_collectivity = std::max(group.state().next_collectivity, next(t));
    put_collectivity(group, store_, collectivity_);
    group.put(Table::Meta, keys::siren(collectivity_.siren), number_of(t));
    group.put(Table::Meta, keys::slug(collectivity_.slug), number_of(t));
    if (auto started = group.usage(t, BucketId{0}); !started) return started.error();
    if (audit) audit->collectivity = t;
    return {};
  }

  void published() override {
    store_.quotas.load(collectivity_.id, 0, 0, {collectivity_.quota_bytes, collectivity_.quota_objects});
    store_.directory.put_collectivity(std::move(collectivity_));
  }

 private:
  Store& store_;
  Collectivity collectivity_;
};

class SetQuota final : public Change {
 public:
  SetQuota(Store& store, CollectivityId t, QuotaLimits limits) : store_(store), t_(t), limits_(limits) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(t_, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const auto found = store_.directory.collectivity(t_);
    if (!found) return EngineErrc::NotFound;
    changed_ = *found;
    changed_.quota_bytes = limits_.bytes;
    changed_.quota_objects = limits_.objects;
    put_collectivity(group, store_, changed_);
    return {};
  }

  void published() override {
    store_.quotas.set_limits(t_, limits_);
    store_.directory.put_collectivity(std::move(changed_));
  }

 private:
  Store& store_;
  const CollectivityId t_;
  const QuotaLimits limits_;
  Collectivity changed_;
};

// Between active and suspended; what is closing or shredded stays so.
class SetSuspended final : public Change {
 public:
  SetSuspended(Store& store, CollectivityId t, bool suspended)
      : store_(store), t_(t), state_(suspended ? CollectivityState::Suspended : CollectivityState::Active) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(t_, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const auto found = store_.directory.collectivity(t_);
    if (!found) return EngineErrc::NotFound;
    if (found->state != CollectivityState::Active && found->state != CollectivityState::Suspended) {
      return EngineErrc::CollectivityInactive;
    }
    changed_ = *found;
    changed_.state = state_;
    put_collectivity(group, store_, changed_);
    return {};
  }

  void published() override { store_.directory.put_collectivity(std::move(changed_)); }

 private:
  Store& store_;
  const CollectivityId t_;
  const CollectivityState state_;
  Collectivity changed_;
};

class CreateUser final : public Change {
 public:
  CreateUser(Store& store, User user) : store_(store), user_(std::move(user)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(user_.collectivity, Claims::Mode::Shared);
    claims.row(keys::user(user_.collectivity, UserId{0}) + user_.name, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const CollectivityId t = user_.collectivity;
    if (!store_.directory.collectivity(t)) return EngineErrc::NotFound;
    if (store_.directory.user_by_name(t, user_.name)) return EngineErrc::AlreadyExists;
    user_.id = group.state().next_user;
    group.state().next_user = next(user_.id);
    user_.created_ms = group.now_ms();
    return group.put_sealed(t, Table::Meta, keys::user(t, user_.id), encode(user_), {});
  }

  void published() override { store_.directory.put_user(std::move(user_)); }

 private:
  Store& store_;
  User user_;
};

// Makes or replaces an access key's row.
Result<void> put_access_key(Group& group, const Store& store, const AccessKey& key, BytesView replaced) {
  const auto keys = store.keyring->keys(key.collectivity);
  if (!keys) return EngineErrc::NotFound;
  Bytes row_key = keys::access_key(key.id);
  Bytes record = encode(key);
  const Bytes sealed = keys->rows.seal({static_cast<std::uint8_t>(Table::Meta), row_key}, record);
  crypto::wipe(record);
  if (auto counted = group.count_sealed(key.collectivity, Table::Meta, row_key, sealed, replaced); !counted) return counted;
  group.put(Table::Meta, std::move(row_key), join_access_key_row(key.collectivity, sealed));
  return {};
}

class CreateAccessKey final : public Change {
 public:
  CreateAccessKey(Store& store, AccessKey key) : store_(store), key_(std::move(key)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(key_.collectivity, Claims::Mode::Shared);
    claims.row(keys::access_key(key_.id), Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    if (!store_.directory.user(key_.collectivity, key_.user)) return EngineErrc::NotFound;
    if (store_.directory.access_key(key_.id)) return EngineErrc::AlreadyExists;
    key_.created_ms = group.now_ms();
    return put_access_key(group, store_, key_, {});
  }

  void published() override { store_.directory.put_access_key(std::move(key_)); }

 private:
  Store& store_;
  AccessKey key_;
};

class RevokeAccessKey final : public Change {
 public:
  RevokeAccessKey(Store& store, std::string id) : store_(store), id_(std::move(id)) {}

  Result<void> claim(Claims& claims) override {
    claims.row(keys::access_key(id_), Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    const auto found = store_.directory.access_key(id_);
    if (!found || found->revoked) return EngineErrc::NotFound;
    const auto row = store_.index->get(Table::Meta, keys::access_key(id_));
    if (!row) return row.error();
    const auto parts = split_access_key_row(*row);
    if (!parts) return parts.error();
    changed_ = found->clone();
    changed_.revoked = true;
    ++changed_.generation;
    if (audit) audit->collectivity = changed_.collectivity;
    return put_access_key(group, store_, changed_, parts->sealed);
  }

  void published() override { store_.directory.put_access_key(std::move(changed_)); }

 private:
  Store& store_;
  const std::string id_;
  AccessKey changed_;
};

template <class AnyChange>
Prepared with_audit(std::unique_ptr<AnyChange> change, AuditRecord audit) {
  change->audit = std::move(audit);
  return change;
}

}  // namespace

Result<Prepared> Engine::create_collectivity(Collectivity c, AuditRecord audit) {
  if (!store_->space->room_for_keys()) return EngineErrc::NoSpace;
  if (storage::check(c)) return EngineErrc::InvalidArgument;
  if (store_->directory.by_slug(c.slug) || store_->directory.by_siren(c.siren)) return EngineErrc::AlreadyExists;
  // The keys are durable before the frame that names them; a number whose frame never comes is skipped for good.
  auto one_at_a_time = store_->new_collectivity.lock();
  c.id = std::max(CollectivityId{kFirstCollectivity}, next(store_->keyring->highest()));
  if (auto made = store_->keyring->add_collectivity(c.id); !made) return made.error();
  return with_audit(std::make_unique<CreateCollectivity>(*store_, std::move(c)), std::move(audit));
}

Prepared Engine::set_quota(CollectivityId t, QuotaLimits limits, AuditRecord audit) {
  return with_audit(std::make_unique<SetQuota>(*store_, t, limits), std::move(audit));
}

Prepared Engine::set_suspended(CollectivityId t, bool suspended, AuditRecord audit) {
  return with_audit(std::make_unique<SetSuspended>(*store_, t, suspended), std::move(audit));
}

Prepared Engine::create_user(User user, AuditRecord audit) {
  return with_audit(std::make_unique<CreateUser>(*store_, std::move(user)), std::move(audit));
}

Prepared Engine::create_access_key(AccessKey key, AuditRecord audit) {
  return with_audit(std::make_unique<CreateAccessKey>(*store_, std::move(key)), std::move(audit));
}

Prepared Engine::revoke_access_key(std::string id, AuditRecord audit) {
  return with_audit(std::make_unique<RevokeAccessKey>(*store_, std::move(id)), std::move(audit));
}

}  // namespace beffroi::storage
