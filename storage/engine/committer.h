// SPDX-License-Identifier: EUPL-1.2
// The committer: the one thread through which every change of state passes, in order (docs/architecture.md §2, §5; claims and
// limits of a group in docs/formats.md "Groups"). It takes prepared changes from a queue, forms a group whose claims do not
// conflict, checks preconditions against the index alone, and makes the group true with one log frame and one fdatasync.
//
//   1 append the frame, fdatasync     the commit point; a crash before: never happened; after: happened, perhaps unacknowledged
//   2 apply the rows to the index     a crash: the start replays the frame
//   3 publish: memory, then each completion
//
// Exactly one frame is in flight. An error in 1 or 2 is fail-stop. submit() never blocks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "storage/engine/change.h"
#include "storage/engine/group.h"
#include "storage/engine/store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

inline constexpr std::size_t kGroupChangesMax = 512;
inline constexpr std::size_t kGroupRowBytesMax = 4u << 20;    // a single larger change goes alone
inline constexpr std::size_t kBackgroundShare = 8;            // of a group's changes, at most 1/8 are upkeep
inline constexpr std::int64_t kSlowDownAfterMs = 2'000;       // age of the oldest waiter at which admission answers SlowDown
inline constexpr std::int64_t kStuckAfterMs = 10'000;         // ... at which the process stops

// What /metrics shows of the committer. Counters only grow.
struct CommitterStats {
  std::atomic<std::uint64_t> groups{0}, changes{0}, refused{0}, frame_bytes{0};
  std::atomic<std::uint64_t> build_ns{0}, log_ns{0}, apply_ns{0};  // claims, checks and rows; the frame; the index
};

class Committer {
 public:
  explicit Committer(Store&);
  ~Committer();  // stop()
  Committer(const Committer&) = delete;

  void start();
  // Commits what is queued, then ends the thread. Later submits complete with Stopped.
  void stop();

  // Any thread. `completion` may be nullptr; else it lives until its sink was called. A change with a body first waits for that
  // body's fdatasync.
  void submit(Prepared, Completion*);
  // The same, and waits. Never on the committer's thread or an I/O thread.
  Result<Committed> commit(Prepared);
  // Runs `work` on the committer's thread between two groups, and waits: for what only that thread may touch.
  Result<void> between_groups(const std::function<Result<void>()>& work);
  // One group of exactly these changes, before start(), on the calling thread (recovery's first frame).
  Result<void> commit_first(std::vector<Prepared>);

  std::int64_t oldest_wait_ms() const;  // 0 when nothing waits
  const CommitterStats& stats() const { return stats_; }
  // Refused changes whose bodies are still to be given back; their destructors may wait for a device.
  std::vector<Prepared> take_refused();

 private:
  friend class Change;
  struct Queue {
    std::deque<Prepared> changes;
    std::deque<std::function<void()>> work;
    bool stopping = false;
  };

  void enqueue(Prepared);
  void run();
  void form(Group&, std::vector<Prepared>& accepted, std::vector<Prepared>& refused);
  Result<void> still_valid(const Actor&) const;
  // Builds one change; its audit record is added whatever the outcome.
  Result<void> build(Group&, Change&);
  Result<void> unaudited(const error_code&);
  bool commit(Group&, std::vector<Prepared>& accepted);
  Result<Sequence> append();
  void finish(std::vector<Prepared>& accepted, std::vector<Prepared>& refused);
  void process();
  void stop_all(std::deque<Prepared>&);

  Store& store_;
  UsageBook usages_;
  crypto::HmacSha256 digest_mac_;
  CommitterTime time_;
  ClaimTable claims_;
  Claims claim_scratch_;
  Bytes frame_;
  std::deque<Prepared> waiting_;  // committer's thread: taken, not yet in a group
  Guarded<Queue> queue_;
  std::condition_variable wake_;
  std::atomic<std::int64_t> oldest_queued_ms_{0};
  Guarded<std::vector<Prepared>> refused_;
  CommitterStats stats_;
  std::thread thread_;
};

}  // namespace beffroi::storage
