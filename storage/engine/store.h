// SPDX-License-Identifier: EUPL-1.2
// Store: the parts that the engine's verbs share, built bottom-up by recovery and owned by the Engine. Not a facade: verbs of
// this room use the parts directly. Threads are named where it matters.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>

#include "crypto/checkpoint.h"
#include "storage/audit/audit_log.h"
#include "storage/engine/bucket.h"
#include "storage/engine/fail_stop.h"
#include "storage/engine/space_guard.h"
#include "storage/engine/state.h"
#include "storage/extent/extent_store.h"
#include "storage/extent/pins.h"
#include "storage/index/index.h"
#include "storage/io/clock.h"
#include "storage/io/files.h"
#include "storage/io/guarded.h"
#include "storage/log/commit_log.h"
#include "storage/log/high_water.h"
#include "storage/tenant/directory.h"
#include "storage/tenant/keyring.h"
#include "storage/tenant/quota.h"

namespace beffroi::storage {

class Committer;

struct EngineOptions {
  std::string data_dir;
  std::string keyring_path;
  std::uint64_t shared_extent_bytes = kSharedExtentBytes;
  std::uint64_t log_file_bytes = 64ull << 20;
  std::uint64_t reclaim_bytes = 128ull << 20;   // of log, after which tables are flushed and files reclaimed
  std::uint64_t block_cache_bytes = 64ull << 20;
  std::uint64_t write_buffer_bytes = 64ull << 20;
  unsigned watermark_warn_percent = 85;         // of a file system in use
  unsigned watermark_refuse_percent = 95;       // ... at which writes are refused
  std::uint64_t ballast_bytes = 0;              // space_guard.h
  // Called when a file system passes a watermark, up or down; any thread.
  std::function<void(const FileSystemState&)> on_space;
  std::uint32_t inline_bytes_max = 8 * 1024;    // payloads up to this ride in the frame
  // How a refusal is called in audit records: the error's name as the client saw it.
  std::function<std::string(const error_code&)> error_name = [](const error_code& e) { return e.message(); };
  std::int64_t audit_retention_ms = 365 * std::int64_t{86'400'000};  // then bodies of audit records are dropped
  std::uint64_t inline_memory_bytes = 64ull << 20;  // of inline bodies under way, then SlowDown
  std::int64_t lifecycle_day_ms = 86'400'000;  // of lifecycle rules; shorter in tests only
  // Off: upkeep happens only when run_upkeep() is called, and no log file is prepared ahead; for tests that count operations.
  bool background = true;
};

// The committer's clock: never goes back, whatever the wall does (docs/architecture.md §9).
class CommitterTime {
 public:
  CommitterTime(const Clock& clock, std::int64_t last_committed_ms)
      : clock_(clock), start_wall_(clock.wall_ms()), start_boot_(clock.boot_ms()), last_(last_committed_ms) {}
  std::int64_t now_ms() {  // committer's thread
    const std::int64_t t = start_wall_ + (clock_.boot_ms() - start_boot_);
    if (t > last_) last_ = t;
    return last_;
  }

 private:
  const Clock& clock_;
  std::int64_t start_wall_, start_boot_, last_;
};

class KeyringSealers final : public AuditSealers {
 public:
  explicit KeyringSealers(const Keyring& keyring) : keyring_(keyring) {}
  std::shared_ptr<const crypto::RowSealer> sealer(CollectivityId t) const override {
    auto keys = keyring_.keys(t);
    return keys ? std::shared_ptr<const crypto::RowSealer>(keys, &keys->audit) : nullptr;
  }

 private:
  const Keyring& keyring_;
};

struct Store {
  Store(Files& f, const Clock& c, FailStop& stop, EngineOptions o) : files(f), clock(c), fail_stop(stop), options(std::move(o)) {}
  // The index goes first: it may flush as it closes, and then asks for the mark of all that is below.
  ~Store() {
    if (space) space->end();
    index.reset();
  }

  Files& files;
  const Clock& clock;
  FailStop& fail_stop;
  const EngineOptions options;
  std::atomic<bool> failed{false};     // after fail(): nothing is written or acknowledged any more

  std::unique_ptr<Lease> lease;
  std::unique_ptr<SpaceGuard> space;
  std::unique_ptr<Keyring> keyring;
  std::unique_ptr<KeyringSealers> sealers;
  std::unique_ptr<HighWater> high_water;
  std::unique_ptr<crypto::NoteSigner> notes;  // signs checkpoints and extracts; its name is the log's origin
  std::unique_ptr<Index> index;
  std::unique_ptr<CommitLog> log;      // committer's thread, once open
  std::unique_ptr<AuditLog> audit;     // committer's thread
  std::unique_ptr<ExtentStore> extents;
  PinTable pins;
  Directory directory;
  BucketMap buckets;
  Quotas quotas;
  Guarded<std::monostate> new_collectivity;  // one maker of a collectivity's keys at a time

  StoreState state;                    // committer's thread: as of the last frame
  std::unordered_map<Bytes, Sequence> parts_changed;  // committer's thread: by upload id, the last frame since the start that
                                                      // changed the upload's parts
  std::atomic<std::uint64_t> published{0};     // sequence of the last published frame
  std::atomic<std::uint64_t> epoch{0};
  std::atomic<std::uint64_t> next_blob{0};     // next id to give out
  std::atomic<std::uint64_t> blob_lease{0};    // ids below it are durable leases
  std::atomic<std::uint64_t> inline_bytes{0};  // of inline bodies under way
  std::atomic<bool> gc_wanted{false};

  // Ends the process (or, in a test, the engine): see fail_stop.h.
  void fail(std::string_view reason) {
    failed = true;
    fail_stop.fail(reason);
  }
  std::string dir(std::string_view name) const { return options.data_dir + "/" + std::string(name); }
};

}  // namespace beffroi::storage
