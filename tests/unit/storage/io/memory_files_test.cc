// SPDX-License-Identifier: EUPL-1.2
// What memory_files does beyond the contract: crashes.
#include "storage/io/memory_files.h"

#include <gtest/gtest.h>

#include <set>

namespace beffroi::storage {
namespace {

constexpr std::size_t kSector = 512;

Bytes content(MemoryFiles& files, std::string_view path) {
  auto file = files.open(path);
  if (!file) return "(" + file.error().message() + ")";
  Bytes out(*(*file)->size(), '\0');
  EXPECT_EQ(*(*file)->read(0, out), out.size());
  return out;
}

std::unique_ptr<MemoryFiles> power_cut(const MemoryFiles& files, double keep, std::uint64_t seed = 1) {
  return files.crash_clone(CrashKind::PowerCut, keep, seed);
}

TEST(MemoryFiles, PowerCutKeepsWhatWasSyncedAndNoMore) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->write(0, "synced"));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE((*file)->write(0, "newest, and longer"));
  EXPECT_EQ(content(*power_cut(files, 0), "/a"), "synced");
  EXPECT_EQ(content(*power_cut(files, 1), "/a"), "newest, and longer");
  EXPECT_EQ(content(*files.crash_clone(CrashKind::Kill, 0, 1), "/a"), "newest, and longer");
  EXPECT_EQ(content(files, "/a"), "newest, and longer") << "the original goes on";
}

TEST(MemoryFiles, AKillKeepsPendingWorkPending) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE((*file)->write(0, "only in the cache"));
  ASSERT_TRUE(files.create("/b"));
  const auto killed = files.crash_clone(CrashKind::Kill, 0, 1);
  EXPECT_EQ(content(*killed, "/a"), "only in the cache");
  EXPECT_TRUE(killed->open("/b"));
  const auto cut = power_cut(*killed, 0);
  EXPECT_EQ(content(*cut, "/a"), "");
  EXPECT_FALSE(cut->open("/b"));
}

TEST(MemoryFiles, EachSectorSettlesOnItsOwn) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->write(0, Bytes(8 * kSector, 'o')));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE((*file)->write(0, Bytes(8 * kSector, 'n')));
  std::set<Bytes> seen;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Bytes found = content(*power_cut(files, 0.5, seed), "/a");
    ASSERT_EQ(found.size(), 8 * kSector);
    Bytes pattern;
    for (std::size_t sector = 0; sector < 8; ++sector) {
      const Bytes part = found.substr(sector * kSector, kSector);
      ASSERT_TRUE(part == Bytes(kSector, 'o') || part == Bytes(kSector, 'n')) << "a sector is never torn";
      pattern.push_back(part[0]);
    }
    seen.insert(pattern);
  }
  EXPECT_EQ(seen.size(), 256u);
}

TEST(MemoryFiles, ASectorMaySettleOnAnyValueItHad) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->write(0, "0"));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  for (const char* value : {"1", "2", "3"}) ASSERT_TRUE((*file)->write(0, value));
  std::set<Bytes> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) seen.insert(content(*power_cut(files, 0.5, seed), "/a"));
  EXPECT_EQ(seen, (std::set<Bytes>{"0", "1", "2", "3"}));
}

TEST(MemoryFiles, TheSizeMayBeOldWhileSectorsAreNew) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE((*file)->write(0, Bytes(kSector, 'x')));
  ASSERT_TRUE((*file)->write(kSector, Bytes(kSector, 'y')));
  std::set<Bytes> seen;
  for (std::uint64_t seed = 0; seed < 500; ++seed) seen.insert(content(*power_cut(files, 0.5, seed), "/a"));
  const Bytes zero(kSector, '\0'), x(kSector, 'x'), y(kSector, 'y');
  EXPECT_EQ(seen, (std::set<Bytes>{"", zero, x, zero + zero, x + zero, zero + y, x + y}));
}

TEST(MemoryFiles, DirectoryOperationsAreKeptOrDroppedInNoOrder) {
  MemoryFiles files;
  for (const char* name : {"/a", "/b"}) ASSERT_TRUE(files.create(name));
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE(files.unlink("/a"));
  ASSERT_TRUE(files.unlink("/b"));
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto cut = power_cut(files, 0.5, seed);
    std::string names;
    for (const auto& entry : *cut->list("/")) names += entry.name;
    seen.insert(names);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "a", "b", "ab"}));
  ASSERT_TRUE(files.sync_dir("/"));
  EXPECT_TRUE(power_cut(files, 0)->list("/")->empty());
}

