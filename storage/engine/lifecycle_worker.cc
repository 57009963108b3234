// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/lifecycle_worker.h"

#include <chrono>

#include "storage/engine/completion_wait.h"
#include "storage/engine/engine.h"
#include "storage/engine/job_row.h"
#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kSliceRows = 1'000;          // judged between two rests
constexpr std::chrono::milliseconds kRest{10};     // so at most 100 000 rows a second
constexpr std::chrono::seconds kLook{1};           // how often it is asked whether a pass is due
constexpr std::int64_t kSaveMs = 5'000;

enum Tag : std::uint8_t { kDay = 1, kPlace, kUploads, kFrom };

}  // namespace

Bytes encode(const LifecycleJob& job) {
  RecordWriter w;
  w.field(kDay, job.day);
  if (job.place) {
    Bytes place;
    append_be(place, raw(job.place->first));
    append_be(place, raw(job.place->second));
    w.field(kPlace, place);
  }
  w.field(kUploads, static_cast<std::uint8_t>(job.uploads));
  if (!job.from.empty()) w.field(kFrom, job.from);
  return w.take();
}

Result<LifecycleJob> decode_lifecycle_job(BytesView in) {
  LifecycleJob job;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kDay: job.day = r.integer<std::int64_t>(); break;
      case kPlace: {
        ByteReader place(r.bytes());
        const CollectivityId collectivity{place.be<std::uint32_t>()};
        job.place.emplace(collectivity, BucketId{place.be<std::uint32_t>()});
        if (!place.at_end()) r.fail(crypto::Errc::BadFormat);
        break;
      }
      case kUploads: job.uploads = r.flag(); break;
      case kFrom:
        if (r.bytes().empty()) r.fail(crypto::Errc::BadFormat);
        job.from = r.bytes();
        break;
      default: r.unknown();
    }
  }
  if (auto status = r.status(); !status) return status.error();
  return job;
}

Result<void> LifecycleWorker::resume() {
  const auto row = read_job(store_, kLifecycleJob);
  if (!row) return row.error();
  if (!*row) return {};
  auto job = decode_lifecycle_job(**row);
  if (!job) return job.error();
  job_ = std::move(*job);
  return {};
}

void LifecycleWorker::start() {
  thread_ = std::thread([this] {
    while (true) {
      {
        auto stopping = stopping_.lock();
        stopping.wait_for(wake_, kLook, [&] { return *stopping; });
        if (*stopping || store_.failed) return;
      }
      if (auto done = run_when_due(); !done && !store_.failed) {
        if (done.error() == make_error_code(EngineErrc::Stopped)) return;
        return store_.fail("the lifecycle rules cannot be carried out: " + done.error().message());
      }
    }
  });
}

void LifecycleWorker::stop() {
  *stopping_.lock() = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool LifecycleWorker::rest() {
  auto stopping = stopping_.lock();
  if (store_.options.background) stopping.wait_for(wake_, kRest, [&] { return *stopping; });
  return !*stopping && !store_.failed;
}

Result<void> LifecycleWorker::run_when_due() {
  const std::int64_t day = store_.clock.wall_ms() / store_.options.lifecycle_day_ms;
  if (job_.place) return pass(job_);
  if (day <= job_.day) return {};
  return pass({.day = day, .place = std::pair(CollectivityId{0}, BucketId{0})});
}

// The first bucket at or above the place.
std::optional<Bucket> LifecycleWorker::next_bucket(const LifecycleJob& job) const {
  std::optional<Bucket> found;
  for (const auto& c : store_.directory.collectivities()) {
    if (c->id < job.place->first || c->state != CollectivityState::Active) continue;
    for (const auto& bucket : store_.buckets.list(c->id)) {
      const std::pair place(bucket->collectivity, bucket->id);
      if (place < *job.place) continue;
      if (!found || place < std::pair(found->collectivity, found->id)) found = *bucket;
    }
  }
  return found;
}

Result<void> LifecycleWorker::pass(LifecycleJob job) {
  while (true) {
    const auto bucket = next_bucket(job);
    if (!bucket) return save({.day = job.day});
    const std::pair place(bucket->collectivity, bucket->id);
    if (place != *job.place) job = {.day = job.day, .place = place};
    if (bucket->settings.lifecycle.empty()) job.uploads = true;
    if (auto done = slice(*bucket, job); !done) return done;
    const std::int64_t now = store_.clock.boot_ms();
    if (now - saved_ms_ >= kSaveMs) {
      if (auto saved = save(job); !saved) return saved;
    }
    if (!rest()) return save(job);
  }
}

// Judges some rows, carries out what is due, and moves the job on.
Result<void> LifecycleWorker::slice(const Bucket& bucket, LifecycleJob& job) {
  const LifecyclePlan plan(store_, bucket, store_.clock.wall_ms(), store_.options.lifecycle_day_ms);
  std::vector<LifecycleAction> due;
  const auto visit = [&](LifecycleAction action) { due.push_back(std::move(action)); };
  const auto next = job.uploads ? plan.uploads(job.from, kSliceRows, visit) : plan.versions(job.from, kSliceRows, visit);
  if (!next) return next.error();
  if (auto done = carry_out(bucket, std::move(due)); !done) return done;
  if (*next) {
    job.from = **next;
  } else if (!job.uploads) {
    job.uploads = true;
    job.from.clear();
  } else {
    job = {.day = job.day, .place = std::pair(bucket.collectivity, beffroi::storage::next(bucket.id))};
  }
  return {};
}

Result<Prepared> LifecycleWorker::prepare(const Bucket& bucket, const LifecycleAction& action) {
  AuditRecord record;
  record.collectivity = bucket.collectivity;
  record.operation = action.kind == LifecycleAction::Kind::AbortUpload ? "LifecycleAbortUpload" : "LifecycleExpiration";
  record.bucket = bucket.name;
  record.key = action.key;
  record.reason = "rule " + action.rule;
  if (action.kind == LifecycleAction::Kind::AbortUpload) {
    return engine_.abort_upload(bucket.collectivity, bucket.id, action.key, action.upload_id, std::nullopt, std::move(record));
  }
  Engine::Removal removal{.version = action.version, .owner = bucket.owner};
  if (action.kind == LifecycleAction::Kind::Expire) removal.seen = action.seen;
  return engine_.remove(bucket.collectivity, bucket.id, action.key, std::move(removal), std::nullopt, std::move(record));
}

Result<void> LifecycleWorker::carry_out(const Bucket& bucket, std::vector<LifecycleAction> due) {
  std::vector<Prepared> changes;
  for (const LifecycleAction& action : due) {
    auto change = prepare(bucket, action);
    if (!change) continue;  // gone meanwhile, or refused by the quota
    (*change)->background = true;
    changes.push_back(std::move(*change));
  }
  CompletionWait sink;
  std::vector<Completion> completions(changes.size(), Completion{.sink = &sink});
  for (std::size_t i = 0; i < changes.size(); ++i) engine_.submit(std::move(changes[i]), completions[i]);
  sink.wait(changes.size());
  for (const Completion& completion : completions) {
    if (!completion.result && completion.result.error() == make_error_code(EngineErrc::Stopped)) return EngineErrc::Stopped;
  }
  return {};
}

Result<void> LifecycleWorker::save(const LifecycleJob& job) {
  saved_ms_ = store_.clock.boot_ms();
  const auto committed = engine_.commit(save_job(store_, kLifecycleJob, encode(job)));
  if (!committed) return committed.error();
  job_ = job;
  return {};
}

}  // namespace beffroi::storage
