// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/extent_files.h"

#include <gtest/gtest.h>

#include <functional>

#include "storage/io/faulty_files.h"
#include "storage/io/memory_files.h"

namespace beffroi::storage {
namespace {

class ExtentFilesTest : public testing::Test {
 protected:
  ExtentFilesTest() { EXPECT_TRUE(files.start()); }
  std::shared_ptr<ExtentFile> create(std::uint32_t id) {
    auto created = files.create(ExtentId{id}, ExtentKind::Small, 8192, 8192);
    EXPECT_TRUE(created);
    return created->file;
  }

  MemoryFiles disk;
  FaultyFiles door{disk};
  ExtentFiles files{door, "extent", 2};
};

TEST(ExtentName, IsEightLowerCaseHexDigits) {
  EXPECT_EQ(extent_name(ExtentId{1}), "00000001");
  EXPECT_EQ(extent_name(ExtentId{0xdeadbeef}), "deadbeef");
  for (std::uint32_t id : {0u, 1u, 255u, 0x12345678u, 0xffffffffu})
    EXPECT_EQ(parse_extent_name(extent_name(ExtentId{id})), ExtentId{id});
  for (const char* name : {"", "1", "0000001", "000000001", "DEADBEEF", "0000000g", "-0000001", "+0000001",
                           "0x000001", "00000001.tmp", " 0000001"})
    EXPECT_FALSE(parse_extent_name(name)) << name;
}

TEST_F(ExtentFilesTest, HeaderIsWhatTheFormatSays) {
  auto created = files.create(ExtentId{0x01020304}, ExtentKind::Large, 4096, 4096);
  ASSERT_TRUE(created);
  Bytes page(5000, '?');
  ASSERT_EQ((*created->file)->read(0, page).value(), 4096u);
  Bytes expected("BFEX\x01\x02\x00\x00\x04\x03\x02\x01", 12);
  expected.resize(4096, '\0');
  EXPECT_EQ(page.substr(0, 4096), expected);
}

TEST_F(ExtentFilesTest, CreatedFileSurvivesAPowerCutWithItsHeader) {
  create(7);
  auto after = disk.crash_clone(CrashKind::PowerCut, 0.0, 1);
  auto found = after->open("extent/00000007");
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->size().value(), 8192u);
  Bytes magic(4, '?');
  ASSERT_TRUE((*found)->read(0, magic));
  EXPECT_EQ(magic, "BFEX");
}

TEST_F(ExtentFilesTest, FailedCreationLeavesNoFile) {
  for (CallClass on : {CallClass::Write, CallClass::Allocate}) {
    door.set_fault(Fault{.on = on, .from_then_on = true, .error = IoErrc::NoSpace});
    EXPECT_EQ(files.create(ExtentId{7}, ExtentKind::Own, 8192, 8192).error(), IoErrc::NoSpace);
    EXPECT_TRUE(files.list()->empty());
    EXPECT_EQ(files.find(ExtentId{7}), nullptr);
  }
  door.set_fault(std::nullopt);
  EXPECT_TRUE(files.create(ExtentId{7}, ExtentKind::Own, 8192, 8192));  // the name is free again
}

TEST_F(ExtentFilesTest, AllocatesWhatIsNeededWhereThereIsNoMore) {
  door.set_fault(Fault{.on = CallClass::Allocate, .error = IoErrc::NoSpace});
  auto created = files.create(ExtentId{7}, ExtentKind::Small, 1 << 20, 8192);
  ASSERT_TRUE(created);
  EXPECT_EQ(created->allocated, 8192u);
  door.set_fault(Fault{.on = CallClass::Allocate, .error = IoErrc::Io});
  EXPECT_EQ(files.create(ExtentId{8}, ExtentKind::Small, 1 << 20, 8192).error(), IoErrc::Io);
  EXPECT_EQ(door.calls(CallClass::Allocate), 1u);  // only a lack of space is answered by asking for less
}

TEST_F(ExtentFilesTest, KeepsAtMostSoManyHandlesOfReaders) {
  for (std::uint32_t id = 1; id <= 3; ++id) {
    create(id);
    files.release(ExtentId{id});
  }
  EXPECT_EQ(files.find(ExtentId{1}), nullptr);
  EXPECT_NE(files.find(ExtentId{2}), nullptr);  // which makes 3 the older one
  ASSERT_TRUE(files.open(ExtentId{1}));
  EXPECT_EQ(files.find(ExtentId{3}), nullptr);
  EXPECT_NE(files.find(ExtentId{2}), nullptr);
  EXPECT_NE(files.find(ExtentId{1}), nullptr);
}

TEST_F(ExtentFilesTest, KeepsTheHandleOfAWriter) {
  auto writer = create(1);
  for (std::uint32_t id = 2; id <= 5; ++id) {
    create(id);
    files.release(ExtentId{id});
  }
  EXPECT_EQ(files.find(ExtentId{1}), writer);
  EXPECT_EQ(files.open(ExtentId{1}).value(), writer);
  files.release(ExtentId{1});
  EXPECT_EQ(files.find(ExtentId{1}), writer);
}

TEST_F(ExtentFilesTest, UnlinkForgetsTheHandleAndSparesTheReader) {
  auto reader = create(1);
  files.release(ExtentId{1});
  create(2);
  ASSERT_TRUE(files.unlink({ExtentId{1}, ExtentId{2}, ExtentId{9}}));
  files.release(ExtentId{2});  // late: nothing comes back
  EXPECT_EQ(files.find(ExtentId{1}), nullptr);
  EXPECT_EQ(files.open(ExtentId{1}).error(), IoErrc::NotFound);
  EXPECT_EQ(files.open(ExtentId{2}).error(), IoErrc::NotFound);
  Bytes magic(4, '?');
  ASSERT_TRUE((*reader)->read(0, magic));
  EXPECT_EQ(magic, "BFEX");
}

// Calls `between` after a file was opened and before its handle comes back.
class SlowOpen final : public Files {
 public:
  explicit SlowOpen(Files& inner) : inner_(inner) {}
  Result<std::unique_ptr<File>> open(std::string_view path) override {
    auto file = inner_.open(path);
    if (between) between();
    return file;
  }
  Result<std::unique_ptr<File>> create(std::string_view path) override { return inner_.create(path); }
  Result<void> rename(std::string_view from, std::string_view to) override { return inner_.rename(from, to); }
  Result<void> link(std::string_view from, std::string_view to) override { return inner_.link(from, to); }
  Result<void> unlink(std::string_view path) override { return inner_.unlink(path); }
  Result<void> sync_dir(std::string_view directory) override { return inner_.sync_dir(directory); }
  Result<void> make_dir(std::string_view directory) override { return inner_.make_dir(directory); }
  Result<std::vector<DirectoryEntry>> list(std::string_view directory) override {
    return inner_.list(directory);
  }
  Result<Space> space(std::string_view directory) override { return inner_.space(directory); }
  Result<std::unique_ptr<Lease>> acquire(std::string_view directory) override {
    return inner_.acquire(directory);
  }

