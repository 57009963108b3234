// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/rocks_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

namespace beffroi::storage {
namespace {

class RocksClock final : public rocksdb::SystemClockWrapper {
 public:
  explicit RocksClock(const Door& door) : SystemClockWrapper(rocksdb::SystemClock::Default()), door_(door) {}
  const char* Name() const override { return "BeffroiClock"; }
  void SleepForMicroseconds(int micros) override {
    if (!door_.frozen()) target_->SleepForMicroseconds(micros);
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
