// SPDX-License-Identifier: EUPL-1.2
// What every Index promises, on every Files.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "storage/io/memory_files.h"
#include "storage/io/real_files.h"
#include "tests/unit/storage/index/store.h"

namespace beffroi::storage {
namespace {

// A place for one store that is gone after the test.
struct InMemory {
  MemoryFiles files;
  std::string parent = "/data";
};

struct OnDisk {
  RealFiles files;
  std::string parent;
  OnDisk() {
    std::string path = std::filesystem::temp_directory_path() / "beffroi-index-XXXXXX";
    parent = ::mkdtemp(path.data());
  }
  ~OnDisk() { std::filesystem::remove_all(parent); }
};

template <class Place>
class IndexContract : public testing::Test {
 protected:
  IndexContract() : store_(place_.files, place_.parent + "/index") {
    EXPECT_TRUE(place_.files.make_dir(place_.parent));
    reopen();
  }

  void reopen() {
    index_.reset();
    auto opened = store_.open();
    ASSERT_TRUE(opened) << opened.error().message();
    index_ = std::move(*opened);
  }

  void put(Table table, Bytes key, Bytes value) {
    Batch batch;
    batch.put(table, std::move(key), std::move(value));
    ASSERT_TRUE(index_->apply(batch));
  }

  Place place_;
  TestStore store_;
  std::unique_ptr<Index> index_;
};

using Places = testing::Types<InMemory, OnDisk>;
TYPED_TEST_SUITE(IndexContract, Places);

TYPED_TEST(IndexContract, EveryTableIsApart) {
  for (Table table : kTables) this->put(table, "key", Bytes(table_name(table)));
  for (Table table : kTables) {
    EXPECT_EQ(this->index_->get(table, "key").value(), table_name(table));
    EXPECT_EQ(this->index_->get(table, "other").error(), IndexErrc::NotFound);
  }
}

TYPED_TEST(IndexContract, TheLaterRowOfABatchWins) {
  Batch batch;
  batch.put(Table::Meta, "a", "1");
  batch.remove(Table::Meta, "a");
  batch.put(Table::Meta, "b", "1");
  batch.put(Table::Meta, "b", "2");
  batch.remove(Table::Meta, "never");
  ASSERT_TRUE(this->index_->apply(batch));
  EXPECT_EQ(this->index_->get(Table::Meta, "a").error(), IndexErrc::NotFound);
  EXPECT_EQ(this->index_->get(Table::Meta, "b").value(), "2");
}

TYPED_TEST(IndexContract, KeysAreBytes) {
  const std::vector<Bytes> keys = {"",     Bytes(1, '\0'), Bytes("\0\xFF", 2), "a",
                                   "\xFF", "\xFF\xFF",     Bytes(2000, 'k')};
  for (const Bytes& key : keys) this->put(Table::Current, key, "value of " + key);
  for (const Bytes& key : keys) EXPECT_EQ(this->index_->get(Table::Current, key).value(), "value of " + key);
  EXPECT_EQ(walk(*this->index_->cursor(Table::Current)).value().size(), keys.size());
}

TYPED_TEST(IndexContract, CursorsSeekBothWays) {
  for (int i = 10; i < 90; i += 2) this->put(Table::Versions, std::to_string(i), "v");
  const auto cursor = this->index_->cursor(Table::Versions);
  cursor->seek("31");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "32");
  cursor->next();
  EXPECT_EQ(cursor->key(), "34");
  cursor->seek_last("31");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "30");
  cursor->seek_last("30");
  EXPECT_EQ(cursor->key(), "30");
  cursor->seek_last("0");
  EXPECT_FALSE(cursor->valid());
  cursor->seek("9");
  EXPECT_FALSE(cursor->valid());
  EXPECT_TRUE(cursor->status());
}

TYPED_TEST(IndexContract, ASnapshotAndACursorStandStill) {
  this->put(Table::Current, "a", "1");
  const auto snapshot = this->index_->snapshot();
  const auto cursor = this->index_->cursor(Table::Current);
  this->put(Table::Current, "a", "2");
  this->put(Table::Current, "b", "2");
  this->put(Table::Meta, "a", "2");
  ASSERT_TRUE(this->index_->flush(kTables));
  EXPECT_EQ(snapshot->get(Table::Current, "a").value(), "1");
  EXPECT_EQ(snapshot->get(Table::Meta, "a").error(), IndexErrc::NotFound);
  EXPECT_EQ(walk(*snapshot->cursor(Table::Current)).value(), (Model{{"a", "1"}}));
  EXPECT_EQ(walk(*cursor).value(), (Model{{"a", "1"}}));
  EXPECT_EQ(walk(*this->index_->cursor(Table::Current)).value(), (Model{{"a", "2"}, {"b", "2"}}));
}

