// SPDX-License-Identifier: EUPL-1.2
// A bucket: row `06` of `meta`, and the map of all of them in memory, changed by the committer when a frame is published.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

struct Bucket {
  CollectivityId collectivity{0};
  BucketId id{0};
  std::string name;
  std::string owner;     // canonical user id
  std::string location;  // LocationConstraint as given at creation; empty = none
  std::int64_t created_ms = 0;
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
