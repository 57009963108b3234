// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/clock.h"

#include <gtest/gtest.h>

#include <chrono>

namespace beffroi::storage {
namespace {

TEST(SystemClock, IsTheSystemsTime) {
  const SystemClock clock;
  const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
  EXPECT_NEAR(static_cast<double>(clock.wall_ms()), static_cast<double>(wall), 2000.0);
  const std::int64_t before = clock.boot_ms();
  EXPECT_LE(before, clock.boot_ms());
}

TEST(ManualClock, OnlyTheWallJumps) {
  ManualClock clock(1000);
  const std::int64_t boot = clock.boot_ms();
  clock.advance(5);
  clock.jump(-500);
  EXPECT_EQ(clock.wall_ms(), 505);
  EXPECT_EQ(clock.boot_ms(), boot + 5);
}

}  // namespace
}  // namespace beffroi::storage
