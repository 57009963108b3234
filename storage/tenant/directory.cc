// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/directory.h"

#include <map>
#include <string>
#include <utility>

#include "crypto/check.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {
namespace {

template <class Map, class Key>
typename Map::mapped_type find_or_null(const Map& map, const Key& key) {
  const auto it = map.find(key);
  return it == map.end() ? typename Map::mapped_type{} : it->second;
}

// Puts `value` under `name` unless another than `old` stands there.
template <class Map, class Pointer>
void put_name(Map& map, const std::string& name, const Pointer& old, const Pointer& value) {
  const auto [it, is_new] = map.emplace(name, value);
  CHECK(is_new || it->second == old);
  it->second = value;
}

}  // namespace

struct Directory::Tables {
  template <class T>
  using ByText = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

  std::map<CollectivityId, std::shared_ptr<const Collectivity>> collectivities;
  ByText<Collectivity> by_slug;
  ByText<Collectivity> by_siren;
  std::map<std::pair<CollectivityId, UserId>, std::shared_ptr<const User>> users;
  std::map<CollectivityId, ByText<User>> users_by_name;
  ByText<User> users_by_canonical_id;
  ByText<AccessKey> access_keys;
};

struct Directory::Impl {
  Guarded<Tables> tables;
};

Directory::Directory() : impl_(std::make_unique<Impl>()) {}
Directory::~Directory() = default;

std::shared_ptr<const Collectivity> Directory::collectivity(CollectivityId t) const {
  return find_or_null(impl_->tables.lock()->collectivities, t);
}

std::shared_ptr<const Collectivity> Directory::by_slug(std::string_view slug) const {
  return find_or_null(impl_->tables.lock()->by_slug, slug);
}

std::shared_ptr<const Collectivity> Directory::by_siren(std::string_view siren) const {
  return find_or_null(impl_->tables.lock()->by_siren, siren);
}

std::shared_ptr<const User> Directory::user(CollectivityId t, UserId id) const {
  return find_or_null(impl_->tables.lock()->users, std::pair(t, id));
}

std::shared_ptr<const User> Directory::user_by_name(CollectivityId t, std::string_view name) const {
  const auto tables = impl_->tables.lock();
  const auto it = tables->users_by_name.find(t);
  return it == tables->users_by_name.end() ? nullptr : find_or_null(it->second, name);
}

std::shared_ptr<const User> Directory::user_by_canonical_id(std::string_view id) const {
  return find_or_null(impl_->tables.lock()->users_by_canonical_id, id);
}

std::shared_ptr<const AccessKey> Directory::access_key(std::string_view id) const {
  return find_or_null(impl_->tables.lock()->access_keys, id);
}

std::vector<std::shared_ptr<const Collectivity>> Directory::collectivities() const {
  const auto tables = impl_->tables.lock();
  std::vector<std::shared_ptr<const Collectivity>> out;
  out.reserve(tables->collectivities.size());
  for (const auto& [t, collectivity] : tables->collectivities) out.push_back(collectivity);
  return out;
}

std::vector<std::shared_ptr<const User>> Directory::users(CollectivityId t) const {
  const auto tables = impl_->tables.lock();
  std::vector<std::shared_ptr<const User>> out;
  for (auto it = tables->users.lower_bound({t, UserId{0}}); it != tables->users.end() && it->first.first == t;
       ++it) {
    out.push_back(it->second);
  }
  return out;
}

std::vector<std::shared_ptr<const AccessKey>> Directory::access_keys(CollectivityId t) const {
  const auto tables = impl_->tables.lock();
  std::vector<std::shared_ptr<const AccessKey>> out;
  for (const auto& [id, key] : tables->access_keys) {
    if (key->collectivity == t) out.push_back(key);
  }
  return out;
}

std::vector<std::shared_ptr<const AccessKey>> Directory::access_keys(CollectivityId t, UserId user) const {
  auto out = access_keys(t);
  std::erase_if(out, [&](const auto& key) { return key->user != user; });
  return out;
}

void Directory::put_collectivity(Collectivity value) {
  const auto next = std::make_shared<const Collectivity>(std::move(value));
  auto tables = impl_->tables.lock();
  auto& slot = tables->collectivities[next->id];
  CHECK(!slot || slot->slug == next->slug);
  put_name(tables->by_slug, next->slug, slot, next);
  if (slot && slot->siren != next->siren) tables->by_siren.erase(slot->siren);
  put_name(tables->by_siren, next->siren, slot, next);
  slot = next;
}

void Directory::put_user(User value) {
  const auto next = std::make_shared<const User>(std::move(value));
  auto tables = impl_->tables.lock();
  auto& slot = tables->users[{next->collectivity, next->id}];
  auto& names = tables->users_by_name[next->collectivity];
  if (slot && slot->name != next->name) names.erase(slot->name);
  put_name(names, next->name, slot, next);
  put_name(tables->users_by_canonical_id, next->canonical_id, slot, next);
  slot = next;
}

void Directory::put_access_key(AccessKey value) {
  auto next = std::make_shared<const AccessKey>(std::move(value));
  auto tables = impl_->tables.lock();
  auto& slot = tables->access_keys[next->id];
  CHECK(!slot || slot->collectivity == next->collectivity);
  slot.swap(next);
  tables.unlock();  // the old secret is wiped outside the lock
}

}  // namespace beffroi::storage
