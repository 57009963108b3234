// SPDX-License-Identifier: EUPL-1.2
// What the index tells while it writes files: before each, and when the next rows would have to wait.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

#include "storage/io/memory_files.h"
#include "tests/unit/storage/index/store.h"

namespace beffroi::storage {
namespace {

Batch rows(int first, int count, std::size_t bytes) {
  Batch batch;
  for (int i = first; i < first + count; ++i) batch.put(Table::Current, std::to_string(i), Bytes(bytes, 'v'));
  return batch;
}

TEST(Flush, IsAnnouncedBeforeItsFileExists) {
  MemoryFiles files;
  ASSERT_TRUE(files.make_dir("/data"));
  TestStore store(files);
  std::atomic<int> announced = 0;
  RocksIndexOptions options = store.options();
  options.before_flush = [&] {
    EXPECT_EQ(store.files_with(".sst").size(), static_cast<std::size_t>(announced));
    ++announced;
  };
  const auto index = open_rocks_index(options).value();
  const Table tables[] = {Table::Current};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(index->apply(rows(i, 1, 10)));
    ASSERT_TRUE(index->flush(tables));
    EXPECT_EQ(announced, i + 1);
  }
  ASSERT_TRUE(index->flush(tables));  // nothing to write
  EXPECT_EQ(announced, 3);
}

TEST(Flush, FullMemoryIsAnnouncedBeforeWritesStall) {
  MemoryFiles files;
  ASSERT_TRUE(files.make_dir("/data"));
  TestStore store(files);
  Guarded<bool> go(false);
  std::condition_variable changed;
  RocksIndexOptions options = store.options();
  options.write_buffer_bytes = std::size_t{1} << 20;
  options.before_flush = [&] {
    auto open = go.lock();
    open.wait(changed, [&] { return *open; });
  };
  const auto index = open_rocks_index(options).value();
  int applied = 0;
  while (!index->write_pressure() && applied < 4000) ASSERT_TRUE(index->apply(rows(applied++, 1, 4000)));
  EXPECT_TRUE(index->write_pressure());  // and no apply waited for the files that cannot be written
  EXPECT_GT(applied, 100);
  *go.lock() = true;
  changed.notify_all();
  ASSERT_TRUE(index->flush(kTables));
  EXPECT_FALSE(index->write_pressure());
  EXPECT_EQ(walk(*index->cursor(Table::Current)).value().size(), static_cast<std::size_t>(applied));
}

}  // namespace
}  // namespace beffroi::storage
