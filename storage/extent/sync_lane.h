// SPDX-License-Identifier: EUPL-1.2
// The thread that makes the data of one lane durable. All waiters of a file that are queued when its turn
// comes share one fdatasync; those that come while it runs gather for the next. Nothing is delayed to gather
// more: load alone makes groups.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <thread>

#include "storage/extent/extent_files.h"
#include "storage/extent/extent_store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class SyncLane {
 public:
  SyncLane();
  ~SyncLane();  // joins the thread after every waiter was called
  // Thread-safe. `waiter` is called once, from the lane's thread, after an fdatasync that began after this
  // call.
  void enqueue(const std::shared_ptr<ExtentFile>& file, SyncWaiter& waiter);

 private:
  struct Ticket {
    std::shared_ptr<ExtentFile> file;
    SyncWaiter* first;
    SyncWaiter* last;
  };
  struct Queue {
    std::deque<Ticket> tickets;  // one a file
    bool stopping = false;
  };
  void work();

  Guarded<Queue> queue_;
  std::condition_variable wake_;
  std::thread thread_;  // last: it uses what is above
};

}  // namespace beffroi::storage
