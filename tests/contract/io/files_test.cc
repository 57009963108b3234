// SPDX-License-Identifier: EUPL-1.2
// The contract of storage/io/files.h, run on every implementation.
#include "storage/io/files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "storage/io/faulty_files.h"
#include "storage/io/memory_files.h"
#include "storage/io/real_files.h"

namespace beffroi::storage {
namespace {

struct RealDisk {
  RealDisk() {
    char name[] = "/tmp/beffroi-files-XXXXXX";
    directory = ::mkdtemp(name);
  }
  ~RealDisk() { std::filesystem::remove_all(directory); }
  RealFiles files;
  std::string directory;
};

struct MemoryDisk {
  MemoryDisk() { EXPECT_TRUE(files.make_dir(directory)); }
  MemoryFiles files;
  std::string directory = "/disk";
};

struct FaultyDisk {
  FaultyDisk() { EXPECT_TRUE(files.make_dir(directory)); }
  MemoryFiles inner;
  FaultyFiles files{inner};
  std::string directory = "/disk";
};

template <class Disk>
class FilesContract : public testing::Test {
 protected:
  std::string path(std::string_view name) const { return disk_.directory + "/" + std::string(name); }

  Bytes content(std::string_view name) {
    auto file = files().open(path(name));
    if (!file) return "(" + file.error().message() + ")";
    Bytes out(1 << 20, '\0');
    const auto n = (*file)->read(0, out);
    EXPECT_TRUE(n);
    out.resize(n ? *n : 0);
    return out;
  }

  void make(std::string_view name, BytesView data) {
    auto file = files().create(path(name));
    ASSERT_TRUE(file) << file.error().message();
    ASSERT_TRUE((*file)->write(0, data));
    ASSERT_TRUE((*file)->sync());
  }

