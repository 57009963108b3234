// SPDX-License-Identifier: EUPL-1.2
// Damage in a table's file makes every read fail, aloud, and nothing is written any more: never fewer rows with success. RocksDB
// 7.8.3 by itself answers a scan over a bad first block of a non-first file with fewer rows and status OK (mutant no_frozen_door).
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "storage/io/faulty_files.h"
#include "storage/io/memory_files.h"
#include "tests/unit/storage/index/store.h"

namespace beffroi::storage {
namespace {

constexpr int kRows = 4000;
constexpr std::size_t kPage = 4096;

Bytes row_key(int i) {
  char key[32];
  std::snprintf(key, sizeof key, "d%02d/acte-%05d", i / 100, i);
  return key;
}

// Small files, so that one level holds several.
class SmallFiles : public TestStore {
 public:
  using TestStore::TestStore;
  Result<std::unique_ptr<Index>> open_small() {
    RocksIndexOptions small = options();
    small.table_file_bytes = std::size_t{128} << 10;
    small.block_cache_bytes = std::size_t{256} << 10;
    return open_rocks_index(small);
  }
};

class FrozenDoor : public testing::Test {
 protected:
  FrozenDoor() {
    EXPECT_TRUE(base_.make_dir("/data"));
    SmallFiles store(base_);
    const auto index = store.open_small().value();
    std::mt19937 random(5);
    Batch batch;
    for (int i = 0; i < kRows; ++i) {
      Bytes value(250, '\0');
      for (char& c : value) c = static_cast<char>(random());
      rows_[row_key(i)] = value;
      batch.put(Table::Current, row_key(i), value);
    }
    EXPECT_TRUE(index->apply(batch));
    const Table tables[] = {Table::Current};
    EXPECT_TRUE(index->flush(tables));
    EXPECT_TRUE(index->compact(Table::Current, {}, {}));
    batch.clear();
    batch.put(Table::Meta, "healthy", "row");
    EXPECT_TRUE(index->apply(batch));
    EXPECT_TRUE(index->flush(kTables));
    names_ = store.files_with(".sst");
    names_.pop_back();  // of `meta`
    EXPECT_GE(names_.size(), 5u);
  }

  // A copy of the store with one bit of one page flipped, opened.
  void damage(std::size_t file, std::size_t page) {
    index_.reset();
    disk_ = base_.crash_clone(CrashKind::Kill, 1, 0);
    store_ = std::make_unique<SmallFiles>(*disk_);
    name_ = names_[file];
    original_ = store_->read_raw(name_);
    Bytes flipped = original_;
    flipped[page * kPage + 1234] ^= 1;
    store_->write_raw(name_, flipped);
  }
  void open() {
    auto opened = store_->open_small();
    ASSERT_TRUE(opened) << opened.error().message();
    index_ = std::move(*opened);
  }

  // The door is shut: every read is Damaged, every write fails, the reason was told once and names the file.
  void expect_frozen() {
    EXPECT_TRUE(index_->damaged());
    EXPECT_EQ(index_->get(Table::Meta, "healthy").error(), IndexErrc::Damaged);
    EXPECT_EQ(index_->get(Table::Meta, "healthy", Tier::CacheOnly).error(), IndexErrc::Damaged);
    EXPECT_EQ(index_->get(Table::Meta, "missing").error(), IndexErrc::Damaged);
    EXPECT_EQ(walk(*index_->cursor(Table::Meta)).error(), IndexErrc::Damaged);
    EXPECT_EQ(walk(*index_->snapshot()->cursor(Table::Meta)).error(), IndexErrc::Damaged);
    Batch batch;
    batch.put(Table::Meta, "more", "rows");
    EXPECT_FALSE(index_->apply(batch));
    const std::uint64_t before = disk_->operations();
    EXPECT_FALSE(index_->flush(kTables));
    EXPECT_FALSE(index_->compact(Table::Meta, {}, {}));
    EXPECT_EQ(disk_->operations(), before);
    ASSERT_EQ(store_->reasons().size(), 1u);
    EXPECT_NE(store_->reasons()[0].find(name_), std::string::npos) << store_->reasons()[0];
  }

