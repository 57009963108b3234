// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/high_water.h"

#include <gtest/gtest.h>

#include "crypto/signature.h"
#include "storage/io/faulty_files.h"
#include "storage/io/memory_files.h"

namespace beffroi::storage {
namespace {

const Bytes kUuid(16, 'u');
constexpr const char* kPath = "/state/high_water";

crypto::CheckpointSeed seed(char c = 's') {
  return crypto::CheckpointSeed(Bytes(32, c));
}

Mark mark(std::uint64_t sequence, std::uint64_t epoch = 1, bool clean = false) {
  return {Sequence{sequence}, epoch, sequence * 10, Bytes(32, static_cast<char>(sequence)), clean};
}

class HighWaterTest : public ::testing::Test {
 protected:
  HighWaterTest() { EXPECT_TRUE(disk_.make_dir("/state")); }
  std::optional<Mark> read(Files& files) {
    const auto r = HighWater(files, kPath, kUuid, seed()).read();
    EXPECT_TRUE(r);
    return r ? *r : std::nullopt;
  }
  Bytes content() {
    auto file = disk_.open(kPath);
    Bytes out(*(*file)->size(), '\0');
    EXPECT_TRUE((*file)->read(0, out));
    return out;
  }
  MemoryFiles disk_;
};

TEST_F(HighWaterTest, NoFileIsNoMark) {
  EXPECT_EQ(read(disk_), std::nullopt);
  EXPECT_FALSE(disk_.open(kPath)) << "reading makes none";
}

TEST_F(HighWaterTest, TheNewestMarkComesBack) {
  HighWater high_water(disk_, kPath, kUuid, seed());
  for (std::uint64_t i = 1; i < 6; ++i) {
    ASSERT_TRUE(high_water.write(mark(i)));
    EXPECT_EQ(*high_water.read(), mark(i));
    EXPECT_EQ(read(disk_), mark(i));
    EXPECT_EQ(read(*disk_.crash_clone(CrashKind::PowerCut, 0, i)), mark(i)) << "durable when write() returns";
  }
  EXPECT_EQ(content().size(), 8192u);
}

TEST_F(HighWaterTest, AnOlderMarkIsIgnored) {
  HighWater high_water(disk_, kPath, kUuid, seed());
  ASSERT_TRUE(high_water.write(mark(5)));
  const std::uint64_t before = disk_.operations();
  ASSERT_TRUE(high_water.write(mark(4)));
  ASSERT_TRUE(high_water.write(mark(5)));
  EXPECT_EQ(disk_.operations(), before);
  ASSERT_TRUE(high_water.write(mark(5, 1, true)));
  EXPECT_EQ(read(disk_), mark(5, 1, true));
  ASSERT_TRUE(high_water.write(mark(2, 2))) << "a later epoch counts before the sequence";
  EXPECT_EQ(read(disk_), mark(2, 2));
}

TEST_F(HighWaterTest, HasTheDocumentedLayout) {
  HighWater high_water(disk_, kPath, kUuid, seed());
  ASSERT_TRUE(high_water.write({Sequence{0x0102030405060708}, 3, 4, Bytes(32, 'r'), true}));
  const Bytes want = Bytes("BFHW\x01") + "\x08\x07\x06\x05\x04\x03\x02\x01" +
                     Bytes("\x03\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0", 16) + Bytes(32, 'r') + "\x01" + kUuid;
  EXPECT_EQ(to_hex(content().substr(0, 78)), to_hex(want));
  EXPECT_TRUE(crypto::verify(crypto::Signer(seed()).public_key(), want, content().substr(78, 64)));
}

TEST_F(HighWaterTest, EveryFlippedByteOfASlotLeavesTheOther) {
  HighWater high_water(disk_, kPath, kUuid, seed());
  ASSERT_TRUE(high_water.write(mark(1)));
  ASSERT_TRUE(high_water.write(mark(2)));
  const Bytes good = content();
  for (const std::size_t slot : {0u, 1u}) {
    for (std::size_t i = 0; i < 142; ++i) {
      auto copy = disk_.crash_clone(CrashKind::Kill, 0, 1);
      auto file = copy->open(kPath);
      const char flipped[] = {static_cast<char>(good[slot * 4096 + i] ^ 1)};
      ASSERT_TRUE((*file)->write(slot * 4096 + i, {flipped, 1}));
      ASSERT_EQ(read(*copy), slot == 0 ? mark(2) : mark(1)) << i;
    }
  }
}

TEST_F(HighWaterTest, AnotherStoreOrAnotherSignerIsNoMark) {
  ASSERT_TRUE(HighWater(disk_, kPath, kUuid, seed()).write(mark(1)));
  EXPECT_EQ(*HighWater(disk_, kPath, Bytes(16, 'v'), seed()).read(), std::nullopt);
  EXPECT_EQ(*HighWater(disk_, kPath, kUuid, seed('t')).read(), std::nullopt);
}

TEST_F(HighWaterTest, AMarkSurvivesEveryCrashOfTheNextWrite) {
  const auto work = [](Files& files) {
    HighWater high_water(files, kPath, kUuid, seed());
    std::uint64_t written = 0;
    while (written < 4 && high_water.write(mark(written + 1))) ++written;
    return written;
  };
  MemoryFiles whole;
  ASSERT_TRUE(whole.make_dir("/state"));
  work(whole);
  for (std::uint64_t at = 1; at < whole.operations(); ++at) {
    for (std::uint64_t chance = 0; chance < 8; ++chance) {
      MemoryFiles disk;
      ASSERT_TRUE(disk.make_dir("/state"));
      disk.set_crash_at(at);
      const std::uint64_t written = work(disk);
      // A kill first, then a start that writes one more and loses power: what was written before must not be lost by it.
      auto killed = disk.crash_clone(CrashKind::Kill, 0, 1);
      HighWater next(*killed, kPath, kUuid, seed());
      const auto seen = next.read();
      ASSERT_TRUE(seen);
      const std::uint64_t floor = *seen ? raw((*seen)->sequence) : 0;
      ASSERT_GE(floor, written);
      killed->set_crash_at(killed->operations() + chance % 4);
      (void)next.write(mark(9));
      auto found = killed->crash_clone(CrashKind::PowerCut, 0.5, chance);
      const auto last = read(*found);
      ASSERT_GE(last ? raw(last->sequence) : 0, floor) << "crash at " << at << ", chance " << chance;
    }
  }
}

TEST_F(HighWaterTest, AfterAFailureNothingIsWritten) {
  FaultyFiles files(disk_);
  HighWater high_water(files, kPath, kUuid, seed());
  ASSERT_TRUE(high_water.write(mark(1)));
  files.set_fault(Fault{.on = CallClass::Sync});
  EXPECT_EQ(high_water.write(mark(2)).error(), IoErrc::Io);
  EXPECT_EQ(high_water.write(mark(3)).error(), IoErrc::Io);
  EXPECT_EQ(files.calls(CallClass::Write), 1u);
}

}  // namespace
}  // namespace beffroi::storage