  Files& files() { return disk_.files; }
  Disk disk_;
};

using Disks = testing::Types<RealDisk, MemoryDisk, FaultyDisk>;
TYPED_TEST_SUITE(FilesContract, Disks);

TYPED_TEST(FilesContract, CreatesOnceAndOpensWhatExists) {
  EXPECT_EQ(this->files().open(this->path("a")).error(), IoErrc::NotFound);
  ASSERT_TRUE(this->files().create(this->path("a")));
  EXPECT_EQ(this->files().create(this->path("a")).error(), IoErrc::Exists);
  ASSERT_TRUE(this->files().open(this->path("a")));
  EXPECT_EQ(this->files().create(this->path("nowhere/a")).error(), IoErrc::NotFound);
}

TYPED_TEST(FilesContract, ReadsWhatWasWrittenAndIsShortOnlyAtTheEnd) {
  auto file = this->files().create(this->path("a"));
  ASSERT_TRUE(file);
  EXPECT_EQ(*(*file)->size(), 0u);
  ASSERT_TRUE((*file)->write(0, "0123456789"));
  ASSERT_TRUE((*file)->write(4, "xyz"));
  Bytes out(4, '\0');
  EXPECT_EQ(*(*file)->read(2, out), 4u);
  EXPECT_EQ(out, "23xy");
  EXPECT_EQ(*(*file)->read(8, out), 2u);
  EXPECT_EQ(out.substr(0, 2), "89");
  EXPECT_EQ(*(*file)->read(10, out), 0u);
  EXPECT_EQ(*(*file)->read(1000, out), 0u);
  EXPECT_EQ(*(*file)->size(), 10u);
}

TYPED_TEST(FilesContract, AWriteBeyondTheEndLeavesZeros) {
  auto file = this->files().create(this->path("a"));
  ASSERT_TRUE((*file)->write(10000, "end"));
  EXPECT_EQ(*(*file)->size(), 10003u);
  EXPECT_EQ(this->content("a"), Bytes(10000, '\0') + "end");
}

TYPED_TEST(FilesContract, LargeUnalignedWritesComeBack) {
  auto file = this->files().create(this->path("a"));
  Bytes want(100'000, '\0');
  for (std::size_t i = 0; i < want.size(); ++i) want[i] = static_cast<char>(i * 7 + i / 251);
  ASSERT_TRUE((*file)->write(0, BytesView(want).substr(0, 33'333)));
  ASSERT_TRUE((*file)->write(33'333, BytesView(want).substr(33'333)));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ(this->content("a"), want);
}

TYPED_TEST(FilesContract, TwoDescriptorsSeeOneFile) {
  auto writer = this->files().create(this->path("a"));
  auto reader = this->files().open(this->path("a"));
  ASSERT_TRUE((*writer)->write(0, "hello"));
  Bytes out(5, '\0');
  EXPECT_EQ(*(*reader)->read(0, out), 5u);
  EXPECT_EQ(out, "hello");
}

TYPED_TEST(FilesContract, ReadCachedGivesTheBytesOrSaysThatItWouldBlock) {
  this->make("a", "0123456789");
  auto file = this->files().open(this->path("a"));
  Bytes out(4, '\0');
  const auto inside = (*file)->read_cached(3, out);
  if (inside) {
    EXPECT_EQ(*inside, 4u);
    EXPECT_EQ(out, "3456");
  } else {
    EXPECT_EQ(inside.error(), IoErrc::WouldBlock);
  }
  const auto end = (*file)->read_cached(8, out);
  if (end) {
    EXPECT_EQ(*end, 2u);
    EXPECT_EQ(out.substr(0, 2), "89");
  } else {
    EXPECT_EQ(end.error(), IoErrc::WouldBlock);
  }
}

TYPED_TEST(FilesContract, AllocateGivesTheSizeAndKeepsTheBytes) {
  auto file = this->files().create(this->path("a"));
  ASSERT_TRUE((*file)->write(0, "abc"));
  ASSERT_TRUE((*file)->allocate(20'000));
  EXPECT_EQ(*(*file)->size(), 20'000u);
  EXPECT_EQ(this->content("a"), "abc" + Bytes(19'997, '\0'));
  ASSERT_TRUE((*file)->allocate(10));
  EXPECT_EQ(*(*file)->size(), 20'000u) << "never shorter";
}

TYPED_TEST(FilesContract, PunchReadsAsZerosAndKeepsTheSize) {
  auto file = this->files().create(this->path("a"));
  ASSERT_TRUE((*file)->write(0, Bytes(20'000, 'x')));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE((*file)->punch(4096, 8192));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ(this->content("a"), Bytes(4096, 'x') + Bytes(8192, '\0') + Bytes(20'000 - 12'288, 'x'));
  ASSERT_TRUE((*file)->punch(16'384, 1 << 20));
  EXPECT_EQ(*(*file)->size(), 20'000u);
}

TYPED_TEST(FilesContract, RenameReplaces) {
  this->make("a", "new");
  this->make("b", "old");
  auto old = this->files().open(this->path("b"));
  ASSERT_TRUE(this->files().rename(this->path("a"), this->path("b")));
  EXPECT_EQ(this->content("b"), "new");
  EXPECT_EQ(this->files().open(this->path("a")).error(), IoErrc::NotFound);
  Bytes out(3, '\0');
  EXPECT_EQ(*(*old)->read(0, out), 3u);
  EXPECT_EQ(out, "old") << "an open file outlives its name";
  EXPECT_EQ(this->files().rename(this->path("a"), this->path("c")).error(), IoErrc::NotFound);
}

TYPED_TEST(FilesContract, LinkIsASecondName) {
  this->make("a", "one");
  ASSERT_TRUE(this->files().link(this->path("a"), this->path("b")));
  EXPECT_EQ(this->files().link(this->path("a"), this->path("b")).error(), IoErrc::Exists);
  EXPECT_EQ(this->files().link(this->path("x"), this->path("y")).error(), IoErrc::NotFound);
  ASSERT_TRUE(this->files().unlink(this->path("a")));
  EXPECT_EQ(this->content("b"), "one");
}

TYPED_TEST(FilesContract, UnlinkTakesTheNameOnly) {
  this->make("a", "one");
  auto file = this->files().open(this->path("a"));
  ASSERT_TRUE(this->files().unlink(this->path("a")));
  EXPECT_EQ(this->files().unlink(this->path("a")).error(), IoErrc::NotFound);
  Bytes out(3, '\0');
  EXPECT_EQ(*(*file)->read(0, out), 3u);
  ASSERT_TRUE(this->files().create(this->path("a")));
  EXPECT_EQ(this->content("a"), "");
}

TYPED_TEST(FilesContract, ListsRegularFilesByName) {
  this->make("b", "12");
  this->make("a", "1");
  ASSERT_TRUE(this->files().make_dir(this->path("sub")));
  this->make("sub/c", "123");
  const auto entries = this->files().list(this->disk_.directory);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_EQ((*entries)[0].size, 1u);
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_EQ((*entries)[1].size, 2u);
  EXPECT_EQ(this->files().list(this->path("nowhere")).error(), IoErrc::NotFound);
}

TYPED_TEST(FilesContract, MakeDirIsOneLevelAndRepeatable) {
  EXPECT_TRUE(this->files().make_dir(this->path("d")));
  EXPECT_TRUE(this->files().make_dir(this->path("d")));
  EXPECT_TRUE(this->files().make_dir(this->path("d/e/")));
  EXPECT_EQ(this->files().make_dir(this->path("x/y")).error(), IoErrc::NotFound);
  this->make("f", "");
  EXPECT_EQ(this->files().make_dir(this->path("f")).error(), IoErrc::Exists);
  EXPECT_TRUE(this->files().sync_dir(this->path("d")));
  EXPECT_EQ(this->files().sync_dir(this->path("nowhere")).error(), IoErrc::NotFound);
}

TYPED_TEST(FilesContract, SpaceIsPlausible) {
  const auto space = this->files().space(this->disk_.directory);
  ASSERT_TRUE(space);
  EXPECT_GT(space->total, 0u);
  EXPECT_LE(space->available, space->total);
}

TYPED_TEST(FilesContract, OneLeaseADirectory) {
  auto lease = this->files().acquire(this->disk_.directory);
  ASSERT_TRUE(lease);
  EXPECT_EQ(this->files().acquire(this->disk_.directory).error(), IoErrc::Locked);
  lease->reset();
  EXPECT_TRUE(this->files().acquire(this->disk_.directory));
  EXPECT_EQ(this->files().acquire(this->path("nowhere")).error(), IoErrc::NotFound);
}

}  // namespace
}  // namespace beffroi::storage