TYPED_TEST(IndexContract, FlushedRowsSurviveOthersAreTheLogs) {
  this->put(Table::Current, "kept", "1");
  this->put(Table::Gc, "lost", "1");
  const Table tables[] = {Table::Current};
  ASSERT_TRUE(this->index_->flush(tables));
  this->put(Table::Current, "lost", "1");
  this->reopen();
  EXPECT_EQ(walk(*this->index_->cursor(Table::Current)).value(), (Model{{"kept", "1"}}));
  EXPECT_EQ(walk(*this->index_->cursor(Table::Gc)).value(), Model{});
}

TYPED_TEST(IndexContract, CacheOnlyNeverReadsAFile) {
  this->put(Table::Current, "a", "1");
  EXPECT_EQ(this->index_->get(Table::Current, "a", Tier::CacheOnly).value(), "1");  // still in memory
  ASSERT_TRUE(this->index_->flush(kTables));
  this->reopen();
  EXPECT_EQ(this->index_->get(Table::Current, "a", Tier::CacheOnly).error(), IndexErrc::WouldBlock);
  EXPECT_EQ(this->index_->get(Table::Current, "a", Tier::Disk).value(), "1");
  EXPECT_EQ(this->index_->get(Table::Current, "a", Tier::CacheOnly).value(), "1");
}

TYPED_TEST(IndexContract, RandomBatchesFollowTheModel) {
  const unsigned seed = 20261124;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Model model;
  for (int round = 0; round < 60; ++round) {
    Batch batch;
    for (int i = 0; i < 50; ++i) {
      Bytes key = std::to_string(random() % 700);
      if (random() % 3 == 0) {
        batch.remove(Table::Blobs, key);
        model.erase(key);
      } else {
        Bytes value(random() % 300, static_cast<char>('a' + random() % 26));
        batch.put(Table::Blobs, key, value);
        model[key] = value;
      }
    }
    ASSERT_TRUE(this->index_->apply(batch));
    if (random() % 8 == 0) {
      ASSERT_TRUE(this->index_->flush(kTables));
    }
    if (random() % 16 == 0) {
      ASSERT_TRUE(this->index_->compact(Table::Blobs, {}, {}));
    }
    if (random() % 16 == 0) {
      ASSERT_TRUE(this->index_->flush(kTables));
      this->reopen();
    }
    ASSERT_EQ(walk(*this->index_->cursor(Table::Blobs)).value(), model);
    const Bytes probe = std::to_string(random() % 700);
    const auto found = this->index_->get(Table::Blobs, probe);
    ASSERT_EQ(found ? *found : "none", model.contains(probe) ? model[probe] : "none");
  }
  EXPECT_TRUE(this->index_->verify().value().empty());
  EXPECT_FALSE(this->index_->damaged());
}

TYPED_TEST(IndexContract, CompactionRemovesWhatWasRemoved) {
  for (int i = 0; i < 200; ++i)
    this->put(Table::Inline, "marker-" + std::to_string(1000 + i), Bytes(2000, 'x'));
  ASSERT_TRUE(this->index_->flush(kTables));
  for (int i = 0; i < 200; ++i) {
    Batch batch;
    batch.remove(Table::Inline, "marker-" + std::to_string(1000 + i));
    ASSERT_TRUE(this->index_->apply(batch));
  }
  ASSERT_TRUE(this->index_->compact(Table::Inline, "marker-", "marker."));
  this->reopen();  // left-over files go at the latest here
  std::uint64_t bytes = 0;
  for (const std::string& name : this->store_.files_with(".sst")) bytes += this->store_.read_raw(name).size();
  EXPECT_LT(bytes, 100'000u);
}

TYPED_TEST(IndexContract, NothingOnDiskIsInClear) {
  const Bytes marker = "marker-deliberations-2026";
  this->put(Table::Current, marker, marker + marker);
  this->put(Table::Meta, marker, marker);
  ASSERT_TRUE(this->index_->flush(kTables));
  ASSERT_TRUE(this->index_->compact(Table::Current, {}, {}));
  for (const std::string& name : this->store_.files_with("")) {
    const Bytes raw = this->store_.read_raw(name);
    EXPECT_EQ(raw.find("marker"), Bytes::npos) << name;
    EXPECT_EQ(raw.find("rocksdb"), Bytes::npos) << name;
    EXPECT_EQ(raw.size() % 4096, 0u) << name;
  }
}

}  // namespace
}  // namespace beffroi::storage
