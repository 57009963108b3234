// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/record.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace beffroi::storage {
namespace {

using crypto::Errc;

// Reads any record as (tag, bytes), knowing every tag.
Result<std::vector<std::pair<std::uint8_t, Bytes>>> read_all(BytesView record) {
  std::vector<std::pair<std::uint8_t, Bytes>> fields;
  RecordReader reader(record);
  while (reader.next()) fields.emplace_back(reader.tag(), reader.bytes());
  if (auto status = reader.status(); !status) return status.error();
  return fields;
}

error_code error_of(std::string_view record_hex) {
  const auto fields = read_all(*from_hex(record_hex));
  return fields ? error_code() : fields.error();
}

TEST(Record, Layout) {
  RecordWriter writer;
  writer.field(1, std::uint32_t{0x01020304});
  writer.field(2, std::uint64_t{0});  // left out
  writer.field(7, "ab");
  writer.field(9, BytesView());
  writer.field(200, true);
  EXPECT_EQ(to_hex(writer.take()),
            "01"
            "0104"
            "04030201"
            "07026162"
            "0900"
            "c80101");
}

TEST(Record, IntegersComeBack) {
  RecordWriter writer;
  writer.field(1, std::uint8_t{255});
  writer.field(2, std::int64_t{-5});
  const Bytes record = writer.take();
  RecordReader reader(record);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer<std::uint8_t>(), 255);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer<std::int64_t>(), -5);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.status());
}

TEST(Record, Malformed) {
  EXPECT_EQ(error_of("01"), error_code());
  EXPECT_EQ(error_of(""), Errc::BadFormat);    // no version
  EXPECT_EQ(error_of("00"), Errc::BadFormat);  // no such version
  EXPECT_EQ(error_of("02"), Errc::NewerFormat);
  EXPECT_EQ(error_of("020100"), Errc::NewerFormat);
  EXPECT_EQ(error_of("0101"), Errc::BadFormat);                      // a tag without a length
  EXPECT_EQ(error_of("010102aa"), Errc::BadFormat);                  // a length beyond the end
  EXPECT_EQ(error_of("01000161"), Errc::BadFormat);                  // tag 0
  EXPECT_EQ(error_of("0101000100"), Errc::BadFormat);                // a tag twice
  EXPECT_EQ(error_of("0102000100"), Errc::BadFormat);                // tags descend
  EXPECT_EQ(error_of("01018000"), Errc::BadFormat);                  // a length in more bytes than it needs
  EXPECT_EQ(error_of("0101ffffffffffffffffff01"), Errc::BadFormat);  // a length beyond any memory
  EXPECT_EQ(error_of("0101ffffffffffffffffff7f"), Errc::BadFormat);  // a length beyond 64 bits
}

TEST(Record, AnIntegerHasOneEncoding) {
  for (std::string_view record : {"010103010000", "0101020100", "01010400000000", "0101050100000000"}) {
    const Bytes bytes = *from_hex(record);
    RecordReader reader(bytes);
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.integer<std::uint32_t>(), 0u) << record;
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.status().error(), Errc::BadFormat) << record;
  }
}

TEST(Record, AnUnknownTagIsANewerFormat) {
  const Bytes bytes = *from_hex("010100");
  RecordReader reader(bytes);
  ASSERT_TRUE(reader.next());
  reader.unknown();
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.status().error(), Errc::NewerFormat);
}

TEST(Record, TheFirstFaultStays) {
  const Bytes bytes = *from_hex("0101000200");
  RecordReader reader(bytes);
  ASSERT_TRUE(reader.next());
  reader.fail(Errc::UnknownKey);
  reader.unknown();
  EXPECT_EQ(reader.status().error(), Errc::UnknownKey);
}

// Whatever is accepted is exactly what a writer of the same fields writes.
TEST(Record, AcceptedBytesReencodeIdentically) {
  const unsigned seed = 11;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    Bytes record(1, '\x01');
    const std::size_t length = random() % 12;
    for (std::size_t i = 0; i < length; ++i) record.push_back(static_cast<char>(random() % 4));
    const auto fields = read_all(record);
    if (!fields) continue;
    ++accepted;
    RecordWriter writer;
    for (const auto& [tag, bytes] : *fields) writer.field(tag, BytesView(bytes));
    ASSERT_EQ(writer.take(), record);
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Record, RoundTrip) {
  const unsigned seed = 13;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::pair<std::uint8_t, Bytes>> fields;
    for (unsigned tag = 1 + random() % 40; tag < 256; tag += 1 + random() % 60) {
      fields.emplace_back(tag, Bytes(random() % 300, static_cast<char>(random())));
    }
    RecordWriter writer;
    for (const auto& [tag, bytes] : fields) writer.field(tag, BytesView(bytes));
    ASSERT_EQ(read_all(writer.take()).value(), fields);
  }
}

TEST(RecordDeathTest, TagsAscend) {
  RecordWriter writer;
  writer.field(2, "a");
  EXPECT_DEATH(writer.field(2, "b"), "check failed");
}

}  // namespace
}  // namespace beffroi::storage
