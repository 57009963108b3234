// SPDX-License-Identifier: EUPL-1.2
#include "server/http/worker.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "crypto/check.h"
#include "server/http/response_head.h"
#include "server/log.h"

namespace beffroi::http {
using std::chrono::steady_clock;

std::string_view Worker::date() {
  const std::int64_t second = clock_.wall_ms() / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(second);
  }
  return date_;
}

Workers::Workers(std::size_t count, const storage::Clock& clock, std::chrono::milliseconds tick) {
  CHECK(count > 0);
  for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>(clock, tick));
}

Workers::~Workers() {
  CHECK(threads_.empty());
}

void Workers::start() {
  CHECK(threads_.empty());
  for (const std::unique_ptr<Worker>& worker : workers_) {
    threads_.emplace_back([&io = worker->io] {
      const auto work = boost::asio::make_work_guard(io);
      io.run();
    });
  }
}

bool Workers::wait_until(steady_clock::time_point end) {
  const auto left = [end] {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now()),
                    std::chrono::milliseconds(0));
  };
  bool ended = true;
  for (const std::unique_ptr<Worker>& worker : workers_) ended = worker->tasks.wait(left()) && ended;
  return ended;
}

void Workers::stop(std::chrono::milliseconds drain) {
  static constexpr std::chrono::seconds kReminder{5};
  if (threads_.empty()) return;
  for (const std::unique_ptr<Worker>& worker : workers_) worker->tasks.stop(Stop::Gentle);
  bool ended = wait_until(steady_clock::now() + drain);
  if (!ended) {
    for (const std::unique_ptr<Worker>& worker : workers_) worker->tasks.stop(Stop::Hard);
    ended = wait_until(steady_clock::now() + kReminder);
  }
  while (!ended) {
    std::size_t left = 0;
    for (const std::unique_ptr<Worker>& worker : workers_) left += worker->tasks.size();
    log_warning("waiting for tasks to end", {{"tasks", left}});
    ended = wait_until(steady_clock::now() + kReminder);
  }
  for (const std::unique_ptr<Worker>& worker : workers_) worker->io.stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Workers::alive() {
  bool all = true;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    if (!worker->answered.exchange(false)) {
      all = false;  // its post is still under way: not another one each time
      continue;
    }
    boost::asio::post(worker->io, [&answered = worker->answered] { answered = true; });
  }
  return all;
}

Worker& Workers::least_busy() {
  const auto fewer = [](const std::unique_ptr<Worker>& a, const std::unique_ptr<Worker>& b) {
    return a->connections.load(std::memory_order_relaxed) < b->connections.load(std::memory_order_relaxed);
  };
  return **std::min_element(workers_.begin(), workers_.end(), fewer);
}

}  // namespace beffroi::http
