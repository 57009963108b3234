// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/pins.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace beffroi::storage {
namespace {

constexpr CollectivityId kTown{16}, kOther{17};

TEST(PinTable, APinHoldsOneBlobOfOneCollectivity) {
  PinTable table;
  EXPECT_FALSE(table.pinned(kTown, BlobId{5}));
  {
    Pin pin = table.pin(kTown, BlobId{5});
    EXPECT_TRUE(pin);
    EXPECT_TRUE(table.pinned(kTown, BlobId{5}));
    EXPECT_FALSE(table.pinned(kOther, BlobId{5}));
    EXPECT_FALSE(table.pinned(kTown, BlobId{6}));
  }
  EXPECT_FALSE(table.pinned(kTown, BlobId{5}));
}

TEST(PinTable, CountsPins) {
  PinTable table;
  Pin first = table.pin(kTown, BlobId{5});
  { Pin second = table.pin(kTown, BlobId{5}); }
  EXPECT_TRUE(table.pinned(kTown, BlobId{5}));
  first = Pin();
  EXPECT_FALSE(first);
  EXPECT_FALSE(table.pinned(kTown, BlobId{5}));
}

TEST(PinTable, MovesItsPin) {
  PinTable table;
  Pin first = table.pin(kTown, BlobId{5});
  Pin second = std::move(first);
  EXPECT_FALSE(first);
  first = table.pin(kTown, BlobId{6});
  second = std::move(first);
  EXPECT_TRUE(table.pinned(kTown, BlobId{6}));
  first = Pin();
  EXPECT_FALSE(table.pinned(kTown, BlobId{5}));
  EXPECT_TRUE(table.pinned(kTown, BlobId{6}));
}

// The protocol of pins.h with a row that is an atomic: a reader never finds its blob freed.
TEST(PinTable, NothingIsFreedUnderAReader) {
  PinTable table;
  constexpr std::uint64_t kBlobs = 2000;
  std::vector<std::atomic<bool>> freed(kBlobs + 1);
  std::atomic<std::uint64_t> row{0};
  std::atomic<int> wrong{0}, reads{0};
  auto read = [&] {
    while (row < kBlobs) {
      const std::uint64_t blob = row;
      Pin pin = table.pin(kTown, BlobId{blob});
      if (row != blob) continue;
      for (int i = 0; i < 10; ++i) wrong += freed[blob];
      ++reads;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  std::vector<std::uint64_t> waiting;
  auto collect = [&] {
    std::erase_if(waiting, [&](std::uint64_t blob) {
      if (table.pinned(kTown, BlobId{blob})) return false;
      freed[blob] = true;
      return true;
    });
  };
  for (std::uint64_t blob = 0; blob < kBlobs; ++blob) {
    row = blob + 1;
    waiting.push_back(blob);
    collect();
    // Now and then the readers are given the time to read, or all would be over before they began.
    if (blob % 50 != 0 || blob + 1 == kBlobs) continue;
    for (const int before = reads; reads == before;) std::this_thread::yield();
  }
  for (auto& reader : readers) reader.join();
  collect();
  EXPECT_TRUE(waiting.empty());
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(reads, 39);
}

}  // namespace
}  // namespace beffroi::storage
