// SPDX-License-Identifier: EUPL-1.2
// The check of a store that serves: quiet while everything changes, loud about damage, and going on where a life before it was.
#include "storage/engine/online_check.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using testing::content;
using testing::World;

constexpr std::uint64_t kFast = 1ull << 40;

struct OnlineChecks : ::testing::Test {
  OnlineChecks() { w.make(); }
  CheckStatus finish() {
    for (;;) {
      CheckStatus status = w.engine->online_check().status();
      if (!status.running) return status;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      w.clock.advance(5);  // its pace is told by the engine's clock
    }
  }
  CheckStatus check(std::uint64_t pace = kFast) {
    w.engine->online_check().start(pace);
    return finish();
  }
  // One bit of some body in a shared extent.
  void damage() {
    for (const DirectoryEntry& e : w.disk->list("/data/extent").value()) {
      const auto file = w.disk->open("/data/extent/" + e.name).value();
      char byte = 0;
      ASSERT_TRUE(file->read(4096 + 3000, MutableBytes(&byte, 1)));
      byte = static_cast<char>(byte ^ 4);
      ASSERT_TRUE(file->write(4096 + 3000, BytesView(&byte, 1)));
    }
  }
  World w;
};

TEST_F(OnlineChecks, AStoreAtWorkIsWhole) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(w.put("k" + std::to_string(i), content(30'000 + i, i)));
  std::atomic<bool> done{false};
  std::thread worker([&] {
    for (int i = 0; !done; ++i) {
      const Bytes key = "k" + std::to_string(i % 25);
      const bool changed = i % 3 == 0 ? bool(w.remove(key)) : bool(w.put(key, content(i % 2 ? 100 : 40'000, i)));
      EXPECT_TRUE(changed);
      const bool freed = i % 10 != 0 || w.engine->run_upkeep();  // what the check may be about to read
      EXPECT_TRUE(freed);
    }
  });
  for (int round = 0; round < 15; ++round) {
    const CheckStatus status = check();
    EXPECT_TRUE(status.findings.empty()) << status.findings.front();
    EXPECT_NE(status.ended_ms, 0);
  }
  done = true;
  worker.join();
  w.expect_whole_after_upkeep();
}

TEST_F(OnlineChecks, DamageIsNamedAndStaysNamedAfterAStart) {
  ASSERT_TRUE(w.put("whole", content(100, 1)));
  ASSERT_TRUE(w.put("damaged", content(30'000, 2)));
  damage();
  CheckStatus status = check();
  ASSERT_EQ(status.findings.size(), 1u);
  EXPECT_NE(status.findings.front().find("damaged"), std::string::npos) << status.findings.front();
  w.reopen();
  ASSERT_TRUE(w.engine->online_check().resume());
  EXPECT_EQ(finish().findings, status.findings);
  EXPECT_TRUE(w.remove("damaged"));
  EXPECT_TRUE(check().findings.empty());
}

TEST_F(OnlineChecks, AnUnfinishedOneGoesOnAndReadsNoBodyTwice) {
  ASSERT_TRUE(w.put("a", content(30'000, 1)));
  damage();  // found before the stop, and not to be read again
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(w.put("b" + std::to_string(i), content(100'000, i)));
  w.engine->online_check().start(1'000'000);
  while (w.engine->online_check().status().stage != "bodies" || w.engine->online_check().status().done < 1'000'000) {
    ASSERT_TRUE(w.engine->online_check().status().running);
    w.clock.advance(50);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  w.clock.advance(10'000);  // the next body is saved
  while (w.engine->online_check().status().done < 2'000'000) {
    w.clock.advance(50);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  w.reopen();
  EXPECT_FALSE(w.engine->online_check().status().running);
  ASSERT_TRUE(w.engine->online_check().resume());
  const CheckStatus status = finish();
  ASSERT_EQ(status.findings.size(), 1u);
  EXPECT_NE(status.findings.front().find("/a"), std::string::npos) << status.findings.front();
}

TEST(CheckJob, EncodesAndDecodes) {
  CheckJob job{.started_ms = 5, .ended_ms = 7, .bytes_per_second = 9, .place = BodyPlace{CollectivityId{16}, BlobId{3}, 4},
               .findings = {"one", "", "three"}};
  const auto again = decode_check_job(encode(job));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->findings, job.findings);
  EXPECT_EQ(again->place, job.place);
  EXPECT_EQ(encode(*again), encode(job));
}

}  // namespace
}  // namespace beffroi::storage
