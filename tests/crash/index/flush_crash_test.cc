// SPDX-License-Identifier: EUPL-1.2
// Crashes during flushes and compactions: the tables open, and every row that a finished flush() covered is there, as flushed or
// as a later batch wrote it. Rows of the memory only belong to the log.
#include <gtest/gtest.h>

#include <random>

#include "storage/io/memory_files.h"
#include "tests/unit/storage/index/store.h"

namespace beffroi::storage {
namespace {

constexpr int kRounds = 14;
constexpr int kKeys = 40;

// What each row may be after a crash: any number from the flushed to the applied. Rows only grow.
struct Expectation {
  std::map<Bytes, int> flushed[std::size(kTables)];
  std::map<Bytes, int> applied[std::size(kTables)];
};

std::size_t at(Table table) {
  return static_cast<std::size_t>(table) - 1;
}

Result<std::unique_ptr<Index>> open(TestStore& store) {
  RocksIndexOptions options = store.options();
  options.write_buffer_bytes = std::size_t{256} << 10;  // flushes on its own, too
  options.table_file_bytes = std::size_t{32} << 10;
  return open_rocks_index(options);
}

Bytes value_of(int number, std::size_t length) {
  return std::to_string(number) + "-" + Bytes(length, 'v');
}

// Writes, flushes and compacts until the end or the crash.
Expectation work(MemoryFiles& disk, unsigned seed) {
  Expectation expected;
  std::mt19937 random(seed);
  TestStore store(disk);
  if (!disk.make_dir("/data")) return expected;
  auto opened = open(store);
  if (!opened) return expected;
  Index& index = **opened;
  for (int round = 1; round <= kRounds; ++round) {
    Batch batch;
    for (Table table : kTables) {
      for (int i = 0; i < 20; ++i) {
        const Bytes key = "key-" + std::to_string(random() % kKeys);
        batch.put(table, key, value_of(round, random() % 400));
        expected.applied[at(table)][key] = round;
      }
    }
    if (!index.apply(batch)) return expected;
    const Table table = kTables[random() % std::size(kTables)];
    const Table some[] = {table, kTables[random() % std::size(kTables)]};
    if (!index.flush(some)) return expected;
    for (Table flushed : some) expected.flushed[at(flushed)] = expected.applied[at(flushed)];
    if (round % 4 == 0 && !index.compact(table, {}, {})) return expected;
  }
  return expected;
}

void expect_rows(Index& index, const Expectation& expected) {
  for (Table table : kTables) {
    const Model rows = walk(*index.cursor(table)).value();
    for (const auto& [key, number] : expected.flushed[at(table)]) {
      ASSERT_TRUE(rows.contains(key)) << table_name(table) << " " << key;
      ASSERT_GE(std::stoi(rows.at(key)), number) << table_name(table) << " " << key;
    }
    for (const auto& [key, value] : rows) {
      ASSERT_TRUE(expected.applied[at(table)].contains(key)) << table_name(table) << " " << key;
      ASSERT_LE(std::stoi(value), expected.applied[at(table)].at(key)) << table_name(table) << " " << key;
    }
  }
}

void crash_everywhere(CrashKind kind, int crashes) {
  MemoryFiles whole;
  work(whole, 1);
  const std::uint64_t operations = whole.operations();
  ASSERT_GT(operations, 200u);
  const double keep[] = {0, 0.1, 0.5, 0.9, 1};
  for (int i = 0; i < crashes; ++i) {
    const std::uint64_t index = 1 + operations * static_cast<unsigned>(i) / static_cast<unsigned>(crashes);
    SCOPED_TRACE("crash at operation " + std::to_string(index) + ", seed " + std::to_string(i));
    MemoryFiles disk;
    disk.set_crash_at(index);
    const Expectation expected = work(disk, static_cast<unsigned>(i));
    const auto found = disk.crash_clone(kind, keep[i % 5], static_cast<unsigned>(i));
    ASSERT_TRUE(found->make_dir("/data"));
    TestStore store(*found);
    const auto reopened = open(store);
    ASSERT_TRUE(reopened) << (store.reasons().empty() ? reopened.error().message() : store.reasons()[0]);
    expect_rows(**reopened, expected);
    if (i % 4 == 0) {
      const auto damage = (*reopened)->verify().value();
      ASSERT_TRUE(damage.empty()) << damage[0];
    }
  }
}

TEST(FlushCrash, AfterAKillEveryFlushedRowIsThere) {
  crash_everywhere(CrashKind::Kill, 40);
}
TEST(FlushCrash, AfterAPowerCutEveryFlushedRowIsThere) {
  crash_everywhere(CrashKind::PowerCut, 60);
}

}  // namespace
}  // namespace beffroi::storage
