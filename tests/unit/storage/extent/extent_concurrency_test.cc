// SPDX-License-Identifier: EUPL-1.2
// Eight uploads at a time, a reader of everything, a gc lane and an engine that seals: what was acknowledged reads back, runs
// never overlap, ids and seals come once. The build with thread sanitizer runs it, too.
#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "tests/unit/storage/extent/store_fixture.h"

namespace beffroi::storage {
namespace {

struct Stored {
  storage::Run run;
  std::uint64_t seed;
};

struct Outcome {
  std::vector<Stored> kept;
  std::vector<storage::Run> ended;  // every run that was reserved, kept or not
  int wrong = 0;
};

// One uploader: sizes of both lanes and of own extents, an abort in five, a deletion in three.
Outcome upload(ExtentStore& store, std::uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  Outcome outcome;
  auto reads_back = [&](const Stored& stored) {
    return read_run(store, stored.run) == random_bytes(stored.seed, stored.run.length);
  };
  for (int i = 0; i < count; ++i) {
    const std::uint64_t size = 1 + (random() % 16 ? random() % (200 * kKiB) : kMiB + random() % (3 * kMiB));
    auto reserved = store.reserve(size, false);
    if (!reserved && reserved.error() == IoErrc::WouldBlock) reserved = store.reserve(size, true);
    if (!reserved) {
      ++outcome.wrong;
      continue;
    }
    const Stored stored{reserved->run(), random()};
    const Bytes bytes = random_bytes(stored.seed, size);
    outcome.ended.push_back(stored.run);
    for (std::size_t at = 0; at < bytes.size(); at += 65'552)
      outcome.wrong += !reserved->write(BytesView(bytes).substr(at, 65'552));
    if (random() % 5 == 0) continue;
    outcome.wrong += !sync(*reserved);
    reserved->published();
    outcome.wrong += !reads_back(stored);
    outcome.kept.push_back(stored);
    if (random() % 3 != 0) continue;
    std::swap(outcome.kept[random() % outcome.kept.size()], outcome.kept.back());
    outcome.wrong += !reads_back(outcome.kept.back());
    outcome.wrong += !store.punch({outcome.kept.back().run});
    outcome.kept.pop_back();
  }
  return outcome;
}

TEST_F(ExtentStoreTest, ManyUploadsAtOnce) {
  open({.directory = "data/extent", .shared_bytes = 3 * kMiB, .open_files_max = 3});
  constexpr int kThreads = 8, kUploads = 40;
  std::vector<Outcome> outcomes(kThreads);
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      outcomes[i] = upload(*store, 1000 + i, kUploads);
      --running;
    });
  std::map<ExtentId, std::uint64_t> sealed;
  auto seal = [&] {
    auto taken = store->take_sealable();
    ASSERT_TRUE(taken);
    for (const auto& full : *taken) EXPECT_TRUE(sealed.emplace(full.id, full.end).second) << "sealed twice";
  };
  while (running) {
    seal();
    std::this_thread::yield();
  }
  for (auto& thread : threads) thread.join();
  seal();

  std::vector<storage::Run> runs;
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(outcome.wrong, 0);
    runs.insert(runs.end(), outcome.ended.begin(), outcome.ended.end());
    for (const Stored& stored : outcome.kept)
      EXPECT_EQ(read_run(*store, stored.run), random_bytes(stored.seed, stored.run.length));
  }
  EXPECT_EQ(runs.size(), kThreads * kUploads);
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
    return std::pair(a.extent, a.offset) < std::pair(b.extent, b.offset);
  });
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const std::uint64_t end = runs[i - 1].offset + run_footprint(runs[i - 1].length);
    const bool same = runs[i].extent == runs[i - 1].extent;
    EXPECT_EQ(runs[i].offset, same ? end : kExtentHeaderBytes) << "a gap or an overlap";
  }
  std::set<ExtentId> ids;
  std::size_t shared = 0;
  for (const auto& [id, kind] : rows.all()) {
    EXPECT_TRUE(ids.insert(id).second) << "an id twice";
    shared += kind != ExtentKind::Own;
  }
  EXPECT_EQ(store->list_files()->size(), ids.size());
  EXPECT_EQ(sealed.size(), shared - 2) << "all but the open one of each lane";
}

}  // namespace
}  // namespace beffroi::storage
