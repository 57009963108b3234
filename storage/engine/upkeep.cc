// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/upkeep.h"

#include <chrono>

#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/engine/upload.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kJanitorMs = 1'000;            // its longest rest
constexpr std::int64_t kOutcomeScanMs = 600'000;
constexpr std::int64_t kNoRoomMs = 10'000;
constexpr std::size_t kOutcomesForgottenMax = 256;    // in one change

// Records of reads and refusals.
class NoteRecords final : public Change {
 public:
  explicit NoteRecords(std::vector<AuditRecord> records) : records_(std::move(records)) {}
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    for (AuditRecord& record : records_) {
      if (auto added = group.audit(record); !added) return added;
    }
    return {};
  }

 private:
  std::vector<AuditRecord> records_;
};

// Full shared extents: no reservation is in flight in them and their bytes are synced.
class SealExtents final : public Change {
 public:
  explicit SealExtents(std::vector<ExtentStore::Full> full) : full_(std::move(full)) { background = true; }
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    for (const ExtentStore::Full& full : full_) {
      auto row = group.extent(full.id);
      if (!row) return row.error();
      (*row)->state = ExtentState::Sealed;
      (*row)->end = full.end;
      (*row)->abandoned = full.end - kExtentHeaderBytes - (*row)->live - (*row)->freed;
    }
    return {};
  }

 private:
  std::vector<ExtentStore::Full> full_;
};

// Own extents whose upload broke: nothing names them.
class DoomExtents final : public Change {
 public:
  explicit DoomExtents(std::vector<ExtentId> ids) : ids_(std::move(ids)) { background = true; }
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    for (const ExtentId id : ids_) {
      auto row = group.extent(id);
      if (!row) return row.error();
      (*row)->state = ExtentState::Doomed;
      group.gc(GcExtent{id});
    }
    return {};
  }

 private:
  std::vector<ExtentId> ids_;
};

struct OldOutcome {
  CollectivityId collectivity;
  Bytes key, sealed;
};

class ForgetOutcomes final : public Change {
 public:
  explicit ForgetOutcomes(std::vector<OldOutcome> outcomes) : outcomes_(std::move(outcomes)) { background = true; }
  Result<void> claim(Claims& claims) override {
    for (const OldOutcome& o : outcomes_) claims.upload(BytesView(o.key).substr(o.key.size() - kUploadIdBytes), Claims::Mode::Exclusive);
    return {};
  }
  Result<void> build(Group& group) override {
    for (const OldOutcome& o : outcomes_) {
      if (auto done = group.remove_sealed(o.collectivity, Table::Uploads, o.key, o.sealed); !done) return done;
    }
    return {};
  }

 private:
  std::vector<OldOutcome> outcomes_;
};

}  // namespace

Upkeep::Upkeep(Store& store, Committer& committer)
    : store_(store), committer_(committer), gc_(store, committer), checkpointer_(store, committer), purger_(store, committer), last_reclaim_ms_(store.clock.boot_ms()) {}

Upkeep::~Upkeep() { stop(); }

void Upkeep::start() {
  ticker_ = std::thread([this] { run_ticker(); });
  janitor_ = std::thread([this] { run_janitor(); });
}

void Upkeep::stop() {
  notes_.lock()->stopping = true;
  *janitor_stopping_.lock() = true;
  wake_.notify_all();
  janitor_wake_.notify_all();
  if (ticker_.joinable()) ticker_.join();
  if (janitor_.joinable()) janitor_.join();
}

Result<void> Upkeep::commit(Prepared change) {
  const auto committed = committer_.commit(std::move(change));
  if (!committed) return committed.error();
  return {};
}

void Upkeep::note(AuditRecord record) {
  record.ms = store_.clock.wall_ms();
  auto notes = notes_.lock();
  if (notes->records.empty()) {
    std::int64_t none = 0;
    oldest_note_ms_.compare_exchange_strong(none, store_.clock.boot_ms());
  }
  notes->records.push_back(std::move(record));
  if (notes->records.size() == kAuditFlushRecords) {
    notes->wanted = true;
    wake_.notify_one();
  }
}

std::int64_t Upkeep::audit_wait_ms() const {
  const std::int64_t since = oldest_note_ms_;
  return since == 0 ? 0 : store_.clock.boot_ms() - since;
}

Result<void> Upkeep::flush_audit() {
  auto one_at_a_time = flushing_.lock();
  std::vector<AuditRecord> records;
  {
    auto notes = notes_.lock();
    records.swap(notes->records);
    notes->wanted = false;
  }
  if (records.empty()) return {};
  if (auto done = commit(std::make_unique<NoteRecords>(std::move(records))); !done) return done;
  auto notes = notes_.lock();
  oldest_note_ms_ = notes->records.empty() ? 0 : store_.clock.boot_ms();
  return {};
}

void Upkeep::run_ticker() {
  std::int64_t last_tick = store_.clock.boot_ms();
  while (true) {
    {
      auto notes = notes_.lock();
      notes.wait_for(wake_, milliseconds(kAuditFlushMs), [&] { return notes->wanted || notes->stopping; });
      if (notes->stopping || store_.failed) return;
    }
    if (committer_.oldest_wait_ms() > kStuckAfterMs) return store_.fail("no group was committed for ten seconds");
    auto done = flush_audit();
    const std::int64_t now = store_.clock.boot_ms();
    if (done && now - last_tick >= kStateLeafMs) {
      last_tick = now;
      store_.space->look();
      done = tick();
    }
    if (!done && !store_.failed) return store_.fail("upkeep of the audit log failed: " + done.error().message());
  }
}

