// SPDX-License-Identifier: EUPL-1.2
// Carries out lifecycle rules: one pass over every bucket after each midnight (UTC), on a thread of its own, slice by slice (some rows
// are judged, what is due is committed through the background lane, then it rests), so that clients hardly feel it. Each change is audited
// with the rule's id. Where a pass stands is kept in row `meta` `09` job 2: a start goes on from there. A version that changed since it
// was judged, one that is locked, and a delete marker that the quota refuses are left to the next pass.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "storage/engine/change.h"
#include "storage/engine/lifecycle_plan.h"
#include "storage/engine/store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class Engine;

inline constexpr std::uint64_t kLifecycleJob = 2;

// Row `meta` `09` job 2.
struct LifecycleJob {
  std::int64_t day = 0;  // number of the day that the pass is for; buckets below `place` are done with
  std::optional<std::pair<CollectivityId, BucketId>> place;  // none: the pass has ended
  bool uploads = false;  // of that bucket, its versions are done with
  Bytes from;            // where to go on in it
};
Bytes encode(const LifecycleJob&);
Result<LifecycleJob> decode_lifecycle_job(BytesView);

class LifecycleWorker {
 public:
  LifecycleWorker(Engine& engine, Store& store) : engine_(engine), store_(store) {}
  ~LifecycleWorker() { stop(); }

  // Reads where the last life was. Then, when it is started, passes by itself.
  Result<void> resume();
  void start();
  void stop();
  // The pass of this day if it is due, to its end or to a stop. One thread at a time: the worker's, or a test's.
  Result<void> run_when_due();

 private:
  Result<void> pass(LifecycleJob);
  Result<void> slice(const Bucket&, LifecycleJob&);
  Result<void> carry_out(const Bucket&, std::vector<LifecycleAction>);
  Result<Prepared> prepare(const Bucket&, const LifecycleAction&);
  Result<void> save(const LifecycleJob&);
  std::optional<Bucket> next_bucket(const LifecycleJob&) const;
  bool rest();  // false: stopping

  Engine& engine_;
  Store& store_;
  LifecycleJob job_;  // as saved
  std::int64_t saved_ms_ = 0;
  Guarded<bool> stopping_{false};
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace beffroi::storage
