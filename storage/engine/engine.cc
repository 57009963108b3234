// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/engine.h"

#include "crypto/random.h"
#include "storage/engine/check.h"
#include "storage/engine/lifecycle_worker.h"
#include "storage/engine/online_check.h"
#include "storage/engine/recovery.h"
#include "storage/engine/upkeep.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// An extent's row, before its file exists.
class NewExtent final : public Change {
 public:
  NewExtent(ExtentId id, ExtentKind kind) : id_(id), kind_(kind) {}
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    group.put_extent(id_, {.state = kind_ == ExtentKind::Own ? ExtentState::Writing : ExtentState::Open,
                           .kind = kind_,
                           .end = kExtentHeaderBytes});
    return {};
  }

 private:
  const ExtentId id_;
  const ExtentKind kind_;
};

class CommitExtentRows final : public ExtentRows {
 public:
  explicit CommitExtentRows(std::unique_ptr<Committer>& committer) : committer_(committer) {}
  Result<void> commit_row(ExtentId id, ExtentKind kind) override {
    const auto committed = committer_->commit(std::make_unique<NewExtent>(id, kind));
    if (!committed) return committed.error();
    return {};
  }

 private:
  std::unique_ptr<Committer>& committer_;  // made after the extents, gone before them
};

}  // namespace

Engine::Engine(std::unique_ptr<Store> store) : store_(std::move(store)) {}

Engine::~Engine() {
  if (!stopped_) (void)stop();
  store_->extents.reset();  // its sync threads call the committer: they end first
}

Result<void> Engine::init(Files& files, const EngineOptions& options, const crypto::RootKey& root) {
  for (const std::string& dir : {options.data_dir, options.data_dir + "/log", options.data_dir + "/index", options.data_dir + "/extent",
                                 options.data_dir + "/state", parent_of(options.keyring_path)}) {
    if (auto made = files.make_dir(dir); !made) return made;
  }
  const auto keyring = Keyring::create(files, options.keyring_path, root, crypto::random_bytes(16));
  if (!keyring) return keyring.error();
  return {};
}

std::unique_ptr<Engine> Engine::open(Files& files, const Clock& clock, FailStop& fail_stop, EngineOptions options,
                                     const crypto::RootKey& root, OpenFailure& failure, const AcceptedLoss* accepted) {
  std::unique_ptr<Engine> engine(new Engine(std::make_unique<Store>(files, clock, fail_stop, std::move(options))));
  engine->stopped_ = true;  // until it runs
  Store& store = *engine->store_;
  const auto refuse = [&](error_code error, std::string reason) {
    failure = {error, std::move(reason)};
    return nullptr;
  };
  Recovery recovery(store, failure, accepted);
  if (!recovery.run(root)) return nullptr;

  engine->extent_rows_ = std::make_unique<CommitExtentRows>(engine->committer_);
  store.extents = std::make_unique<ExtentStore>(
      files, ExtentOptions{.directory = store.dir("extent"), .shared_bytes = store.options.shared_extent_bytes}, *engine->extent_rows_);
  if (auto started = store.extents->start(store.state.next_extent); !started) {
    return refuse(started.error(), "the extents cannot be listed");
  }
  engine->committer_ = std::make_unique<Committer>(store);
  auto changes = recovery.first_changes();
  if (!changes) return refuse(changes.error(), "the extents and their rows disagree: " + changes.error().message());
  if (auto committed = engine->committer_->commit_first(std::move(*changes)); !committed) {
    return refuse(committed.error(), "the first frame cannot be committed");
  }
  store.gc_wanted = true;
  engine->upkeep_ = std::make_unique<Upkeep>(store, *engine->committer_);
  if (auto marked = engine->upkeep_->write_mark(false); !marked) return refuse(marked.error(), "the high-water mark cannot be written");
  // The loss stands in the audit log: its evidence needs the names lost-* only.
  if (recovery.lost()) {
    if (auto removed = store.log->remove_older_files(); !removed) return refuse(removed.error(), "old log files cannot be removed");
  }
  engine->online_check_ = std::make_unique<OnlineCheck>(store, *engine->committer_);
  engine->lifecycle_ = std::make_unique<LifecycleWorker>(*engine, store);
  if (auto resumed = engine->lifecycle_->resume(); !resumed) return refuse(resumed.error(), "the row of the lifecycle pass cannot be read");
  engine->committer_->start();
  if (store.options.background) {
    engine->upkeep_->start();
    engine->lifecycle_->start();
    if (auto resumed = engine->online_check_->resume(); !resumed) return refuse(resumed.error(), "the row of the check cannot be read");
  }
  engine->stopped_ = false;
  return engine;
}

