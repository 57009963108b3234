// SPDX-License-Identifier: EUPL-1.2
// Worker: one io_context with one thread, and what its connections share without a lock. Workers: all of them, one a core;
// every listener of the daemon hands its connections to the same ones. main() makes it, and stops it after the listeners.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/http/buffers.h"
#include "server/http/deadline.h"
#include "server/http/limits.h"
#include "server/http/task_group.h"
#include "storage/io/clock.h"

namespace beffroi::http {

struct Worker {
  Worker(const storage::Clock& clock, std::chrono::milliseconds tick) : clock_(clock), deadlines(io, tick) {}

  // The Date field's value, written anew once a second. The worker's thread only.
  std::string_view date();

 private:
  const storage::Clock& clock_;
  std::int64_t date_second_ = -1;
  std::string date_;

 public:
  std::atomic<std::size_t> connections{0};  // before io, whose last handlers may still count down
  std::atomic<bool> answered{true};         // likewise: what Workers::alive() posted has run
  boost::asio::io_context io{1};
  Deadlines deadlines;
  TaskGroup tasks{io};
  Recycler<RequestMemory> requests{256};  // 5 MiB
  Recycler<BodyMemory> bodies{64};        // 4 MiB
};

class Workers {
 public:
  // `clock` outlives the workers. No thread runs before start().
  Workers(std::size_t count, const storage::Clock& clock, std::chrono::milliseconds tick = Limits{}.tick);
  ~Workers();  // stop() was called, if start() was
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void start();

  // Told gently first; what has not ended after `drain` is told hard, and then waited for without limit: a task that waits
  // for the engine must see its completion. From main's thread; the listeners are closed.
  void stop(std::chrono::milliseconds drain);

  // Whether every thread has done what the last call gave it to do: false while one of them is stuck, for the watchdog. From one
  // thread, between start() and stop().
  bool alive();

  std::size_t size() const { return workers_.size(); }
  Worker& operator[](std::size_t index) { return *workers_[index]; }
  // The one with the fewest connections.
  Worker& least_busy();

 private:
  bool wait_until(std::chrono::steady_clock::time_point end);

  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace beffroi::http