Result<void> Upkeep::seal_full_extents() {
  auto full = store_.extents->take_sealable();
  if (!full) return full.error();
  if (full->empty()) return {};
  return commit(std::make_unique<SealExtents>(std::move(*full)));
}

Result<void> Upkeep::doom_broken_extents() {
  auto broken = store_.extents->take_broken_own();
  if (broken.empty()) return {};
  return commit(std::make_unique<DoomExtents>(std::move(broken)));
}

// LIMIT: reads every upload row, each ten minutes.
Result<void> Upkeep::forget_old_outcomes() {
  const std::int64_t now = store_.clock.boot_ms();
  if (last_outcome_scan_ms_ != 0 && now - last_outcome_scan_ms_ < kOutcomeScanMs) return {};
  last_outcome_scan_ms_ = now;
  std::vector<OldOutcome> old;
  const auto cursor = store_.index->cursor(Table::Uploads);
  for (cursor->seek(""); cursor->valid() && old.size() < kOutcomesForgottenMax; cursor->next()) {
    const CollectivityId t{load_be<std::uint32_t>(cursor->key().data())};
    const auto plain = open_row(store_, t, Table::Uploads, cursor->key(), cursor->value());
    if (!plain) continue;  // a row under a destroyed key, or a damaged one: not upkeep's to judge
    const auto upload = decode_upload(*plain);
    if (!upload || !upload->outcome) continue;
    if (store_.clock.wall_ms() - upload->outcome->completed_ms < kOutcomeKeptMs) continue;
    old.push_back({t, Bytes(cursor->key()), Bytes(cursor->value())});
  }
  if (auto status = cursor->status(); !status) return status;
  if (old.empty()) return {};
  if (old.size() == kOutcomesForgottenMax) last_outcome_scan_ms_ = 0;
  return commit(std::make_unique<ForgetOutcomes>(std::move(old)));
}

// The order is the rule (docs/formats.md "Reclaim"): S first; the other tables hold S before `flushed` says so; `flushed` is
// in a file before the log that it replaces goes.
Result<void> Upkeep::flush_tables() {
  const Sequence s{store_.published.load()};
  std::vector<Table> others(std::begin(kTables) + 1, std::end(kTables));
  static_assert(kTables[0] == Table::Meta);
  if (auto done = store_.index->flush(others); !done) return done;
  const auto put_flushed = committer_.between_groups([&]() -> Result<void> {
    Batch batch;
    batch.put(Table::Meta, keys::store_row("flushed"), encode_flushed(s));
    return store_.index->apply(batch);
  });
  if (!put_flushed) return put_flushed;
  const Table meta[] = {Table::Meta};
  if (auto done = store_.index->flush(meta); !done) return done;
  return committer_.between_groups([&] { return store_.log->reclaim(s); });
}

Result<void> Upkeep::reclaim_when_due() {
  const std::int64_t now = store_.clock.boot_ms();
  std::uint64_t bytes = 0;
  if (auto read = committer_.between_groups([&]() -> Result<void> {
        bytes = store_.log->bytes_since_reclaim();
        return {};
      });
      !read) {
    return read;
  }
  // Without room for a new log file, the one that is full becomes the next before another is needed.
  const std::uint64_t due = store_.space->room_for(0) ? store_.options.reclaim_bytes : std::min(store_.options.reclaim_bytes, store_.options.log_file_bytes);
  if (bytes < due && now - last_reclaim_ms_ < kReclaimMs) return {};
  last_reclaim_ms_ = now;
  return flush_tables();
}

// A full disk stops no upkeep for good: what could not be done is tried again, in ten seconds and not at once, for a compaction
// that fails reads and writes much before it does.
Result<void> Upkeep::tidy_with_room() {
  const std::int64_t now = store_.clock.boot_ms();
  if (now < no_room_until_ms_) return {};
  const Result<void> done = tidy();
  if (done || done.error() != make_error_code(IoErrc::NoSpace)) return done;
  (void)store_.space->make_room();
  store_.gc_wanted = true;
  no_room_until_ms_ = now + kNoRoomMs;
  return {};
}

Result<void> Upkeep::tidy() {
  auto one_at_a_time = tidying_.lock();
  committer_.take_refused().clear();
  if (auto done = doom_broken_extents(); !done) return done;
  if (auto done = seal_full_extents(); !done) return done;
  if (auto done = forget_old_outcomes(); !done) return done;
  if (auto done = purger_.run_when_due(); !done) return done;
  if (store_.gc_wanted.exchange(false)) {
    const auto left = gc_.run();
    if (!left) return left.error();
    if (*left > 0) store_.gc_wanted = true;  // pinned ones: tried again next round
  }
  return reclaim_when_due();
}

void Upkeep::run_janitor() {
  while (true) {
    {
      auto stopping = janitor_stopping_.lock();
      stopping.wait_for(janitor_wake_, milliseconds(kJanitorMs), [&] { return *stopping; });
      if (*stopping || store_.failed) return;
    }
    if (auto done = tidy_with_room(); !done && !store_.failed) {
      if (done.error() == make_error_code(EngineErrc::Stopped)) return;
      return store_.fail("upkeep failed: " + done.error().message());
    }
  }
}

}  // namespace beffroi::storage
