// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/rocks_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <algorithm>

namespace beffroi::storage {
namespace {

constexpr int kSleepMicrosMax = 10'000;

class RocksClock final : public rocksdb::SystemClockWrapper {
 public:
  explicit RocksClock(const Door& door) : SystemClockWrapper(rocksdb::SystemClock::Default()), door_(door) {}
  const char* Name() const override { return "BeffroiClock"; }
  // A job that failed sleeps a second before it ends. The engine decides when to try again, and may be waiting for that end.
  void SleepForMicroseconds(int micros) override {
    if (!door_.frozen()) target_->SleepForMicroseconds(std::min(micros, kSleepMicrosMax));
  }

 private:
  const Door& door_;
};

class RocksEnv final : public rocksdb::EnvWrapper {
 public:
  RocksEnv(const std::shared_ptr<rocksdb::FileSystem>& fs, const Door& door)
      : EnvWrapper(rocksdb::NewCompositeEnv(fs)) {
    file_system_ = fs;
    system_clock_ = std::make_shared<RocksClock>(door);
  }
  const char* Name() const override { return "BeffroiEnv"; }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_rocks_env(const std::shared_ptr<rocksdb::FileSystem>& fs,
                                             const Door& door) {
  return std::make_unique<RocksEnv>(fs, door);
}

}  // namespace beffroi::storage
