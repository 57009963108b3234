// SPDX-License-Identifier: EUPL-1.2
// Places, rows and reads of the store; what is freed and what fails has its own files.
#include "storage/extent/extent_store.h"

#include "storage/extent/shared_lane.h"
#include "tests/unit/storage/extent/store_fixture.h"

namespace beffroi::storage {
namespace {

TEST_F(ExtentStoreTest, PlacesRunsByTheirSize) {
  open();
  Reservation small = reserve(1), exact = reserve(4096), limit = reserve(kSmallLaneBytesMax);
  Reservation large = reserve(kSmallLaneBytesMax + 1), next_large = reserve(kOwnExtentBytesMin - 1);
  Reservation own = reserve(kOwnExtentBytesMin);
  EXPECT_EQ(small.run(), (Run{ExtentId{1}, 4096, 1}));
  EXPECT_EQ(exact.run(), (Run{ExtentId{1}, 8192, 4096}));
  EXPECT_EQ(limit.run(), (Run{ExtentId{1}, 12288, kSmallLaneBytesMax}));
  EXPECT_EQ(large.run(), (Run{ExtentId{2}, 4096, kSmallLaneBytesMax + 1}));
  EXPECT_EQ(next_large.run().extent, ExtentId{2});
  EXPECT_EQ(next_large.run().offset, 4096 + kSmallLaneBytesMax + 4096);
  EXPECT_EQ(own.run(), (Run{ExtentId{3}, 4096, kOwnExtentBytesMin}));
  EXPECT_EQ(small.kind(), ExtentKind::Small);
  EXPECT_EQ(large.kind(), ExtentKind::Large);
  EXPECT_EQ(own.kind(), ExtentKind::Own);
  EXPECT_EQ(store->file_bytes(ExtentId{3}).value(), 4096 + kOwnExtentBytesMin);
  EXPECT_EQ(store->next_id(), ExtentId{4});
  const std::vector<RememberedRows::Row> expected = {
      {ExtentId{1}, ExtentKind::Small}, {ExtentId{2}, ExtentKind::Large}, {ExtentId{3}, ExtentKind::Own}};
  EXPECT_EQ(rows.all(), expected);
}

TEST_F(ExtentStoreTest, ARunThatFitsNoSharedExtentHasItsOwn) {
  open(kTinyShared);
  EXPECT_EQ(reserve(60 * kKiB).kind(), ExtentKind::Small);
  EXPECT_EQ(reserve(60 * kKiB + 1).kind(), ExtentKind::Own);
}

TEST_F(ExtentStoreTest, CommitsTheRowBeforeItCreatesTheFile) {
  open();
  rows.before_commit = [&](ExtentId id) {
    EXPECT_EQ(store->file_bytes(id).error(), IoErrc::NotFound);
    EXPECT_EQ(raw(store->next_id()), raw(id) + 1) << "the counter in the frame that commits the row";
  };
  Reservation shared = reserve(1), own = reserve(kOwnExtentBytesMin);
  EXPECT_EQ(after_power_cut()->store->list_files()->size(), 2u);
}

TEST_F(ExtentStoreTest, WithoutItsRowNoFileIsCreated) {
  open();
  rows.refuse = IoErrc::Fenced;
  EXPECT_EQ(store->reserve(1, true).error(), IoErrc::Fenced);
  EXPECT_EQ(store->reserve(kOwnExtentBytesMin, true).error(), IoErrc::Fenced);
  EXPECT_TRUE(store->list_files()->empty());
  EXPECT_TRUE(store->take_broken_own().empty());
}

TEST_F(ExtentStoreTest, DoesNotWaitWhereItMayNot) {
  open();
  EXPECT_EQ(store->reserve(1, false).error(), IoErrc::WouldBlock);
  EXPECT_EQ(store->reserve(kOwnExtentBytesMin, false).error(), IoErrc::WouldBlock);
  EXPECT_TRUE(rows.all().empty());
  Reservation first = reserve(1);
  EXPECT_TRUE(store->reserve(1, false));
}

TEST_F(ExtentStoreTest, SetsBlocksAsideInSteps) {
  open();
  Reservation first = reserve(1);
  EXPECT_EQ(store->file_bytes(ExtentId{1}).value(), kExtentHeaderBytes + kAllocateStepBytes);
  std::vector<Reservation> held;
  for (;;) {
    auto more = store->reserve(kMiB, false);
    if (!more) {
      EXPECT_EQ(more.error(), IoErrc::WouldBlock);
      break;
    }
    held.push_back(std::move(*more));
  }
  EXPECT_EQ(held.size(), kAllocateStepBytes / kMiB - 1);
  held.push_back(reserve(kMiB));
  EXPECT_EQ(held.back().run().extent, ExtentId{1});
  EXPECT_EQ(store->file_bytes(ExtentId{1}).value(), kExtentHeaderBytes + 2 * kAllocateStepBytes);
  EXPECT_TRUE(store->reserve(kMiB, false));
}

TEST_F(ExtentStoreTest, ReadsBackWhatWasWrittenInPieces) {
  open();
  const Bytes bytes = random_bytes(1, 300'000);
  Reservation reservation = reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += 65'552)
    ASSERT_TRUE(reservation.write(BytesView(bytes).substr(at, 65'552)));
  EXPECT_EQ(reservation.written(), bytes.size());
  ASSERT_TRUE(sync(reservation));
  reservation.published();
  EXPECT_FALSE(reservation);
  EXPECT_EQ(read_run(*store, reservation.run()), bytes);
  Bytes part(1000, '?');
  ASSERT_TRUE(store->read(reservation.run(), 299'000, part));
  EXPECT_EQ(part, bytes.substr(299'000));
  ASSERT_TRUE(store->read_cached(reservation.run(), 12'345, part));
  EXPECT_EQ(part, bytes.substr(12'345, 1000));
}

TEST_F(ExtentStoreTest, ReadsFromMemoryOnlyWhenAsked) {
  open();
  const Run run = put("abc");
  Bytes out(3, '?');
  disk.set_cold(true);
  EXPECT_EQ(store->read_cached(run, 0, out).error(), IoErrc::WouldBlock);
  EXPECT_TRUE(store->read(run, 0, out));
  disk.set_cold(false);
  open();  // no handle yet: opening may wait, so the first read_cached does not
  EXPECT_EQ(store->read_cached(run, 0, out).error(), IoErrc::WouldBlock);
  EXPECT_TRUE(store->read(run, 0, out));
  EXPECT_TRUE(store->read_cached(run, 0, out));
  EXPECT_EQ(out, "abc");
}

TEST_F(ExtentStoreTest, AFinishedExtentHoldsNoHandleForEver) {
  open(kTinyShared);  // which keeps four
  std::vector<Run> shared, own;
  for (int i = 0; i < 6; ++i) shared.push_back(put(Bytes(40'000, 's')));
  Bytes out(1, '?');
  for (const Run& run : shared) EXPECT_TRUE(store->read_cached(run, 0, out)) << "may still be written";
  ASSERT_EQ(store->take_sealable()->size(), 5u);
  EXPECT_EQ(store->read_cached(shared[0], 0, out).error(), IoErrc::WouldBlock);
  EXPECT_TRUE(store->read_cached(shared[4], 0, out));
  for (int i = 0; i < 5; ++i) own.push_back(put(Bytes(70'000, 'o')));
  EXPECT_EQ(store->read_cached(own[0], 0, out).error(), IoErrc::WouldBlock);
  EXPECT_TRUE(store->read_cached(own[4], 0, out));
  EXPECT_TRUE(store->read_cached(shared[5], 0, out)) << "the open one";
}

TEST_F(ExtentStoreTest, ReadSaysWhatIsMissing) {
  open();
  Bytes out(3, '?');
  EXPECT_EQ(store->read(Run{ExtentId{9}, 4096, 3}, 0, out).error(), IoErrc::NotFound);
  const Run run = put("abc");
  const std::uint64_t end = store->file_bytes(run.extent).value();
  EXPECT_EQ(store->read(Run{run.extent, end - 2, 3}, 0, out).error(), IoErrc::Io);
}

TEST_F(ExtentStoreTest, OnlyWhatWasSyncedIsThereAfterAPowerCut) {
  open();
  const Run kept = put("kept");
  Reservation lost = reserve(4);
  ASSERT_TRUE(lost.write("lost"));
  auto after = after_power_cut();
  EXPECT_EQ(read_run(*after->store, kept), "kept");
  EXPECT_EQ(read_run(*after->store, lost.run()), Bytes(4, '\0'));
}

TEST_F(ExtentStoreTest, MovesItsReservation) {
  open();
  Reservation first = reserve(3), second;
  ASSERT_TRUE(first.write("ab"));
  second = std::move(first);
  EXPECT_FALSE(first);
  ASSERT_TRUE(second.write("c"));
  Reservation third = std::move(second);
  ASSERT_TRUE(sync(third));
  third.published();
  EXPECT_EQ(read_run(*store, third.run()), "abc");
}

TEST_F(ExtentStoreTest, AfterARestartNoExtentIsAppendedTo) {
  open();
  const Run small = put("small"), large = put(Bytes(2 * kMiB, 'l'));
  put(Bytes(kOwnExtentBytesMin, 'o'));
  open();
  EXPECT_EQ(store->next_id(), ExtentId{4});
  EXPECT_EQ(put("after").extent, ExtentId{4});
  EXPECT_EQ(put(Bytes(2 * kMiB, 'a')).extent, ExtentId{5});
  EXPECT_EQ(read_run(*store, small), "small");
  EXPECT_EQ(read_run(*store, large), Bytes(2 * kMiB, 'l'));
}

TEST_F(ExtentStoreTest, NextIdIsPastTheCounterAndEveryFile) {
  ASSERT_TRUE(disk.make_dir("data/extent"));
  for (const char* name : {"0000000a", "00000003", "notes.txt", "FFFFFFF0"})
    ASSERT_TRUE(disk.create(std::string("data/extent/") + name));
  open();
  EXPECT_EQ(store->next_id(), ExtentId{11});
  ASSERT_TRUE(store->start(ExtentId{40}));
  EXPECT_EQ(reserve(1).run().extent, ExtentId{40});
}

TEST_F(ExtentStoreTest, ACleanStopGivesBackTheBlocksAhead) {
  open();
  put(Bytes(10'000, 'x'));
  EXPECT_GT(used_bytes(), kAllocateStepBytes);
  store.reset();
  EXPECT_EQ(used_bytes(), kExtentHeaderBytes + 3 * 4096);
}

using ExtentStoreDeathTest = ExtentStoreTest;

TEST_F(ExtentStoreDeathTest, MoreThanWasReservedIsADefect) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  open();
  Reservation reservation = reserve(3);
  ASSERT_TRUE(reservation.write("ab"));
  EXPECT_DEATH((void)reservation.write("cd"), "check failed");
}

}  // namespace
}  // namespace beffroi::storage
