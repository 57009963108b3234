// SPDX-License-Identifier: EUPL-1.2
// The check of a store at work (check.h): on a thread of its own, no faster than asked, resumable. Every five seconds a change of the
// background lane puts what it has come to into row `meta` `09` job 1, sealed under the system key, for findings name objects: the
// last body that was read, the findings among bodies, and at the end all of them. A start goes on with an unfinished check: it looks at
// tables, rows and audit again, and at the bodies from where it was. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "storage/engine/check.h"
#include "storage/engine/committer.h"
#include "storage/engine/store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

inline constexpr std::uint64_t kCheckJob = 1;
inline constexpr std::uint64_t kCheckBytesPerSecond = 64ull << 20;  // when nobody says; a quarter of what one disk reads
inline constexpr std::size_t kCheckFindingsMax = 10'000;            // kept; the store is to be restored long before

struct CheckStatus {
  bool running = false;
  std::string stage;                   // of a running one: tables, rows, audit, bodies
  std::uint64_t done = 0, total = 0;   // bytes of that stage; total 0: not known
  std::uint64_t bytes_per_second = 0;
  std::int64_t started_ms = 0;         // wall clock; 0: there was never one
  std::int64_t ended_ms = 0;           // 0: it has not ended
  std::vector<std::string> findings;   // so far, or of the last one
};

class OnlineCheck {
 public:
  OnlineCheck(Store& store, Committer& committer) : store_(store), committer_(committer) {}
  ~OnlineCheck() { stop(); }

  // What the last life left: an unfinished check goes on.
  Result<void> resume();
  // From the beginning; one that runs is joined, at the new pace.
  Result<void> start(std::uint64_t bytes_per_second);
  void stop();  // unfinished: resume() goes on
  CheckStatus status() const;

 private:
  class Watch;
  struct State {
    CheckStatus status;
    bool stopping = false;
  };
  void launch(CheckJob);
  void run(CheckJob);
  Result<void> save(const CheckJob&);

  Store& store_;
  Committer& committer_;
  mutable Guarded<State> state_;
  std::condition_variable wake_;
  Guarded<std::thread> thread_;
};

}  // namespace beffroi::storage
