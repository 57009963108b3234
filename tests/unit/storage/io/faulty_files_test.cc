// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/faulty_files.h"

#include <gtest/gtest.h>

#include "storage/io/memory_files.h"

namespace beffroi::storage {
namespace {

Bytes content(Files& files) {
  auto file = files.open("/a");
  Bytes out(*(*file)->size(), '\0');
  EXPECT_TRUE((*file)->read(0, out));
  return out;
}

TEST(FaultyFiles, FailsTheChosenCallOnceAndDoesNothing) {
  MemoryFiles memory;
  FaultyFiles files(memory);
  auto file = files.create("/a");
  files.set_fault(Fault{.on = CallClass::Write, .nth = 1, .error = IoErrc::NoSpace});
  EXPECT_TRUE((*file)->write(0, "0"));
  EXPECT_EQ((*file)->write(1, "1").error(), IoErrc::NoSpace);
  EXPECT_TRUE((*file)->write(2, "2"));
  EXPECT_EQ(content(memory), Bytes("0\0"
                                   "2",
                                   3));
  EXPECT_EQ(files.calls(CallClass::Write), 3u);
  EXPECT_EQ(files.failures(), 1u);
}

TEST(FaultyFiles, MayHaveDoneWhatItReportsAsFailed) {
  MemoryFiles memory;
  FaultyFiles files(memory);
  auto file = files.create("/a");
  files.set_fault(Fault{.on = CallClass::Write, .nth = 0, .from_then_on = true, .persisted = true});
  EXPECT_EQ((*file)->write(0, "0").error(), IoErrc::Io);
  EXPECT_EQ((*file)->write(1, "1").error(), IoErrc::Io);
  EXPECT_EQ(content(memory), "01");
  files.set_fault(std::nullopt);
  EXPECT_TRUE((*file)->write(2, "2"));
}

TEST(FaultyFiles, EveryClassCanFail) {
  for (std::size_t i = 0; i < kCallClasses; ++i) {
    MemoryFiles memory;
    FaultyFiles files(memory);
    auto file = files.create("/a");
    files.set_fault(Fault{.on = static_cast<CallClass>(i)});
    Bytes out(1, '\0');
    int failed = 0;
    if (!(*file)->write(0, "x")) ++failed;
    if (!(*file)->sync()) ++failed;
    if (!(*file)->allocate(1)) ++failed;
    if (!(*file)->punch(0, 1)) ++failed;
    if (!(*file)->read(0, out)) ++failed;
    if (!files.open("/a")) ++failed;
    if (!files.sync_dir("/")) ++failed;
    if (!files.rename("/a", "/b")) {
      ++failed;
      ASSERT_TRUE(memory.rename("/a", "/b"));
    }
    if (!files.unlink("/b")) ++failed;
    EXPECT_EQ(failed, 1) << "class " << i;
  }
}

}  // namespace
}  // namespace beffroi::storage
