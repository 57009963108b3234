// SPDX-License-Identifier: EUPL-1.2
// Time as the appliance sees it. Passed in, never read from a global; tests turn a ManualClock by hand.
#pragma once

#include <atomic>
#include <cstdint>

namespace beffroi::storage {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t wall_ms() const = 0;  // CLOCK_REALTIME, ms since 1970; may jump
  virtual std::int64_t boot_ms() const = 0;  // CLOCK_BOOTTIME, ms; never goes back
};

class SystemClock final : public Clock {
 public:
  std::int64_t wall_ms() const override;
  std::int64_t boot_ms() const override;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t wall_ms) : wall_(wall_ms) {}
  std::int64_t wall_ms() const override { return wall_; }
  std::int64_t boot_ms() const override { return boot_; }
  void advance(std::int64_t ms) { wall_ += ms; boot_ += ms; }
  void jump(std::int64_t ms) { wall_ += ms; }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> boot_{1'000'000};
};

}  // namespace beffroi::storage
