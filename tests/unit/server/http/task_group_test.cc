// SPDX-License-Identifier: EUPL-1.2
#include "server/http/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <thread>

#include "server/http/deadline.h"

namespace beffroi::http {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> fail() {
  throw std::runtime_error("as told");
  co_return;
}

asio::awaitable<void> wait_long(bool& ended) {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
  co_await timer.async_wait(asio::use_awaitable);
  ended = true;
}

// Ends at a gentle stop, because it asked for it.
asio::awaitable<void> wait_gently(bool& ended) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  ended = true;
}

TEST(TaskGroup, counts_its_tasks_and_logs_a_failure_by_name) {
  asio::io_context io;
  TaskGroup tasks(io);
  tasks.spawn("doomed", fail());
  EXPECT_EQ(tasks.size(), 1u);
  EXPECT_FALSE(tasks.wait(0ms));
  testing::internal::CaptureStderr();
  io.run();
  const std::string logged = testing::internal::GetCapturedStderr();
  EXPECT_NE(logged.find(R"("task":"doomed","error":"as told")"), logged.npos) << logged;
  EXPECT_TRUE(tasks.wait(0ms));
}

TEST(TaskGroup, stops_in_two_degrees) {
  asio::io_context io;
  TaskGroup tasks(io);
  bool gentle = false, deaf = false;
  tasks.spawn("gentle", wait_gently(gentle));
  tasks.spawn("deaf", wait_long(deaf));
  io.poll();
  tasks.stop(Stop::Gentle);
  io.poll();
  EXPECT_TRUE(gentle);
  EXPECT_EQ(tasks.size(), 1u);
  tasks.stop(Stop::Hard);
  io.poll();
  EXPECT_FALSE(deaf);
  EXPECT_EQ(tasks.size(), 0u);
}

TEST(TaskGroup, a_task_that_comes_after_the_stop_is_told_at_once) {
  asio::io_context io;
  TaskGroup tasks(io);
  tasks.stop(Stop::Hard);
  io.poll();
  bool ended = false;
  io.restart();
  tasks.spawn("late", wait_long(ended));
  io.poll();
  EXPECT_EQ(tasks.size(), 0u);
  EXPECT_FALSE(ended);
}

TEST(Deadline, passes_once_and_only_when_set) {
  asio::io_context io;
  Deadlines all(io, 1ms);
  int passed[3] = {0, 0, 0};
  const auto note = [](void* count) { ++*static_cast<int*>(count); };
  Deadline first(all, note, &passed[0]), never(all, note, &passed[1]), cleared(all, note, &passed[2]);
  first.set(5ms);
  cleared.set(5ms);
  cleared.clear();
  io.run_for(50ms);
  EXPECT_EQ(passed[0], 1);
  EXPECT_EQ(passed[1], 0);
  EXPECT_EQ(passed[2], 0);
  EXPECT_FALSE(first.is_set());
  first.set(1ms);
  io.run_for(50ms);
  EXPECT_EQ(passed[0], 2);
}

}  // namespace
}  // namespace beffroi::http
