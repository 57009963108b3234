// SPDX-License-Identifier: EUPL-1.2
// How space comes back: aborts, seals, punches, unlinks; and what happens when there is none.
#include "storage/extent/shared_lane.h"
#include "tests/unit/storage/extent/store_fixture.h"

namespace beffroi::storage {
namespace {

using Full = std::pair<std::uint32_t, std::uint64_t>;

std::vector<Full> take_sealable(ExtentStore& store) {
  std::vector<Full> out;
  auto taken = store.take_sealable();
  EXPECT_TRUE(taken);
  if (taken)
    for (const auto& full : *taken) out.emplace_back(raw(full.id), full.end);
  return out;
}

TEST_F(ExtentStoreTest, AnAbortFreesBlocksAndNeverTakesThePointerBack) {
  open(kTinyShared);
  { Reservation first = reserve(1); }
  const std::uint64_t before = used_bytes();
  Run aborted;
  {
    Reservation reservation = reserve(20'000);
    aborted = reservation.run();
    ASSERT_TRUE(reservation.write(Bytes(20'000, 'x')));
  }
  EXPECT_EQ(used_bytes(), before - 20'480);
  EXPECT_EQ(read_run(*store, aborted), Bytes(20'000, '\0'));
  EXPECT_EQ(reserve(1).run().offset, aborted.offset + 20'480);
}

TEST_F(ExtentStoreTest, SealsOnlyWhatIsFullAndIdle) {
  open(kTinyShared);  // 15 pages of runs
  Reservation writing = reserve(8 * 4096), published = reserve(4 * 4096);
  ASSERT_TRUE(published.write("x"));
  ASSERT_TRUE(sync(published));
  published.published();
  EXPECT_TRUE(take_sealable(*store).empty()) << "not full";
  Reservation next = reserve(4 * 4096);
  EXPECT_EQ(next.run().extent, ExtentId{2});
  EXPECT_TRUE(take_sealable(*store).empty()) << "a reservation in flight";
  ASSERT_TRUE(writing.write("late"));
  ASSERT_TRUE(sync(writing));
  EXPECT_TRUE(take_sealable(*store).empty()) << "durable, but not published";
  writing.published();
  EXPECT_EQ(take_sealable(*store), (std::vector<Full>{{1, 13 * 4096}}));
  EXPECT_TRUE(take_sealable(*store).empty()) << "once";
}

TEST_F(ExtentStoreTest, AnIdleExtentIsSealableAsSoonAsItIsFull) {
  open(kTinyShared);
  { Reservation aborted = reserve(12 * 4096); }
  EXPECT_EQ(store->reserve(12 * 4096, false).error(), IoErrc::WouldBlock);
  EXPECT_EQ(take_sealable(*store), (std::vector<Full>{{1, 13 * 4096}}));
  { Reservation other = reserve(12 * 4096); }
  EXPECT_TRUE(take_sealable(*store).empty());
}

TEST_F(ExtentStoreTest, ASealedExtentKeepsNoAbortedBytesAndNoTail) {
  open(kTinyShared);
  Run aborted;
  {
    Reservation reservation = reserve(8 * 4096);
    aborted = reservation.run();
    ASSERT_TRUE(reservation.write(Bytes(8 * 4096, 'x')));
    ASSERT_TRUE(sync(reservation));
  }
  EXPECT_EQ(read_run(*after_power_cut()->store, aborted), Bytes(8 * 4096, 'x')) << "not yet durable";
  (void)store->reserve(8 * 4096, false);
  EXPECT_EQ(take_sealable(*store).size(), 1u);
  EXPECT_EQ(read_run(*after_power_cut()->store, aborted), Bytes(8 * 4096, '\0'));
  EXPECT_EQ(used_bytes(), kExtentHeaderBytes);
}

TEST_F(ExtentStoreTest, ExtendingDoesNotFillPunchedRuns) {
  open();
  std::vector<Reservation> held;
  for (std::uint64_t i = 1; i < kAllocateStepBytes / kMiB; ++i) held.push_back(reserve(kMiB));
  held.clear();
  EXPECT_EQ(used_bytes(), kExtentHeaderBytes + kMiB);
  held.push_back(reserve(kMiB));
  held.push_back(reserve(kMiB));
  EXPECT_EQ(used_bytes(), kExtentHeaderBytes + kMiB + kAllocateStepBytes);
}

TEST_F(ExtentStoreTest, AFailedSyncBeforeTheSealIsReported) {
  open(kTinyShared);
  { Reservation aborted = reserve(12 * 4096); }
  (void)store->reserve(12 * 4096, false);
  door.set_fault(Fault{.on = CallClass::Sync});
  EXPECT_EQ(store->take_sealable().error(), IoErrc::Io);
}

TEST_F(ExtentStoreTest, AFailedPunchOfAnAbortIsReported) {
  for (IoErrc error : {IoErrc::NoSpace, IoErrc::Io}) {
    open(kTinyShared);
    Reservation reservation = reserve(1);
    door.set_fault(Fault{.on = CallClass::Punch, .error = error});
    reservation = Reservation();
    auto taken = store->take_sealable();
    if (error == IoErrc::NoSpace)
      EXPECT_TRUE(taken);  // its blocks stay, abandoned
    else
      EXPECT_EQ(taken.error(), IoErrc::Io);
  }
}

TEST_F(ExtentStoreTest, ABrokenOwnExtentIsNamedOnce) {
  open();
  { Reservation broken = reserve(kOwnExtentBytesMin); }
  Reservation good = reserve(kOwnExtentBytesMin);
  ASSERT_TRUE(good.write("x"));
  ASSERT_TRUE(sync(good));
  good.published();
  EXPECT_EQ(store->take_broken_own(), std::vector<ExtentId>{ExtentId{1}});
  EXPECT_TRUE(store->take_broken_own().empty());
  EXPECT_TRUE(take_sealable(*store).empty());
}

TEST_F(ExtentStoreTest, AnOwnExtentWithoutSpaceIsRefusedBeforeAByteAndLeavesNoFile) {
  open();
  disk.set_capacity(40 * kMiB);
  Reservation first = reserve(kOwnExtentBytesMin);
  EXPECT_EQ(store->reserve(kOwnExtentBytesMin, true).error(), IoErrc::NoSpace);
  EXPECT_EQ(store->take_broken_own(), std::vector<ExtentId>{ExtentId{2}})
      << "its row is there: the engine dooms it";
  EXPECT_EQ(store->file_bytes(ExtentId{2}).error(), IoErrc::NotFound);
  EXPECT_TRUE(store->unlink({ExtentId{2}}));
}

TEST_F(ExtentStoreTest, ASharedExtentTakesTheSpaceThereIs) {
  open();
  disk.set_capacity(kMiB);
  Reservation first = reserve(100'000), second = reserve(800'000);
  EXPECT_EQ(second.run().extent, ExtentId{1});
  ASSERT_TRUE(second.write(Bytes(800'000, 'x')));
  EXPECT_EQ(store->reserve(300'000, true).error(), IoErrc::NoSpace);
  Reservation third = reserve(100'000);
  EXPECT_EQ(third.run().offset, second.run().offset + run_footprint(800'000)) << "a refusal takes nothing";
  disk.set_capacity(0);
  EXPECT_EQ(reserve(300'000).run().extent, ExtentId{1});
}

TEST_F(ExtentStoreTest, ARowWhoseFileFoundNoSpaceIsUsedByTheNextAttempt) {
  open();
  disk.set_capacity(4096);
  EXPECT_EQ(store->reserve(1, true).error(), IoErrc::NoSpace);
  EXPECT_EQ(store->reserve(1, true).error(), IoErrc::NoSpace);
  EXPECT_EQ(rows.all().size(), 1u);
  EXPECT_TRUE(store->list_files()->empty());
  disk.set_capacity(0);
  EXPECT_EQ(reserve(1).run().extent, ExtentId{1});
  EXPECT_EQ(rows.all().size(), 1u);
}

TEST_F(ExtentStoreTest, PunchIsDurableWithOneSyncAFile) {
  open(kTinyShared);
  const Run a = put(Bytes(30'000, 'a')), b = put(Bytes(20'000, 'b')), kept = put("kept");
  const Run other = put(Bytes(50'000, 'o'));
  ASSERT_EQ(kept.extent, a.extent);
  ASSERT_NE(other.extent, a.extent);
  door.set_fault(std::nullopt);
  ASSERT_TRUE(store->punch({b, other, Run{ExtentId{77}, 4096, 1}, a}));
  EXPECT_EQ(door.calls(CallClass::Sync), 2u);
  EXPECT_EQ(door.calls(CallClass::Punch), 3u);
  auto after = after_power_cut();
  EXPECT_EQ(read_run(*after->store, a), Bytes(30'000, '\0'));
  EXPECT_EQ(read_run(*after->store, b), Bytes(20'000, '\0'));
  EXPECT_EQ(read_run(*after->store, other), Bytes(50'000, '\0'));
  EXPECT_EQ(read_run(*after->store, kept), "kept");
}

TEST_F(ExtentStoreTest, PunchSaysWhenItIsNotDurable) {
  open();
  const Run run = put("x");
  for (CallClass on : {CallClass::Punch, CallClass::Sync}) {
    door.set_fault(Fault{.on = on});
    EXPECT_EQ(store->punch({run}).error(), IoErrc::Io);
  }
}

TEST_F(ExtentStoreTest, UnlinkIsDurableWithOneSyncOfTheDirectory) {
  open();
  const Bytes body(kOwnExtentBytesMin, 'o');
  const Run a = put(body), b = put(body);
  door.set_fault(std::nullopt);
  ASSERT_TRUE(store->unlink({a.extent, b.extent, ExtentId{77}}));
  EXPECT_EQ(door.calls(CallClass::SyncDir), 1u);
  EXPECT_TRUE(after_power_cut()->store->list_files()->empty());
  Bytes out(1, '?');
  EXPECT_EQ(store->read(a, 0, out).error(), IoErrc::NotFound);
  EXPECT_EQ(store->read_cached(a, 0, out).error(), IoErrc::WouldBlock);
  EXPECT_TRUE(store->unlink({a.extent}));
}

TEST_F(ExtentStoreTest, UnlinkSaysWhenItIsNotDurable) {
  open();
  for (CallClass on : {CallClass::Unlink, CallClass::SyncDir}) {
    door.set_fault(Fault{.on = on});
    EXPECT_EQ(store->unlink({ExtentId{1}}).error(), IoErrc::Io);
  }
}

}  // namespace
}  // namespace beffroi::storage
