// SPDX-License-Identifier: EUPL-1.2
// Upkeep: what the engine does by itself, on two threads.
//
//   ticker    every 100 ms: audit records of reads and refusals -> one change; every second: room on disk, and what the
//             checkpointer does; stops the process when the committer is stuck
//   janitor   frees what gc rows name (gc.h), seals full extents, dooms own extents of broken uploads, gives back refused bodies,
//             lets outcomes of old uploads go, drops bodies of old audit records, flushes tables and reclaims the log; goes on
//             after a full disk
//
// Every change goes through the committer's background lane, so a crash at any point leaves rows that say what is still to do.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <thread>
#include <variant>
#include <vector>

#include "storage/engine/audit_purge.h"
#include "storage/engine/checkpointer.h"
#include "storage/engine/committer.h"
#include "storage/engine/gc.h"
#include "storage/engine/store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

inline constexpr std::int64_t kAuditFlushMs = 100;
inline constexpr std::size_t kAuditFlushRecords = 256;
inline constexpr std::int64_t kAuditLateMs = 2'000;        // unwritten for so long: audited operations are refused
inline constexpr std::int64_t kStateLeafMs = 1'000;
inline constexpr std::int64_t kReclaimMs = 3'600'000;      // even when the log is short

class Upkeep {
 public:
  Upkeep(Store&, Committer&);
  ~Upkeep();
  void start();
  void stop();

  void note(AuditRecord);
  Result<void> flush_audit();              // everything noted before is in a frame when it returns
  std::int64_t audit_wait_ms() const;      // age of the oldest record that is not in a frame yet; 0 when none
  // State leaves, the signed checkpoint, the high-water mark.
  Result<void> tick() { return checkpointer_.run(); }
  Result<void> tidy();                     // one round of the janitor; one at a time
  Result<void> flush_tables();             // flush, `flushed`, reclaim
  Result<void> write_mark(bool clean) { return checkpointer_.write_mark(clean); }

 private:
  struct Notes {
    std::vector<AuditRecord> records;
    bool wanted = false;  // the ticker is asked to come before its time
    bool stopping = false;
  };
  void run_ticker();
  void run_janitor();
  Result<void> commit(Prepared);
  Result<void> seal_full_extents();
  Result<void> doom_broken_extents();
  Result<void> forget_old_outcomes();
  Result<void> reclaim_when_due();
  Result<void> tidy_with_room();

  Store& store_;
  Committer& committer_;
  GarbageCollector gc_;
  Checkpointer checkpointer_;
  AuditPurger purger_;
  Guarded<Notes> notes_;
  std::condition_variable wake_;
  Guarded<std::monostate> flushing_;       // one audit flush at a time, so that flush_audit() waits for those under way
  std::atomic<std::int64_t> oldest_note_ms_{0};
  Guarded<bool> janitor_stopping_{false};
  Guarded<std::monostate> tidying_;
  std::condition_variable janitor_wake_;
  std::int64_t last_reclaim_ms_ = 0, last_outcome_scan_ms_ = 0;
  std::int64_t no_room_until_ms_ = 0;      // janitor's
  std::thread ticker_, janitor_;
};

}  // namespace beffroi::storage
