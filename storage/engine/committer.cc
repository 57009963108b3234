// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/committer.h"

#include <chrono>
#include <map>

#include "crypto/check.h"
#include "crypto/errors.h"
#include "storage/engine/completion_wait.h"
#include "storage/log/log_format.h"

namespace beffroi::storage {
namespace {

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// Fatal for the process, not for one request: the index or a key is not what was written.
bool is_fatal(const error_code& e) {
  return e.category() == index_category() || e.category() == crypto::category() || e.category() == io_category();
}

}  // namespace

void Change::synced(Result<void> outcome) {
  Committer* committer = committer_;
  if (!outcome) committer->store_.fail("a body could not be synced: " + outcome.error().message());
  committer->enqueue(Prepared(this));
}

Committer::Committer(Store& store)
    : store_(store),
      usages_(*store.index),
      digest_mac_(crypto::digest_mac_key(store.keyring->store().digest).reveal()),
      time_(store.clock, store.state.time_ms) {}

Committer::~Committer() { stop(); }

void Committer::start() {
  thread_ = std::thread([this] { run(); });
}

void Committer::stop() {
  if (!thread_.joinable()) return;
  queue_.lock()->stopping = true;
  wake_.notify_all();
  thread_.join();
}

void Committer::submit(Prepared change, Completion* completion) {
  change->completion = completion;
  change->committer_ = this;
  Reservation* body = change->body();
  if (body == nullptr) return enqueue(std::move(change));
  SyncWaiter& waiter = *change.release();  // comes back through synced()
  body->sync(waiter);
}

void Committer::enqueue(Prepared change) {
  const std::int64_t now = store_.clock.boot_ms();
  change->queued_ms_ = now;
  {
    auto queue = queue_.lock();
    if (!queue->stopping && !store_.failed) {
      std::int64_t none = 0;
      oldest_queued_ms_.compare_exchange_strong(none, now);
      queue->changes.push_back(std::move(change));
    }
  }
  if (!change) return wake_.notify_one();
  std::deque<Prepared> refused;
  refused.push_back(std::move(change));
  stop_all(refused);
}

Result<Committed> Committer::commit(Prepared change) {
  CompletionWait sink;
  Completion completion{.sink = &sink};
  submit(std::move(change), &completion);
  sink.wait(1);
  return completion.result;
}

Result<void> Committer::between_groups(const std::function<Result<void>()>& work) {
  struct State {
    bool done = false;
    Result<void> result = EngineErrc::Stopped;
  };
  Guarded<State> state;
  std::condition_variable finished;
  {
    auto queue = queue_.lock();
    if (queue->stopping || store_.failed) return EngineErrc::Stopped;
    queue->work.push_back([&] {
      Result<void> result = store_.failed ? Result<void>(EngineErrc::Stopped) : work();
      auto s = state.lock();
      s->result = result;
      s->done = true;
      finished.notify_all();
    });
  }
  wake_.notify_one();
  auto s = state.lock();
  s.wait(finished, [&] { return s->done; });
  return s->result;
}

std::int64_t Committer::oldest_wait_ms() const {
  const std::int64_t since = oldest_queued_ms_;
  return since == 0 ? 0 : store_.clock.boot_ms() - since;
}

std::vector<Prepared> Committer::take_refused() { return std::exchange(*refused_.lock(), {}); }

void Committer::run() {
  while (true) {
    std::deque<std::function<void()>> work;
    bool stopping = false;
    {
      auto queue = queue_.lock();
      queue.wait(wake_, [&] {
        return queue->stopping || !queue->work.empty() || !queue->changes.empty() || !waiting_.empty();
      });
      std::move(queue->changes.begin(), queue->changes.end(), std::back_inserter(waiting_));
      queue->changes.clear();
      work.swap(queue->work);
      stopping = queue->stopping;
    }
    for (auto& job : work) job();
    if (store_.failed) {
      stop_all(waiting_);
    } else if (!waiting_.empty()) {
      process();
    }
    if (stopping && waiting_.empty()) {
      auto queue = queue_.lock();
      if (queue->changes.empty() && queue->work.empty()) return;
    }
  }
}

void Committer::stop_all(std::deque<Prepared>& changes) {
  for (auto& change : changes) {
    if (Completion* completion = change->completion) {
      completion->result = EngineErrc::Stopped;
      completion->sink->complete(completion);
    }
  }
  changes.clear();
}

void Committer::process() {
  const std::uint64_t began = now_ns();
  Group group(store_, usages_, digest_mac_, next(store_.state.applied), time_.now_ms());
  std::vector<Prepared> accepted, refused;
  form(group, accepted, refused);
  stats_.build_ns += now_ns() - began;
  if (!store_.failed) commit(group, accepted);
  oldest_queued_ms_ = waiting_.empty() ? 0 : waiting_.front()->queued_ms_;
  if (!store_.failed) return finish(accepted, refused);
  // The frame may be durable whatever the error said: the bytes that it names are not given back.
  for (auto& change : accepted) {
    if (Reservation* body = change->body()) body->published();
  }
  for (auto* list : {&accepted, &refused}) {
    std::move(list->begin(), list->end(), std::back_inserter(waiting_));
  }
  stop_all(waiting_);
}

// Takes changes in order of arrival. One that conflicts waits, and what conflicts with *it* waits behind it.
void Committer::form(Group& group, std::vector<Prepared>& accepted, std::vector<Prepared>& refused) {
  claims_.clear();
  std::deque<Prepared> later;
  std::size_t taken = 0, background = 0;
  while (!waiting_.empty() && taken < kGroupChangesMax && group.batch().bytes() < kGroupRowBytesMax) {
    Prepared change = std::move(waiting_.front());
    waiting_.pop_front();
    claim_scratch_.clear();
    if (auto claimed = change->claim(claim_scratch_); !claimed) {
      store_.fail("the index cannot be read: " + claimed.error().message());
      later.push_back(std::move(change));
      break;
    }
    const bool conflict = claims_.take(claim_scratch_);
    if (conflict || (change->background && background >= kGroupChangesMax / kBackgroundShare)) {
      later.push_back(std::move(change));
      continue;
    }
    ++taken;
    background += change->background;
    const Result<void> outcome = build(group, *change);
    if (!outcome && is_fatal(outcome.error())) {
      store_.fail("a change could not be built: " + outcome.error().message());
      later.push_back(std::move(change));
      break;
    }
    if (outcome) {
      accepted.push_back(std::move(change));
    } else {
      if (change->completion) change->completion->result = outcome.error();
      refused.push_back(std::move(change));
    }
  }
  for (auto& change : waiting_) later.push_back(std::move(change));
  waiting_.swap(later);
}

Result<void> Committer::still_valid(const Actor& actor) const {
  const auto is_active = [&](CollectivityId id) {
    const auto collectivity = store_.directory.collectivity(id);
    return collectivity && collectivity->state == CollectivityState::Active;
  };
  if (!actor.access_key_id.empty()) {
    const auto key = store_.directory.access_key(actor.access_key_id);
    if (!key || key->revoked || key->generation != actor.generation) return EngineErrc::KeyRevoked;
    if (!is_active(key->collectivity)) return EngineErrc::CollectivityInactive;
  }
  if (actor.target != CollectivityId{0} && !is_active(actor.target)) return EngineErrc::CollectivityInactive;
  return {};
}

Result<void> Committer::build(Group& group, Change& change) {
  Result<void> outcome = change.actor ? still_valid(*change.actor) : Result<void>();
  if (outcome) outcome = change.build(group);
  if (!outcome && is_fatal(outcome.error())) return outcome;
  // Changed is no outcome: the front prepares again, and the attempt that stands is the one that is audited.
  const bool retried = !outcome && outcome.error() == make_error_code(EngineErrc::Changed);
  if (change.audit && !retried) {
    if (!outcome) {
      change.audit->outcome = AuditOutcome::Failed;
      change.audit->error = store_.options.error_name(outcome.error());
    } else {
      change.audit->version = change.committed.version_id;
    }
    if (auto audited = group.audit(*change.audit); !audited) return unaudited(audited.error());
    // An operator's act stands in the appliance's log too, beside its target's.
    if (!change.audit->operator_name.empty() && change.audit->collectivity != kAppliance) {
      AuditRecord beside = *change.audit;
      beside.collectivity = kAppliance;
      if (auto audited = group.audit(beside); !audited) return unaudited(audited.error());
    }
  }
  return outcome;
}

// The change's rows may be in the group already: without its record the group must not become a frame.
Result<void> Committer::unaudited(const error_code& e) {
  store_.fail("an audit record could not be added: " + e.message());
  return EngineErrc::Stopped;
}

bool Committer::commit(Group& group, std::vector<Prepared>& accepted) {
  if (group.empty()) {  // refusals that nobody audits, or a change that was true already
    for (auto& change : accepted) change->published();
    return true;
  }
  const std::uint64_t began = now_ns();
  const auto batch = group.finish();
  if (!batch) {
    store_.fail("a group could not be finished: " + batch.error().message());
    return false;
  }
  frame_.clear();
  for (const Row& row : (*batch)->rows()) {
    append_row(frame_, {static_cast<std::uint8_t>(row.table), row.is_delete, row.key, row.value});
  }
  const std::uint64_t built = now_ns();
  const auto sequence = append();  // the commit point
  if (!sequence) {
    store_.fail("the commit log failed: " + sequence.error().message());
    return false;
  }
  CHECK(*sequence == group.sequence());
  const std::uint64_t durable = now_ns();
  if (auto applied = store_.index->apply(**batch); !applied) {
    store_.fail("the index failed after a durable frame: " + applied.error().message());
    return false;
  }
  store_.state = group.state();
  store_.published = raw(*sequence);
  store_.blob_lease = store_.state.blob_lease;
  for (auto& change : accepted) {
    change->committed.sequence = *sequence;
    change->committed.time_ms = group.now_ms();
    change->published();
  }
  store_.audit->publish();
  ++stats_.groups;
  stats_.frame_bytes += frame_.size();
  stats_.build_ns += built - began;
  stats_.log_ns += durable - built;
  stats_.apply_ns += now_ns() - durable;
  return true;
}

// On a full disk the ballast makes room for what cannot be refused; without it the process stops, and says why.
Result<Sequence> Committer::append() {
  const auto sequence = store_.log->append(frame_);
  if (sequence || sequence.error() != make_error_code(IoErrc::NoSpace) || !store_.space->make_room()) return sequence;
  return store_.log->append(frame_);
}

// One call to each sink, with the list of its completions.
void Committer::finish(std::vector<Prepared>& accepted, std::vector<Prepared>& refused) {
  stats_.changes += accepted.size();
  stats_.refused += refused.size();
  std::map<CompletionSink*, std::pair<Completion*, Completion*>> lists;  // first, last
  const auto add = [&](Change& change) {
    Completion* completion = change.completion;
    if (completion == nullptr) return;
    auto& [first, last] = lists[completion->sink];
    if (last != nullptr) last->next = completion;
    else first = completion;
    last = completion;
  };
  for (auto& change : accepted) {
    if (change->completion) change->completion->result = std::move(change->committed);
    add(*change);
  }
  for (auto& change : refused) {
    change->refused();
    add(*change);
  }
  accepted.clear();
  if (!refused.empty()) {
    auto held = refused_.lock();
    std::move(refused.begin(), refused.end(), std::back_inserter(*held));
  }
  for (auto& [sink, list] : lists) sink->complete(list.first);
}

Result<void> Committer::commit_first(std::vector<Prepared> changes) {
  CHECK(!thread_.joinable());
  Group group(store_, usages_, digest_mac_, next(store_.state.applied), time_.now_ms());
  for (auto& change : changes) {
    if (auto built = build(group, *change); !built) return built;
  }
  if (!commit(group, changes)) return EngineErrc::Stopped;
  return {};
}

}  // namespace beffroi::storage
