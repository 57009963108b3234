// SPDX-License-Identifier: EUPL-1.2
// The directory: every collectivity, user and access key, in memory, for the lookups that each request makes.
// Loaded at start and changed only by the committer when a change is published, so a reader never sees what
// is not durable. What a lookup returned stays valid and unchanged for as long as it is held. Thread-safe.
// Sized for 2 500 collectivities and 10 000 keys.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "storage/ids.h"
#include "storage/tenant/access_key.h"
#include "storage/tenant/collectivity.h"
#include "storage/tenant/user.h"

namespace beffroi::storage {

class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;

  // Lookups: a null pointer when there is none.
  std::shared_ptr<const Collectivity> collectivity(CollectivityId) const;
  std::shared_ptr<const Collectivity> by_slug(std::string_view) const;
  std::shared_ptr<const Collectivity> by_siren(std::string_view) const;
  std::shared_ptr<const User> user(CollectivityId, UserId) const;
  std::shared_ptr<const User> user_by_name(CollectivityId, std::string_view name) const;
  std::shared_ptr<const User> user_by_canonical_id(std::string_view) const;
  std::shared_ptr<const AccessKey> access_key(std::string_view id) const;

  // Lists, in the order of their numbers (keys: of their ids).
  std::vector<std::shared_ptr<const Collectivity>> collectivities() const;
  std::vector<std::shared_ptr<const User>> users(CollectivityId) const;
  std::vector<std::shared_ptr<const AccessKey>> access_keys(CollectivityId) const;
  std::vector<std::shared_ptr<const AccessKey>> access_keys(CollectivityId, UserId) const;

  // Changes: a put replaces what has the same number or id. CHECKs that a slug, a SIREN or a user's name is
  // not moved to another (the committer refused that before), and that a collectivity's slug stays what it
  // was.
  void put_collectivity(Collectivity);
  void put_user(User);
  void put_access_key(AccessKey);

 private:
  struct Tables;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
