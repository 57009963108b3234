// SPDX-License-Identifier: EUPL-1.2
// A crash at each operation of a workload that uses all there is: what the store said was durable is so for the next process,
// whatever of the rest reached the disk.
#include <map>
#include <set>

#include "tests/unit/storage/extent/store_fixture.h"

namespace beffroi::storage {
namespace {

// What the engine would know at the moment of the crash.
struct Known {
  std::map<std::uint64_t, std::pair<storage::Run, Bytes>> durable;  // by a number of ours
  std::vector<storage::Run> punched;                                // durably
  std::vector<ExtentId> unlinked;                                   // durably
  std::vector<storage::Run> aborted_and_sealed;
};

class Workload {
 public:
  Workload(Files& files, ExtentRows& rows, Known& known)
      : store_(files, {.directory = "data/extent", .shared_bytes = 64 * kKiB, .open_files_max = 2}, rows),
        known_(known) {}

  // Stops at the first failure, as the engine does.
  bool run() {
    if (!store_.start(ExtentId{1})) return false;
    for (std::uint64_t i = 0; i < 6; ++i)
      if (!put(i, 5000 + 4000 * i)) return false;
    if (!put(100, 70'000)) return false;  // an own extent
    if (!abort(20'000) || !abort(90'000)) return false;
    for (std::uint64_t i = 10; i < 14; ++i)
      if (!put(i, 30'000)) return false;
    return seal() && punch({1, 10}) && unlink(100) && punch({3}) && put(20, 100);
  }

 private:
  bool put(std::uint64_t number, std::size_t size) {
    auto reserved = store_.reserve(size, true);
    const Bytes bytes = random_bytes(number, size);
    if (!reserved || !reserved->write(bytes) || !sync(*reserved)) return false;
    known_.durable[number] = {reserved->run(), bytes};
    reserved->published();
    return true;
  }
  bool abort(std::size_t size) {
    auto reserved = store_.reserve(size, true);
    if (!reserved || !reserved->write(random_bytes(size, size)) || !sync(*reserved)) return false;
    if (reserved->kind() != ExtentKind::Own) aborted_.push_back(reserved->run());
    return true;
  }
  bool seal() {
    auto sealed = store_.take_sealable();
    if (!sealed) return false;
    for (const auto& full : *sealed)
      for (const storage::Run& run : aborted_)
        if (run.extent == full.id) known_.aborted_and_sealed.push_back(run);
    return true;
  }
  bool punch(const std::vector<std::uint64_t>& numbers) {
    std::vector<storage::Run> runs;
    for (std::uint64_t number : numbers) {
      runs.push_back(known_.durable[number].first);
      known_.durable.erase(number);
    }
    if (!store_.punch(runs)) return false;
    known_.punched.insert(known_.punched.end(), runs.begin(), runs.end());
    return true;
  }
  bool unlink(std::uint64_t number) {
    const ExtentId id = known_.durable[number].first.extent;
    known_.durable.erase(number);
    if (!store_.unlink({id})) return false;
    known_.unlinked.push_back(id);
    return true;
  }

  ExtentStore store_;
  Known& known_;
  std::vector<storage::Run> aborted_;
};

void expect_kept(MemoryFiles& disk, const Known& known, RememberedRows& rows) {
  RememberedRows later_rows;
  ExtentStore store(disk, {.directory = "data/extent"}, later_rows);
  ASSERT_TRUE(store.start(ExtentId{1}));
  for (const auto& [number, stored] : known.durable)
    EXPECT_EQ(read_run(store, stored.first), stored.second) << "run " << number;
  for (const auto* freed : {&known.punched, &known.aborted_and_sealed})
    for (const storage::Run& run : *freed) EXPECT_EQ(read_run(store, run), Bytes(run.length, '\0'));
  for (ExtentId id : known.unlinked) EXPECT_EQ(store.file_bytes(id).error(), IoErrc::NotFound);
  std::set<std::string> named;
  for (const auto& row : rows.all()) {
    char name[9];
    std::snprintf(name, sizeof name, "%08x", raw(row.first));
    named.insert(name);
  }
  for (const DirectoryEntry& entry : store.list_files().value())
    EXPECT_TRUE(named.contains(entry.name)) << "a file without a row: " << entry.name;
}

TEST(ExtentCrash, WhatWasSaidDurableIs) {
  std::uint64_t operations = 0;
  {
    MemoryFiles disk;
    ASSERT_TRUE(disk.make_dir("data"));
    RememberedRows rows;
    Known known;
    ASSERT_TRUE(Workload(disk, rows, known).run());
    EXPECT_FALSE(known.aborted_and_sealed.empty());
    operations = disk.operations();
  }
  for (std::uint64_t crash_at = 1; crash_at <= operations; ++crash_at) {
    MemoryFiles disk;
    ASSERT_TRUE(disk.make_dir("data"));
    disk.set_crash_at(crash_at);
    RememberedRows rows;
    Known known;
    const bool ended = Workload(disk, rows, known).run();
    EXPECT_TRUE(!ended || disk.crashed() || crash_at == operations);
    for (double keep : {0.0, 0.5, 1.0}) {
      SCOPED_TRACE(testing::Message() << "crash at " << crash_at << ", keep " << keep);
      auto after = disk.crash_clone(CrashKind::PowerCut, keep, crash_at);
      if (crash_at > 1) expect_kept(*after, known, rows);
    }
    SCOPED_TRACE(testing::Message() << "kill at " << crash_at);
    if (crash_at > 1) expect_kept(*disk.crash_clone(CrashKind::Kill, 1.0, crash_at), known, rows);
  }
}

}  // namespace
}  // namespace beffroi::storage
