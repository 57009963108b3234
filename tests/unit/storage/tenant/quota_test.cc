// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/quota.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace beffroi::storage {
namespace {

constexpr CollectivityId kTown{16};
constexpr std::uint64_t kHuge = ~std::uint64_t{0};

TEST(Quota, ReservesUpToTheLastByte) {
  Quotas q;
  q.load(kTown, 40, 1, {100, 10});
  QuotaRefusal refusal;
  EXPECT_EQ(q.reserve(kTown, 61, 1, &refusal).error(), TenantErrc::QuotaExceeded);
  EXPECT_EQ(refusal.which, QuotaRefusal::Which::Bytes);
  EXPECT_EQ(refusal.used, 40u);
  EXPECT_EQ(refusal.asked, 61u);
  EXPECT_EQ(refusal.limit, 100u);
  auto held = q.reserve(kTown, 60, 1);
  ASSERT_TRUE(held);
  EXPECT_EQ(q.reserve(kTown, 1, 1, &refusal).error(), TenantErrc::QuotaExceeded);
  EXPECT_EQ(refusal.reserved, 60u);
  EXPECT_EQ(q.reserve(CollectivityId{17}, 1, 1).error(), TenantErrc::NoSuchCollectivity);
}

TEST(Quota, ObjectsAreCountedToo) {
  Quotas q;
  q.load(kTown, 0, 2, {100, 3});
  auto held = q.reserve(kTown, 0, 1);
  ASSERT_TRUE(held);
  QuotaRefusal refusal;
  EXPECT_EQ(q.reserve(kTown, 0, 1, &refusal).error(), TenantErrc::QuotaExceeded);
  EXPECT_EQ(refusal.which, QuotaRefusal::Which::Objects);
  EXPECT_EQ(refusal.used, 2u);
  EXPECT_EQ(refusal.reserved, 1u);
}

TEST(Quota, SizesThatWouldWrapAreRefused) {
  Quotas q;
  q.load(kTown, 10, 0, {kHuge, 10});
  auto held = q.reserve(kTown, 10, 1);
  ASSERT_TRUE(held);
  EXPECT_FALSE(q.reserve(kTown, kHuge, 1));
  EXPECT_FALSE(q.reserve(kTown, kHuge - 19, 1));
  EXPECT_TRUE(q.reserve(kTown, kHuge - 20, 1));
}

TEST(Quota, AReservationGivesBackUnlessSettled) {
  Quotas q;
  q.load(kTown, 0, 0, {100, 10});
  {
    auto held = q.reserve(kTown, 100, 10);
    ASSERT_TRUE(held);
    QuotaReservation moved = std::move(*held);
    EXPECT_FALSE(*held);
    EXPECT_TRUE(moved);
    EXPECT_EQ(q.usage(kTown)->reserved_bytes, 100u);
  }
  EXPECT_EQ(q.usage(kTown)->reserved_bytes, 0u);
  auto held = q.reserve(kTown, 60, 1);
  q.settle(std::move(*held), 45, 0);  // an overwrite: 60 new bytes, 15 old ones leave
  const auto usage = q.usage(kTown);
  EXPECT_EQ(usage->committed_bytes, 45u);
  EXPECT_EQ(usage->committed_objects, 0u);
  EXPECT_EQ(usage->reserved_bytes, 0u);
  EXPECT_EQ(usage->reserved_objects, 0u);
  q.adjust(kTown, -45, 0);
  EXPECT_EQ(q.usage(kTown)->committed_bytes, 0u);
}

TEST(Quota, AssigningOverAReservationGivesTheOldOneBack) {
  Quotas q;
  q.load(kTown, 0, 0, {100, 10});
  QuotaReservation a = *q.reserve(kTown, 30, 1);
  a = *q.reserve(kTown, 50, 2);
  EXPECT_EQ(q.usage(kTown)->reserved_bytes, 50u);
  a = {};
  EXPECT_EQ(q.usage(kTown)->reserved_bytes, 0u);
  EXPECT_EQ(q.usage(kTown)->reserved_objects, 0u);
}

TEST(Quota, ALoweredLimitStopsWhatAsksForMore) {
  Quotas q;
  q.load(kTown, 80, 5, {100, 10});
  q.set_limits(kTown, {50, 10});
  EXPECT_FALSE(q.reserve(kTown, 1, 1));
  EXPECT_TRUE(q.reserve(kTown, 0, 1));  // a delete marker
  q.adjust(kTown, -31, -1);
  EXPECT_TRUE(q.reserve(kTown, 1, 1));
}

TEST(QuotaDeathTest, UsageCannotBeDrivenBelowZeroOrAboveTheReservation) {
  Quotas q;
  q.load(kTown, 5, 1, {100, 10});
  EXPECT_DEATH(q.adjust(kTown, -6, 0), "check failed");
  EXPECT_DEATH(q.adjust(kTown, 1, 0), "check failed");
  EXPECT_DEATH(q.settle(*q.reserve(kTown, 10, 1), 11, 1), "check failed");
}

// Many threads put, overwrite, give up and delete at random in a collectivity that is nearly full. At every moment what is
// committed and reserved stays within the limit, and at the end what is committed is what they stored.
TEST(QuotaProperty, ParallelUploadsNeverPassTheLimitByAByte) {
  constexpr std::uint64_t kLimit = 10'000;
  constexpr std::uint64_t kObjects = 40;
  constexpr int kThreads = 4;
  const unsigned seed = 20'261'124;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Quotas q;
  q.load(kTown, 0, 0, {kLimit, kObjects});
  std::atomic<std::uint64_t> stored_bytes = 0, stored_objects = 0, refusals = 0;
  std::atomic<bool> done = false;
  std::thread watcher([&] {
    while (!done) {
      const auto u = q.usage(kTown);
      ASSERT_LE(u->committed_bytes + u->reserved_bytes, kLimit);
      ASSERT_LE(u->committed_objects + u->reserved_objects, kObjects);
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(seed + t);
      std::vector<std::uint64_t> own;  // sizes of this thread's objects
      for (int i = 0; i < 20'000; ++i) {
        const auto pick = random() % 10;
        if (pick < 2 && !own.empty()) {
          q.adjust(kTown, -static_cast<std::int64_t>(own.back()), -1);
          own.pop_back();
          continue;
        }
        const std::uint64_t size = random() % 1'500;
        auto held = q.reserve(kTown, size, 1);
        if (!held) {
          ++refusals;
          continue;
        }
        if (pick < 4) continue;  // the client went away
        if (pick < 7 && !own.empty()) {
          const auto old = std::exchange(own.back(), size);
          q.settle(std::move(*held), static_cast<std::int64_t>(size) - static_cast<std::int64_t>(old), 0);
        } else {
          own.push_back(size);
          q.settle(std::move(*held), static_cast<std::int64_t>(size), 1);
        }
      }
      for (const auto size : own) stored_bytes += size;
      stored_objects += own.size();
    });
  }
  for (auto& thread : threads) thread.join();
  done = true;
  watcher.join();
  const auto end = q.usage(kTown);
  EXPECT_EQ(end->committed_bytes, stored_bytes);
  EXPECT_EQ(end->committed_objects, stored_objects);
  EXPECT_EQ(end->reserved_bytes, 0u);
  EXPECT_EQ(end->reserved_objects, 0u);
  EXPECT_GT(refusals, 0u);  // the limit was felt
}

}  // namespace
}  // namespace beffroi::storage
