// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/clock.h"

#include <ctime>

namespace beffroi::storage {
namespace {

std::int64_t milliseconds(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

std::int64_t SystemClock::wall_ms() const {
  return milliseconds(CLOCK_REALTIME);
}

std::int64_t SystemClock::boot_ms() const {
  return milliseconds(CLOCK_BOOTTIME);
}

}  // namespace beffroi::storage