  std::function<void()> between;

 private:
  Files& inner_;
};

TEST(ExtentFilesRace, AHandleOpenedDuringItsUnlinkIsNotCached) {
  MemoryFiles disk;
  SlowOpen door(disk);
  ExtentFiles files(door, "extent", 0);
  ASSERT_TRUE(files.start());
  ASSERT_TRUE(files.create(ExtentId{1}, ExtentKind::Small, 8192, 8192));
  ExtentFiles later(door, "extent", 4);
  door.between = [&] { EXPECT_TRUE(later.unlink({ExtentId{1}})); };
  EXPECT_TRUE(later.open(ExtentId{1}));  // it was there when it was asked for
  EXPECT_EQ(later.find(ExtentId{1}), nullptr);
}

TEST_F(ExtentFilesTest, AFailedSyncIsFinal) {
  auto file = create(1);
  for (bool persisted : {false, true}) {
    ExtentFile again(door.open("extent/00000001").value());
    door.set_fault(Fault{.on = CallClass::Sync, .persisted = persisted});
    EXPECT_EQ(again.sync().error(), IoErrc::Io);
    EXPECT_EQ(again.sync().error(), IoErrc::Io);
    EXPECT_EQ(door.calls(CallClass::Sync), 1u);
  }
}

}  // namespace
}  // namespace beffroi::storage
