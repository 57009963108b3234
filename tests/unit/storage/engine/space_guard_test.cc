// SPDX-License-Identifier: EUPL-1.2
// Watermarks and ballast on a disk of known size, and a store that goes on at 0 bytes free.
#include "storage/engine/space_guard.h"

#include <gtest/gtest.h>

#include "storage/io/memory_files.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using testing::content;
using testing::small_options;
using testing::World;

constexpr std::uint64_t kDisk = 100u << 20;

// A disk on which somebody else's file may grow and shrink.
struct Disk {
  Disk() {
    files.set_capacity(kDisk);
    EXPECT_TRUE(files.make_dir("/data"));
    EXPECT_TRUE(files.make_dir("/else"));
    other = files.create("/else/file").value();
  }
  // Leaves about so much free.
  void leave(std::uint64_t bytes) {
    const auto now = files.space("/").value().available;
    if (now > bytes) {
      EXPECT_TRUE(other->allocate(other->size().value() + (now - bytes)));
    } else {
      EXPECT_TRUE(files.unlink("/else/file"));
      other = files.create("/else/file").value();
      leave(bytes);
    }
  }
  SpaceOptions options(std::uint64_t ballast = 0) {
    return {.data_dir = "/data", .keyring_dir = "/data", .warn_percent = 80, .refuse_percent = 90, .ballast_bytes = ballast,
            .on_change = [this](const FileSystemState& f) { changes.push_back(f.state); }};
  }
  SpaceState state(SpaceGuard& guard) { return guard.file_systems().front().state; }
  bool has_ballast() { return bool(files.open("/data/ballast")); }

  MemoryFiles files;
  std::unique_ptr<File> other;
  std::vector<SpaceState> changes;
};

TEST(SpaceGuard, StatesFollowTheMarksAndAreLeftOnePerCentLower) {
  Disk disk;
  SpaceGuard guard(disk.files, disk.options());
  ASSERT_TRUE(guard.start());
  EXPECT_EQ(disk.state(guard), SpaceState::Normal);
  disk.leave(19u << 20);
  guard.look();
  EXPECT_EQ(disk.state(guard), SpaceState::Warn);
  disk.leave(9u << 20);
  guard.look();
  EXPECT_EQ(disk.state(guard), SpaceState::Refuse);
  EXPECT_FALSE(guard.room_for(0));
  EXPECT_FALSE(guard.room_for_keys());
  disk.leave((10u << 20) + (1u << 19));  // above the mark again, but by less than one per cent
  guard.look();
  EXPECT_EQ(disk.state(guard), SpaceState::Refuse);
  disk.leave(12u << 20);
  guard.look();
  EXPECT_EQ(disk.state(guard), SpaceState::Warn);
  EXPECT_TRUE(guard.room_for(0));
  disk.leave(22u << 20);
  guard.look();
  EXPECT_EQ(disk.changes, (std::vector{SpaceState::Warn, SpaceState::Refuse, SpaceState::Warn, SpaceState::Normal}));
}

TEST(SpaceGuard, WhatWasAllowedSinceTheMeasureCounts) {
  Disk disk;
  disk.leave(30u << 20);
  SpaceGuard guard(disk.files, disk.options());
  ASSERT_TRUE(guard.start());
  EXPECT_FALSE(guard.room_for(21u << 20));  // 20 MiB up to the mark
  EXPECT_TRUE(guard.room_for(19u << 20));
  disk.leave(11u << 20);  // it came
  EXPECT_FALSE(guard.room_for(2u << 20));
  disk.leave(25u << 20);  // and went
  EXPECT_TRUE(guard.room_for(2u << 20));
}

TEST(SpaceGuard, TheBallastIsGivenBackAndTakenAgain) {
  Disk disk;
  SpaceGuard guard(disk.files, disk.options(8u << 20));
  ASSERT_TRUE(guard.start());
  guard.look();
  ASSERT_TRUE(disk.has_ballast());
  disk.leave(0);
  guard.look();
  EXPECT_FALSE(disk.has_ballast());
  EXPECT_GE(disk.files.space("/").value().available, 8u << 20);
  EXPECT_EQ(guard.file_systems().front().space.available, 0u);  // the room given back is no one's to fill
  EXPECT_EQ(disk.state(guard), SpaceState::Refuse);
  disk.leave(12u << 20);
  guard.look();
  EXPECT_FALSE(disk.has_ballast());
  disk.leave(40u << 20);
  guard.look();
  EXPECT_TRUE(disk.has_ballast());
  EXPECT_TRUE(guard.make_room());
  EXPECT_FALSE(guard.make_room());
}

TEST(SpaceGuard, AStartWithoutRoomBeginsByGivingItBack) {
  Disk disk;
  {
    SpaceGuard guard(disk.files, disk.options(8u << 20));
    ASSERT_TRUE(guard.start());
    guard.look();
  }
  disk.leave(1u << 20);
  SpaceGuard next(disk.files, disk.options(8u << 20));
  ASSERT_TRUE(next.start());
  EXPECT_FALSE(disk.has_ballast());
}

EngineOptions ballast_options() {
  EngineOptions options = small_options();
  options.ballast_bytes = 4u << 20;
  return options;
}

struct FullDisk : World, ::testing::Test {
  FullDisk() : World(ballast_options()) {}
  void fill() {
    ASSERT_TRUE(files->make_dir("/else"));
    other = files->create("/else/file").value();
    ASSERT_TRUE(other->allocate(files->space("/").value().available));
  }
  void drain() {
    other.reset();
    ASSERT_TRUE(files->unlink("/else/file"));
  }
  std::unique_ptr<File> other;
};

TEST_F(FullDisk, RemovalsAndFlushesGoOnAndWritesComeBackByThemselves) {
  disk->set_capacity(64u << 20);
  make();
  ASSERT_TRUE(engine->run_upkeep());
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(put("k" + std::to_string(i), content(i % 2 ? 100 : 50'000, i)));
  fill();
  ASSERT_TRUE(engine->run_upkeep());
  EXPECT_EQ(put("late", "x").error(), EngineErrc::NoSpace);
  EXPECT_EQ(engine->room().error(), EngineErrc::NoSpace);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(remove("k" + std::to_string(i)));
  ASSERT_TRUE(engine->run_upkeep());  // frees what was removed, flushes and reclaims when due
  EXPECT_EQ(get("k30").value(), content(50'000, 30));
  reopen();  // on the full disk: a new log file, a flush
  EXPECT_EQ(get("k31").value(), content(100, 31));
  EXPECT_EQ(get("k0").error(), EngineErrc::NoSuchKey);
  drain();
  ASSERT_TRUE(engine->run_upkeep());
  ASSERT_TRUE(put("late", "x"));
  expect_whole_after_upkeep();
  EXPECT_FALSE(engine->status().file_systems.empty());
}

}  // namespace
}  // namespace beffroi::storage