TEST(MemoryFiles, RenameIsOneStep) {
  MemoryFiles files;
  auto old = files.create("/to");
  ASSERT_TRUE((*old)->write(0, "old"));
  ASSERT_TRUE((*old)->sync());
  auto file = files.create("/from");
  ASSERT_TRUE((*file)->write(0, "new"));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE(files.rename("/from", "/to"));
  EXPECT_EQ(content(*power_cut(files, 0), "/to"), "old");
  EXPECT_EQ(content(*power_cut(files, 0), "/from"), "new");
  EXPECT_EQ(content(*power_cut(files, 1), "/to"), "new");
  EXPECT_FALSE(power_cut(files, 1)->open("/from"));
}

TEST(MemoryFiles, SyncDirIsOfOneDirectory) {
  MemoryFiles files;
  ASSERT_TRUE(files.make_dir("/d"));
  ASSERT_TRUE(files.create("/a"));
  ASSERT_TRUE(files.create("/d/b"));
  ASSERT_TRUE(files.sync_dir("/d"));
  const auto cut = power_cut(files, 0);
  EXPECT_FALSE(cut->open("/a"));
  EXPECT_TRUE(cut->open("/d/b"));
}

TEST(MemoryFiles, APunchIsPendingUntilItsSync) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->write(0, Bytes(8192, 'x')));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir("/"));
  ASSERT_TRUE((*file)->punch(0, 4096));
  EXPECT_EQ(content(*power_cut(files, 0), "/a"), Bytes(8192, 'x'));
  EXPECT_EQ(content(*power_cut(files, 1), "/a"), Bytes(4096, '\0') + Bytes(4096, 'x'));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ(content(*power_cut(files, 0), "/a"), Bytes(4096, '\0') + Bytes(4096, 'x'));
}

TEST(MemoryFiles, AFailedSyncLeavesCleanPagesOfUnknownDurability) {
  std::set<Bytes> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    MemoryFiles files;
    auto file = files.create("/a");
    ASSERT_TRUE((*file)->write(0, "o"));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(files.sync_dir("/"));
    ASSERT_TRUE((*file)->write(0, "n"));
    files.fail_sync_at(0, 0.5, seed);
    EXPECT_EQ((*file)->sync().error(), IoErrc::Io);
    EXPECT_EQ(content(files, "/a"), "n") << "the page cache still shows it";
    ASSERT_TRUE((*file)->sync()) << "and a second sync says yes";
    seen.insert(content(*power_cut(files, 1, seed), "/a"));
  }
  EXPECT_EQ(seen, (std::set<Bytes>{"o", "n"}));
}

TEST(MemoryFiles, StopsAtTheChosenOperation) {
  const auto work = [](MemoryFiles& files) {
    auto file = files.create("/a");
    if (!file) return;
    if (!(*file)->write(0, "x")) return;
    if (!(*file)->sync()) return;
    (void)files.sync_dir("/");
  };
  MemoryFiles whole;
  work(whole);
  ASSERT_EQ(whole.operations(), 4u);
  EXPECT_FALSE(whole.crashed());
  for (std::uint64_t at = 0; at < 4; ++at) {
    MemoryFiles files;
    files.set_crash_at(at);
    work(files);
    EXPECT_EQ(files.operations(), at);
    EXPECT_TRUE(files.crashed());
    EXPECT_EQ(files.list("/").error(), IoErrc::Fenced);
    EXPECT_EQ(files.crash_clone(CrashKind::Kill, 0, 1)->list("/")->size(), at == 0 ? 0u : 1u);
  }
}

TEST(MemoryFiles, CapacityCountsBlocks) {
  MemoryFiles files;
  files.set_capacity(4 * 4096);
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->allocate(3 * 4096));
  ASSERT_TRUE((*file)->write(0, Bytes(3 * 4096, 'x'))) << "already has its blocks";
  EXPECT_EQ((*file)->write(3 * 4096, Bytes(4097, 'x')).error(), IoErrc::NoSpace);
  EXPECT_EQ(files.space("/")->available, 4096u);
  ASSERT_TRUE((*file)->punch(0, 8192));
  EXPECT_EQ(files.space("/")->available, 3 * 4096u);
  ASSERT_TRUE(files.unlink("/a"));
  EXPECT_EQ(files.space("/")->available, 4 * 4096u);
}

TEST(MemoryFiles, AClonedDiskIsIndependent) {
  MemoryFiles files;
  auto file = files.create("/a");
  ASSERT_TRUE((*file)->write(0, "one"));
  const auto clone = files.crash_clone(CrashKind::Kill, 0, 1);
  auto other = clone->open("/a");
  ASSERT_TRUE((*other)->write(0, "two"));
  EXPECT_EQ(content(files, "/a"), "one");
  EXPECT_EQ(content(*clone, "/a"), "two");
}

}  // namespace
}  // namespace beffroi::storage
