// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/online_check.h"

#include <algorithm>
#include <chrono>

#include "storage/engine/job_row.h"

namespace beffroi::storage {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kSaveMs = 5'000;
constexpr std::int64_t kWaitMsMax = 500;  // so that a new pace, or a stop, is heard

}  // namespace

// Counts, waits for its turn, and saves.
class OnlineCheck::Watch final : public CheckWatch {
 public:
  Watch(OnlineCheck& check, CheckJob& job) : check_(check), job_(job), saved_ms_(check.store_.clock.boot_ms()) {}

  bool stage(std::string_view name, std::uint64_t bytes) override {
    auto state = check_.state_.lock();
    state->status.stage = name;
    state->status.done = 0;
    state->status.total = bytes;
    return !state->stopping;
  }

  // A budget that fills with time; what was read beyond it is waited for.
  bool read(std::uint64_t bytes) override {
    auto state = check_.state_.lock();
    state->status.done += bytes;
    owed_ += static_cast<double>(bytes);
    while (!state->stopping && !check_.store_.failed) {
      const std::int64_t now = check_.store_.clock.boot_ms();
      const double pace = static_cast<double>(state->status.bytes_per_second) / 1000;  // bytes a millisecond
      owed_ = std::max(0.0, owed_ - static_cast<double>(now - paid_ms_) * pace);
      paid_ms_ = now;
      if (owed_ < pace * 20) return true;
      const auto wait = std::min<std::int64_t>(kWaitMsMax, static_cast<std::int64_t>(owed_ / pace) + 1);
      state.wait_for(check_.wake_, milliseconds(wait), [&] { return state->stopping; });
    }
    return false;
  }

  bool body(const BodyPlace& place, const std::vector<std::string>& findings) override {
    job_.place = place;
    const std::int64_t now = check_.store_.clock.boot_ms();
    if (now - saved_ms_ < kSaveMs) return true;
    saved_ms_ = now;
    CheckJob saved = job_;
    saved.findings.insert(saved.findings.end(), findings.begin(), findings.end());
    return bool(check_.save(saved));
  }

 private:
  OnlineCheck& check_;
  CheckJob& job_;  // its findings are those of the lives before
  std::int64_t saved_ms_, paid_ms_ = 0;
  double owed_ = 0;
};

Result<void> OnlineCheck::resume() {
  const auto row = read_job(store_, kCheckJob);
  if (!row) return row.error();
  if (!*row) return {};
  auto job = decode_check_job(**row);
  if (!job) return job.error();
  if (job->ended_ms == 0) {
    launch(std::move(*job));
    return {};
  }
  auto state = state_.lock();
  state->status.started_ms = job->started_ms;
  state->status.ended_ms = job->ended_ms;
  state->status.bytes_per_second = job->bytes_per_second;
  state->status.findings = std::move(job->findings);
  return {};
}

Result<void> OnlineCheck::start(std::uint64_t bytes_per_second) {
  {
    auto state = state_.lock();
    state->status.bytes_per_second = bytes_per_second;
    if (state->status.running || state->stopping) return {};
  }
  CheckJob job{.started_ms = store_.clock.wall_ms(), .bytes_per_second = bytes_per_second};
  if (auto saved = save(job); !saved) return saved;  // from now on a start of the store goes on with it
  launch(std::move(job));
  return {};
}

void OnlineCheck::launch(CheckJob job) {
  auto thread = thread_.lock();
  {
    auto state = state_.lock();
    if (state->status.running || state->stopping) return;
    state->status = {.running = true, .bytes_per_second = job.bytes_per_second, .started_ms = job.started_ms, .findings = job.findings};
  }
  if (thread->joinable()) thread->join();
  *thread = std::thread([this, job = std::move(job)]() mutable { run(std::move(job)); });
}

void OnlineCheck::stop() {
  state_.lock()->stopping = true;
  wake_.notify_all();
  auto thread = thread_.lock();
  if (thread->joinable()) thread->join();
}

void OnlineCheck::run(CheckJob job) {
  Watch watch(*this, job);
  auto found = check_store(store_, &watch, job.place);
  if (!found && (found.error() == make_error_code(EngineErrc::Stopped) || store_.failed)) {
    state_.lock()->status.running = false;
    return;
  }
  if (!found) found = std::vector<std::string>{"the check came to no end: " + found.error().message()};
  job.findings.insert(job.findings.end(), found->begin(), found->end());
  if (job.findings.size() > kCheckFindingsMax) {
    const std::size_t more = job.findings.size() - kCheckFindingsMax;
    job.findings.resize(kCheckFindingsMax);
    job.findings.push_back("and " + std::to_string(more) + " more");
  }
  job.ended_ms = store_.clock.wall_ms();
  (void)save(job);
  auto state = state_.lock();
  state->status.running = false;
  state->status.ended_ms = job.ended_ms;
  state->status.findings = std::move(job.findings);
}

Result<void> OnlineCheck::save(const CheckJob& job) {
  const auto committed = committer_.commit(save_job(store_, kCheckJob, encode(job)));
  if (!committed) return committed.error();
  return {};
}

CheckStatus OnlineCheck::status() const { return state_.lock()->status; }

}  // namespace beffroi::storage
