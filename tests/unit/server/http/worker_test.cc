// SPDX-License-Identifier: EUPL-1.2
// What the watchdog asks: a thread that is stuck is noticed, and noticed again once it goes on.
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "server/http/worker.h"

namespace beffroi::http {
namespace {

// Until `workers` says what is wanted; false after five seconds of the contrary.
bool becomes(Workers& workers, bool alive) {
  for (int i = 0; i < 5'000; ++i) {
    if (workers.alive() == alive) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TEST(Workers, a_stuck_thread_is_not_alive_until_it_goes_on) {
  const storage::SystemClock clock;
  Workers workers(2, clock);
  workers.start();
  EXPECT_TRUE(workers.alive());
  EXPECT_TRUE(becomes(workers, true));
  std::promise<void> stuck, release;
  boost::asio::post(workers[1].io, [&stuck, held = release.get_future().share()] {
    stuck.set_value();
    held.wait();
  });
  stuck.get_future().wait();
  workers.alive();  // takes the answer that the thread may have given before
  EXPECT_FALSE(workers.alive());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(workers.alive());
  release.set_value();
  EXPECT_TRUE(becomes(workers, true));
  workers.stop(std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace beffroi::http
