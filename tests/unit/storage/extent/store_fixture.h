// SPDX-License-Identifier: EUPL-1.2
// What the tests of extents share: a store on files in memory that can fail, rows that are only remembered, waiters to wait for.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/extent/extent_store.h"
#include "storage/io/faulty_files.h"
#include "storage/io/guarded.h"
#include "storage/io/memory_files.h"

namespace beffroi::storage {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * 1024;

class RememberedRows final : public ExtentRows {
 public:
  using Row = std::pair<ExtentId, ExtentKind>;
  Result<void> commit_row(ExtentId id, ExtentKind kind) override {
    if (before_commit) before_commit(id);
    if (refuse) return *refuse;
    rows.lock()->push_back({id, kind});
    return {};
  }
  std::vector<Row> all() { return *rows.lock(); }

  std::function<void(ExtentId)> before_commit;
  std::optional<error_code> refuse;
  Guarded<std::vector<Row>> rows;
};

class Waiter final : public SyncWaiter {
 public:
  void synced(Result<void> result) override {
    auto state = state_.lock();
    state->push_back(result);
    changed_.notify_all();
  }
  Result<void> wait() {
    auto state = state_.lock();
    state.wait(changed_, [&] { return !state->empty(); });
    return state->front();
  }
  std::size_t calls() { return state_.lock()->size(); }

 private:
  Guarded<std::vector<Result<void>>> state_;
  std::condition_variable changed_;
};

inline Bytes random_bytes(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  Bytes out;
  while (out.size() < size) append_le<std::uint64_t>(out, random());
  out.resize(size);
  return out;
}

inline Result<void> sync(Reservation& reservation) {
  Waiter waiter;
  reservation.sync(waiter);
  return waiter.wait();
}

inline Bytes read_run(ExtentStore& store, const Run& run) {
  Bytes out(run.length, '?');
  const auto got = store.read(run, 0, out);
  return got ? out : "error: " + got.error().message();
}

inline const ExtentOptions kTinyShared{
    .directory = "data/extent", .shared_bytes = 64 * kKiB, .open_files_max = 4};

// A store on a disk: the data directory stands and is durable.
class ExtentStoreTest : public testing::Test {
 protected:
  using Run = storage::Run;  // testing::Test has a Run, too

  ExtentStoreTest() { EXPECT_TRUE(disk.make_dir("data")); }
  void open(ExtentOptions options = {.directory = "data/extent"}) {
    store.reset();
    store = std::make_unique<ExtentStore>(door, options, rows);
    ASSERT_TRUE(store->start(ExtentId{1}));
  }
  Reservation reserve(std::uint64_t bytes) {
    auto reserved = store->reserve(bytes, true);
    EXPECT_TRUE(reserved) << reserved.error().message();
    return reserved ? std::move(*reserved) : Reservation();
  }
  // A run that was written, synced and published.
  Run put(const Bytes& bytes) {
    Reservation reservation = reserve(bytes.size());
    EXPECT_TRUE(reservation.write(bytes));
    EXPECT_TRUE(sync(reservation));
    reservation.published();
    return reservation.run();
  }
  // Another store on what a power cut leaves, when no pending byte or name was lucky.
  struct Found {
    std::unique_ptr<MemoryFiles> disk;
    RememberedRows rows;
    std::unique_ptr<ExtentStore> store;
  };
  std::unique_ptr<Found> after_power_cut(double keep = 0.0, std::uint64_t seed = 1) {
    auto found = std::make_unique<Found>();
    found->disk = disk.crash_clone(CrashKind::PowerCut, keep, seed);
    found->store =
        std::make_unique<ExtentStore>(*found->disk, ExtentOptions{.directory = "data/extent"}, found->rows);
    EXPECT_TRUE(found->store->start(ExtentId{1}));
    return found;
  }
  std::uint64_t used_bytes() {
    const Space space = disk.space("data").value();
    return space.total - space.available;
  }

  MemoryFiles disk;
  FaultyFiles door{disk};
  RememberedRows rows;
  std::unique_ptr<ExtentStore> store;
};

}  // namespace beffroi::storage