Result<void> Engine::stop() {
  if (stopped_.exchange(true)) return {};
  store_->space->end();
  lifecycle_->stop();
  online_check_->stop();
  upkeep_->stop();
  Result<void> done = store_->failed ? Result<void>(EngineErrc::Stopped) : upkeep_->flush_audit();
  if (done) done = upkeep_->tick();
  if (done) done = upkeep_->flush_tables();
  // The log holds what a full disk keeps out of the tables' files: the next start replays it.
  if (!done && (done.error() == make_error_code(IoErrc::NoSpace) || store_->space->gave_up())) done = {};
  committer_->stop();
  committer_->take_refused().clear();
  if (done) done = upkeep_->write_mark(true);
  return done;
}

const Directory& Engine::directory() const { return store_->directory; }
const Quotas& Engine::quotas() const { return store_->quotas; }

Result<void> Engine::admission() const {
  if (store_->failed || stopped_) return EngineErrc::Stopped;
  if (committer_->oldest_wait_ms() > kSlowDownAfterMs || upkeep_->audit_wait_ms() > kAuditLateMs || store_->index->write_pressure()) {
    return EngineErrc::SlowDown;
  }
  return {};
}

Result<void> Engine::room() const {
  if (!store_->space->room_for(0)) return EngineErrc::NoSpace;
  return {};
}

void Engine::submit(Prepared change, Completion& completion) { committer_->submit(std::move(change), &completion); }
Result<Committed> Engine::commit(Prepared change) { return committer_->commit(std::move(change)); }
void Engine::note(AuditRecord record) { upkeep_->note(std::move(record)); }
Result<void> Engine::flush_audit() { return upkeep_->flush_audit(); }

Result<Usage> Engine::usage(CollectivityId t, BucketId b) const {
  const auto row = store_->index->get(Table::Meta, keys::usage(t, b));
  if (!row) {
    if (row.error() == make_error_code(IndexErrc::NotFound)) return Usage{};
    return row.error();
  }
  return decode_usage(*row);
}

Result<void> Engine::read_audit(CollectivityId t, std::uint64_t from, std::uint64_t to, const AuditReader::Visit& visit) const {
  const auto snapshot = store_->index->snapshot();
  return AuditReader(*snapshot, *store_->sealers).read(t, from, to, visit);
}

Result<std::uint64_t> Engine::audit_size(CollectivityId t) const {
  const auto snapshot = store_->index->snapshot();
  const auto frontier = AuditReader(*snapshot, *store_->sealers).frontier(t);
  if (!frontier) return frontier.error();
  return frontier->frontier.size();
}

EngineStatus Engine::status() const {
  EngineStatus status;
  status.sequence = Sequence{store_->published.load()};
  status.epoch = store_->epoch;
  status.time_ms = store_->clock.wall_ms();
  status.audit_tree_size = store_->audit->global_head().size;
  (void)committer_->between_groups([&]() -> Result<void> {
    status.log_bytes = store_->log->bytes_since_reclaim();
    return {};
  });
  const auto cursor = store_->index->cursor(Table::Gc);
  for (cursor->seek(""); cursor->valid() && status.gc_rows < kGcRowsCounted; cursor->next()) ++status.gc_rows;
  status.file_systems = store_->space->file_systems();
  return status;
}

const CommitterStats& Engine::committer_stats() const { return committer_->stats(); }
std::int64_t Engine::now_ms() const { return store_->clock.wall_ms(); }

Result<std::vector<std::string>> Engine::check() { return check_store(*store_); }

Result<std::vector<LifecycleAction>> Engine::lifecycle_preview(CollectivityId t, BucketId b, std::size_t max) const {
  const auto bucket = store_->buckets.find(t, b);
  if (!bucket) return EngineErrc::NoSuchBucket;
  const LifecyclePlan plan(*store_, *bucket, store_->clock.wall_ms(), store_->options.lifecycle_day_ms);
  std::vector<LifecycleAction> due;
  const auto visit = [&](LifecycleAction action) {
    if (due.size() < max) due.push_back(std::move(action));
  };
  constexpr std::size_t kRows = 10'000;
  for (std::optional<Bytes> from = Bytes(); from && due.size() < max;) {
    auto next = plan.versions(*from, kRows, visit);
    if (!next) return next.error();
    from = std::move(*next);
  }
  for (std::optional<Bytes> from = Bytes(); from && due.size() < max;) {
    auto next = plan.uploads(*from, kRows, visit);
    if (!next) return next.error();
    from = std::move(*next);
  }
  return due;
}

Result<void> Engine::run_upkeep() {
  store_->gc_wanted = true;
  store_->space->look();
  auto done = upkeep_->flush_audit();
  if (done) done = lifecycle_->run_when_due();
  if (done) done = upkeep_->tidy();
  if (done) done = upkeep_->tick();
  if (!done && !store_->failed) store_->fail("upkeep failed: " + done.error().message());
  return done;
}

}  // namespace beffroi::storage
