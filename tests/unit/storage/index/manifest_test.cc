// SPDX-License-Identifier: EUPL-1.2
// The MANIFEST as a power cut or a damaged disk leaves it: a torn tail opens, damage before a sync freezes the door.
#include <gtest/gtest.h>

#include "storage/io/memory_files.h"
#include "tests/unit/storage/index/store.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kPage = 4096;
constexpr int kFlushes = 24;

class Manifest : public testing::Test {
 protected:
  // Many edits, each appended and synced by one flush; nothing is compacted, so every older state is whole.
  Manifest() {
    EXPECT_TRUE(base_.make_dir("/data"));
    TestStore store(base_);
    const auto index = store.open().value();
    for (int i = 0; i < kFlushes; ++i) {
      const Table table = kTables[static_cast<std::size_t>(i) % std::size(kTables)];
      Batch batch;
      batch.put(table, std::to_string(i), "row");
      EXPECT_TRUE(index->apply(batch));
      const Table tables[] = {table};
      EXPECT_TRUE(index->flush(tables));
    }
    name_ = store.files_with("MANIFEST-").back();
    good_ = store.read_raw(name_);
    pages_ = good_.size() / kPage;
    EXPECT_GT(pages_, static_cast<std::size_t>(kFlushes));
  }

  struct Outcome {
    error_code error;
    int rows = 0;                      // those of the first flushes, without a hole
    std::vector<std::string> reasons;  // for a frozen door
  };

  // Opens a copy of the store whose MANIFEST is `bytes`.
  Outcome open_with(BytesView bytes) const {
    const auto disk = base_.crash_clone(CrashKind::Kill, 1, 0);
    TestStore store(*disk);
    store.write_raw(name_, bytes);
    auto index = store.open();
    if (!index) return {index.error(), 0, store.reasons()};
    int rows = 0;
    bool hole = false;
    for (int i = 0; i < kFlushes; ++i) {
      const bool found =
          (*index)
              ->get(kTables[static_cast<std::size_t>(i) % std::size(kTables)], std::to_string(i))
              .has_value();
      EXPECT_FALSE(found && hole) << i;
      hole = hole || !found;
      rows += found;
    }
    return {{}, rows, store.reasons()};
  }

  MemoryFiles base_;
  std::string name_;
  Bytes good_;
  std::size_t pages_ = 0;
};

TEST_F(Manifest, EveryCutOfItsTailOpens) {
  EXPECT_EQ(open_with(good_).rows, kFlushes);
  int least = kFlushes;
  for (std::size_t page = pages_ - 1; page + kFlushes > pages_; --page) {
    for (const std::size_t bytes : {page * kPage + 2000, page * kPage}) {
      const Outcome outcome = open_with(BytesView(good_).substr(0, bytes));
      ASSERT_FALSE(outcome.error) << bytes << " " << (outcome.reasons.empty() ? "" : outcome.reasons[0]);
      ASSERT_LE(outcome.rows, least) << bytes;
      ASSERT_GE(outcome.rows, least - 1) << bytes;
      least = outcome.rows;
    }
  }
  EXPECT_LE(least, 1);
}

TEST_F(Manifest, AFlipInTheLastPageIsATornTail) {
  for (const std::size_t at : {0, 3, 10, 2000, 4095}) {
    Bytes flipped = good_;
    flipped[(pages_ - 1) * kPage + at] ^= 1;
    const Outcome outcome = open_with(flipped);
    ASSERT_FALSE(outcome.error) << at;
    EXPECT_EQ(outcome.rows, kFlushes - 1) << at;
  }
}

TEST_F(Manifest, AFlipBeforeASyncFreezes) {
  for (std::size_t page = 0; page + 1 < pages_; ++page) {
    Bytes flipped = good_;
    flipped[page * kPage + (page * 397) % kPage] ^= 1;
    const Outcome outcome = open_with(flipped);
    ASSERT_EQ(outcome.error, IndexErrc::Damaged) << page;
    ASSERT_EQ(outcome.reasons.size(), 1u) << page;
    EXPECT_NE(outcome.reasons[0].find(name_), std::string::npos) << outcome.reasons[0];
  }
}

TEST_F(Manifest, CurrentAndIdentityAreNeverTorn) {
  for (const std::string name : {"CURRENT", "IDENTITY"}) {
    const auto disk = base_.crash_clone(CrashKind::Kill, 1, 0);
    TestStore store(*disk);
    const Bytes good = store.read_raw(name);
    ASSERT_EQ(good.size(), 2 * kPage) << name;
    Bytes flipped = good;
    flipped[kPage + 50] ^= 1;
    store.write_raw(name, flipped);
    EXPECT_EQ(store.open().error(), IndexErrc::Damaged) << name;
  }
}

}  // namespace
}  // namespace beffroi::storage