  // With the bit put back nothing was lost.
  void expect_all_rows_once_repaired() {
    index_.reset();
    store_->write_raw(name_, original_);
    open();
    EXPECT_EQ(walk(*index_->cursor(Table::Current)).value(), rows_);
    EXPECT_TRUE(index_->verify().value().empty());
  }

  MemoryFiles base_;
  Model rows_;
  std::vector<std::string> names_;  // of `current`, in the order of their keys
  std::unique_ptr<MemoryFiles> disk_;
  std::unique_ptr<SmallFiles> store_;
  std::unique_ptr<Index> index_;
  std::string name_;
  Bytes original_;
};

TEST_F(FrozenDoor, AScanFails) {
  damage(2, 1);
  open();
  const auto rows = walk(*index_->cursor(Table::Current));
  ASSERT_FALSE(rows) << "a scan of damaged files returned " << rows->size() << " of " << kRows
                     << " rows with success";
  EXPECT_EQ(rows.error(), IndexErrc::Damaged);
  expect_frozen();
  expect_all_rows_once_repaired();
}

// As LIST walks: one seek beyond each common prefix.
TEST_F(FrozenDoor, AListingFails) {
  damage(2, 1);
  open();
  const auto cursor = index_->snapshot()->cursor(Table::Current);
  std::set<Bytes> folders;
  for (cursor->seek("d"); cursor->valid();) {
    const Bytes folder(cursor->key().substr(0, 4));
    folders.insert(folder);
    cursor->seek(folder.substr(0, 3) + "0");
  }
  // Whatever was skipped, an answer that lacks a folder is no answer.
  if (folders.size() < kRows / 100) {
    EXPECT_EQ(cursor->status().error(), IndexErrc::Damaged) << folders.size();
  }
  EXPECT_FALSE(walk(*index_->cursor(Table::Current)));
  expect_frozen();
}

TEST_F(FrozenDoor, AGetFails) {
  damage(2, 1);
  open();
  int failed = 0;
  for (const auto& [key, value] : rows_) {
    const auto got = index_->get(Table::Current, key);
    if (got) {
      ASSERT_EQ(*got, value);
      ASSERT_EQ(failed, 0);  // nothing is served once the door is shut
    } else {
      ASSERT_EQ(got.error(), IndexErrc::Damaged);
      ++failed;
    }
  }
  EXPECT_GT(failed, 0);
  expect_frozen();
}

TEST_F(FrozenDoor, ACompactionFailsAndRemovesNothing) {
  damage(2, 1);
  open();
  const auto done = index_->compact(Table::Current, {}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), IndexErrc::Damaged);
  expect_frozen();
  for (const std::string& name : names_) EXPECT_EQ(store_->files_with(name).size(), 1u) << name;
  expect_all_rows_once_repaired();
}

TEST_F(FrozenDoor, VerifyNamesTheFile) {
  damage(3, 2);
  open();
  const auto messages = index_->verify().value();
  ASSERT_EQ(messages.size(), 1u + 1);  // the file, and the table it belongs to
  EXPECT_NE(messages[0].find(name_), std::string::npos) << messages[0];
  EXPECT_EQ(messages[1].substr(0, 8), "current:");
  EXPECT_TRUE(index_->damaged());
}

// Any page of any file: opening or scanning fails.
TEST_F(FrozenDoor, NoDamagedPageGoesUnnoticed) {
  for (std::size_t file = 0; file < names_.size(); ++file) {
    SmallFiles store(base_);
    const std::size_t pages = store.read_raw(names_[file]).size() / kPage;
    for (std::size_t page = file % 3; page < pages; page += page + 4 < pages ? 4 : 1) {
      damage(file, page);
      auto opened = store_->open_small();
      if (opened) {
        index_ = std::move(*opened);
        const auto rows = walk(*index_->cursor(Table::Current));
        if (rows) {
          ASSERT_EQ(*rows, rows_);
          ASSERT_FALSE(index_->verify().value().empty())
              << file << " " << page;  // a page no scan needs: a filter's
        }
      }
      ASSERT_EQ(store_->reasons().size(), 1u) << file << " " << page;
    }
  }
}

TEST_F(FrozenDoor, AMissingOrForeignFileIsDamage) {
  damage(2, 1);
  ASSERT_TRUE(disk_->unlink(store_->directory() + "/" + name_));
  EXPECT_EQ(store_->open_small().error(), IndexErrc::Damaged);
  damage(2, 1);
  store_->write_raw(name_, store_->read_raw(names_[3]));  // authentic, but another file's
  const auto opened = store_->open_small();
  const auto rows = opened ? walk(*(*opened)->cursor(Table::Current)) : Result<Model>(opened.error());
  EXPECT_EQ(rows.error(), IndexErrc::Damaged);
  EXPECT_EQ(store_->reasons().size(), 1u);
}

TEST_F(FrozenDoor, TablesWithoutCurrentAreNotAnEmptyStore) {
  damage(2, 1);
  ASSERT_TRUE(disk_->unlink(store_->directory() + "/CURRENT"));
  EXPECT_EQ(store_->open_small().error(), IndexErrc::Damaged);
  for (const std::string& name : names_) EXPECT_EQ(store_->files_with(name).size(), 1u) << name;
}

TEST_F(FrozenDoor, AFailedReadFreezes) {
  damage(0, 0);
  store_->write_raw(name_, original_);
  FaultyFiles faulty(*disk_);
  SmallFiles store(faulty);
  auto index = store.open_small().value();
  faulty.set_fault(Fault{CallClass::Read, 3});
  EXPECT_EQ(walk(*index->cursor(Table::Current)).error(), IndexErrc::Damaged);
  EXPECT_EQ(index->get(Table::Meta, "healthy").error(), IndexErrc::Damaged);  // though the fault is over
  EXPECT_EQ(store.reasons().size(), 1u);
}

// Few cases: RocksDB sleeps for a second after a failed job.
TEST_F(FrozenDoor, AFailedWriteOrSyncFreezes) {
  const std::pair<CallClass, bool> cases[] = {{CallClass::Sync, false},
                                              {CallClass::Sync, true},
                                              {CallClass::SyncDir, true},
                                              {CallClass::Write, false}};
  for (const auto& [on, persisted] : cases) {
    SCOPED_TRACE(static_cast<int>(on));
    const auto disk = base_.crash_clone(CrashKind::Kill, 1, 0);
    FaultyFiles faulty(*disk);
    SmallFiles store(faulty);
    auto index = store.open_small().value();
    Batch batch;
    batch.put(Table::Gc, "a", "1");
    ASSERT_TRUE(index->apply(batch));
    faulty.set_fault(Fault{on, 0, false, IoErrc::Io, persisted});
    EXPECT_EQ(index->flush(kTables).error(), IndexErrc::Damaged);
    EXPECT_EQ(store.reasons().size(), 1u);
    EXPECT_EQ(faulty.calls(CallClass::Sync), on == CallClass::Write ? 0u : 1u);  // never again
    index.reset();
    SmallFiles again(*disk);
    EXPECT_EQ(walk(*again.open_small().value()->cursor(Table::Current)).value(), rows_);
  }
}

TEST_F(FrozenDoor, AFullFileSystemIsWaitedFor) {
  for (const bool room_comes : {true, false}) {
    const auto disk = base_.crash_clone(CrashKind::Kill, 1, 0);
    FaultyFiles faulty(*disk);
    SmallFiles store(faulty);
    int asked = 0;
    RocksIndexOptions options = store.options();
    options.wait_for_room = [&](unsigned attempt) {
      EXPECT_EQ(attempt, static_cast<unsigned>(asked++));
      if (room_comes && asked == 3) faulty.set_fault(std::nullopt);
      return asked < 4;
    };
    const auto index = open_rocks_index(std::move(options)).value();
    Batch batch;
    batch.put(Table::Gc, "a", "1");
    ASSERT_TRUE(index->apply(batch));
    faulty.set_fault(Fault{CallClass::Write, 0, true, IoErrc::NoSpace});
    EXPECT_EQ(index->flush(kTables).has_value(), room_comes);
    EXPECT_EQ(asked, room_comes ? 3 : 4);
    EXPECT_EQ(index->damaged(), !room_comes);
    if (room_comes) continue;
    EXPECT_NE(store.reasons().at(0).find("full"), std::string::npos);
  }
}

}  // namespace
}  // namespace beffroi::storage
