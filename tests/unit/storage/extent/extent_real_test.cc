// SPDX-License-Identifier: EUPL-1.2
// The same store on a real file system: that blocks come and go is the kernel's part of the contract.
#include <sys/stat.h>

#include <filesystem>

#include "storage/extent/shared_lane.h"
#include "storage/io/real_files.h"
#include "tests/unit/storage/extent/store_fixture.h"

namespace beffroi::storage {
namespace {

class ExtentRealTest : public testing::Test {
 protected:
  ExtentRealTest() {
    std::string name = testing::TempDir() + "extentXXXXXX";
    directory = ::mkdtemp(name.data());
  }
  ~ExtentRealTest() override { std::filesystem::remove_all(directory); }
  std::uint64_t block_bytes(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat((directory + "/" + name).c_str(), &status), 0);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  bool can_punch() {
    auto file = files.create(directory + "/probe").value();
    EXPECT_TRUE(file->write(0, Bytes(kMiB, 'x')));
    EXPECT_TRUE(file->sync());
    const std::uint64_t before = block_bytes("probe");
    EXPECT_TRUE(file->punch(0, kMiB));
    return before >= kMiB && block_bytes("probe") < before;
  }

  RealFiles files;
  std::string directory;
  RememberedRows rows;
};

TEST_F(ExtentRealTest, BlocksComeAheadAndGo) {
  if (!can_punch()) GTEST_SKIP() << "this file system frees no blocks";
  const Bytes bytes = random_bytes(1, 900'000);
  const std::string name = "/extent/00000001";
  ExtentOptions options{.directory = directory + "/extent", .shared_bytes = 80 * kMiB};
  auto store = std::make_unique<ExtentStore>(files, options, rows);
  ASSERT_TRUE(store->start(ExtentId{1}));
  std::vector<storage::Run> runs;
  for (int i = 0; i < 71; ++i) {
    auto reserved = store->reserve(bytes.size(), true);
    ASSERT_TRUE(reserved);
    if (i == 0) {
      EXPECT_GE(block_bytes(name), kAllocateStepBytes);
    }
    if (i % 10 != 0) continue;  // an abort
    ASSERT_TRUE(reserved->write(bytes));
    ASSERT_TRUE(sync(*reserved));
    reserved->published();
    runs.push_back(reserved->run());
  }
  const std::uint64_t run_bytes = run_footprint(bytes.size());
  ASSERT_TRUE(store->punch({runs[1], runs[3]}));
  for (std::size_t i = 0; i < runs.size(); ++i)
    EXPECT_EQ(read_run(*store, runs[i]), i == 1 || i == 3 ? Bytes(bytes.size(), '\0') : bytes);
  store = std::make_unique<ExtentStore>(files, options, rows);
  EXPECT_LE(block_bytes(name), 7 * run_bytes) << "six runs and a little for the file system itself";
  ASSERT_TRUE(store->start(ExtentId{1}));
  EXPECT_EQ(store->next_id(), ExtentId{2});
  EXPECT_EQ(read_run(*store, runs[0]), bytes);
  ASSERT_TRUE(store->unlink({ExtentId{1}}));
  EXPECT_TRUE(store->list_files()->empty());
}

}  // namespace
}  // namespace beffroi::storage
