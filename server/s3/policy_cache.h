// SPDX-License-Identifier: EUPL-1.2
// PolicyCache: bucket policies as they were parsed, so that a request does not parse JSON. An entry is good for the bucket's row as
// it was when it was made: a change of any setting makes another row in memory, and another entry. Thread-safe.
#pragma once

#include <map>
#include <memory>

#include "server/s3/policy.h"
#include "storage/engine/bucket.h"
#include "storage/io/guarded.h"
#include "storage/tenant/directory.h"

namespace beffroi::s3 {

inline constexpr std::size_t kCachedPoliciesMax = 1024;  // then all are forgotten

class PolicyCache {
 public:
  // Null: the bucket has none. A stored policy that does not parse any more denies everything to everyone (but see judge.h on the
  // collectivity's admins), and says so in the log.
  std::shared_ptr<const Policy> find(const std::shared_ptr<const storage::Bucket>&,
                                     const storage::Directory&);

 private:
  struct Entry {
    std::shared_ptr<const storage::Bucket> bucket;  // the row; held, so that its address is not another's
    std::shared_ptr<const Policy> policy;
  };
  storage::Guarded<std::map<std::pair<storage::CollectivityId, storage::BucketId>, Entry>> entries_;
};

// Where a bucket's policy stands. Views into the two.
PolicyPlace place_of(const storage::Bucket&, const storage::Collectivity&);

}  // namespace beffroi::s3
