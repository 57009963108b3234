// SPDX-License-Identifier: EUPL-1.2
// A bucket: row `06` of `meta`, and the map of all of them in memory, changed by the committer when a frame is published.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/engine/lifecycle.h"
#include "storage/engine/object.h"
#include "storage/ids.h"

namespace beffroi::storage {

// Numbers are on disk.
enum class Versioning : std::uint8_t { Off = 0, Enabled = 1, Suspended = 2 };  // never Off again once it was another
enum class ObjectOwnership : std::uint8_t { BucketOwnerEnforced = 1, BucketOwnerPreferred = 2, ObjectWriter = 3 };

// What a version is locked by when its writer says nothing. Days or years, never both.
struct DefaultRetention {
  LockMode mode = LockMode::None;
  std::uint32_t days = 0;
  std::uint32_t years = 0;

  friend bool operator==(const DefaultRetention&, const DefaultRetention&) = default;
};

struct PublicAccessBlock {
  bool block_public_acls = false;
  bool ignore_public_acls = false;
  bool block_public_policy = false;
  bool restrict_public_buckets = false;

  friend bool operator==(const PublicAccessBlock&, const PublicAccessBlock&) = default;
};

// What may be changed after creation. A document is what its front stores and reads again; storage does not look inside.
struct BucketSettings {
  Versioning versioning = Versioning::Off;
  bool object_lock = false;                     // never false again; implies Versioning::Enabled
  DefaultRetention default_retention;           // None: no default
  std::optional<ObjectOwnership> ownership;     // none: as ObjectWriter, the setting answers 404
  std::optional<Acl> acl;                       // none: private
  std::optional<PublicAccessBlock> public_access_block;
  std::string policy;                           // JSON as it was put; empty: none
  std::string cors;                             // these two: XML as it is answered; empty: none
  std::string website;
  LifecycleRules lifecycle;
  Tags tags;
};

struct Bucket {
  CollectivityId collectivity{0};
  BucketId id{0};
  std::string name;
  std::string owner;     // canonical user id
  std::string location;  // LocationConstraint as given at creation; empty = none
  std::int64_t created_ms = 0;
  BucketSettings settings;
};

Bytes encode(const Bucket&);
Result<Bucket> decode_bucket(BytesView, CollectivityId, BucketId);

// Thread-safe.
class BucketMap {
 public:
  std::shared_ptr<const Bucket> find(CollectivityId, std::string_view name) const;  // nullptr: none
  std::shared_ptr<const Bucket> find(CollectivityId, BucketId) const;
  std::vector<std::shared_ptr<const Bucket>> list(CollectivityId) const;            // by name
  void put(Bucket);
  void remove(CollectivityId, std::string_view name);

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::pair<CollectivityId, std::string>, std::shared_ptr<const Bucket>, std::less<>> by_name_;
  std::map<std::pair<CollectivityId, BucketId>, std::shared_ptr<const Bucket>> by_id_;
};

}  // namespace beffroi::storage
