// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/sync_lane.h"

#include <algorithm>

namespace beffroi::storage {

SyncLane::SyncLane() : thread_([this] { work(); }) {}

SyncLane::~SyncLane() {
  queue_.lock()->stopping = true;
  wake_.notify_one();
  thread_.join();
}

void SyncLane::enqueue(const std::shared_ptr<ExtentFile>& file, SyncWaiter& waiter) {
  waiter.next_waiter = nullptr;
  auto queue = queue_.lock();
  auto& tickets = queue->tickets;
  auto found = std::find_if(tickets.begin(), tickets.end(), [&](const Ticket& t) { return t.file == file; });
  if (found != tickets.end()) {
    found->last->next_waiter = &waiter;
    found->last = &waiter;
    return;
  }
  tickets.push_back(Ticket{file, &waiter, &waiter});
  queue.unlock();
  wake_.notify_one();
}

void SyncLane::work() {
  for (;;) {
    auto queue = queue_.lock();
    queue.wait(wake_, [&] { return queue->stopping || !queue->tickets.empty(); });
    if (queue->tickets.empty()) return;
    Ticket ticket = std::move(queue->tickets.front());
    queue->tickets.pop_front();
    queue.unlock();
    const Result<void> synced = ticket.file->sync();
    for (SyncWaiter* waiter = ticket.first; waiter;) {
      SyncWaiter* next = waiter->next_waiter;  // the waiter may die in the call
      waiter->synced(synced);
      waiter = next;
    }
  }
}

}  // namespace beffroi::storage
