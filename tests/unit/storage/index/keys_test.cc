// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

namespace beffroi::storage::keys {
namespace {

constexpr CollectivityId kT{0x01020304};
constexpr BucketId kB{0x05060708};

std::string hex(BytesView bytes) {
  return to_hex(bytes);
}

// Layouts as docs/formats.md "Tables" writes them, by hand.
TEST(Keys, Layouts) {
  EXPECT_EQ(store_row("flushed"),
            "\x01"
            "flushed");
  EXPECT_EQ(hex(collectivity(kT)), "0201020304");
  EXPECT_EQ(siren("216000572"),
            "\x03"
            "216000572");
  EXPECT_EQ(slug("beauvais"),
            "\x04"
            "beauvais");
  EXPECT_EQ(hex(bucket_name(kT, "ab")), "05010203046162");
  EXPECT_EQ(hex(bucket(kT, kB)), "060102030405060708");
  EXPECT_EQ(hex(user(kT, UserId{9})), "070102030400000009");
  EXPECT_EQ(access_key("BFKEY"),
            "\x08"
            "BFKEY");
  EXPECT_EQ(hex(job(0x1122334455667788)), "091122334455667788");
  EXPECT_EQ(hex(extent(ExtentId{0xAABBCCDD})), "0aaabbccdd");
  EXPECT_EQ(hex(usage(kT, BucketId{0})), "0b0102030400000000");
  EXPECT_EQ(hex(bucket_prefix(kT, kB)), "0102030405060708");
  EXPECT_EQ(hex(current(kT, kB, "a")), "010203040506070861");
  EXPECT_EQ(hex(version(kT, kB, "a", Sequence{1})), "0102030405060708610001fffffffffffffffe");
  EXPECT_EQ(hex(blob(kT, BlobId{0x0A}, 3)), "01020304000000000000000a0003");
  EXPECT_EQ(hex(blob_prefix(kT, BlobId{0x0A})), "01020304000000000000000a");
  EXPECT_EQ(hex(inline_payload(kT, BlobId{0x0A})), "01020304000000000000000a");
  EXPECT_EQ(hex(run(ExtentId{7}, 0x1000)), "000000070000000000001000");
  EXPECT_EQ(hex(upload(kT, kB, "a", Bytes(16, 'i'))),
            "0102030405060708610001" + std::string("69696969696969696969696969696969"));
  EXPECT_EQ(hex(upload_prefix(kT, kB, "a")), "0102030405060708610001");
  EXPECT_EQ(hex(audit_block(kT, 5)), "01010203040000000000000005");
  EXPECT_EQ(hex(audit_block(kGlobal, 5)), "01000000000000000000000005");
  EXPECT_EQ(hex(audit_tile(kT, 2, 0x1122334455)), "0201020304021122334455");
  EXPECT_EQ(hex(audit_checkpoint(6)), "030000000000000006");
  EXPECT_EQ(hex(audit_frontier(kT)), "0401020304");
  EXPECT_EQ(hex(gc(Sequence{2}, 3)), "000000000000000200000003");
}

TEST(Keys, Escape) {
  EXPECT_EQ(hex(escape("")), "0001");
  EXPECT_EQ(hex(escape("ab")), "61620001");
  EXPECT_EQ(hex(escape(Bytes("a\0b", 3))), "6100ff620001");
}

TEST(Keys, UnescapeRefusesWhatEscapeDoesNotWrite) {
  Bytes key;
  std::size_t taken = 0;
  for (std::string_view bad : {"", "61", "00", "6100", "0000", "0002", "00fe", "00ff", "6100ff", "00ff61"}) {
    EXPECT_FALSE(unescape(*from_hex(bad), key, taken)) << bad;
  }
  ASSERT_TRUE(unescape(*from_hex("6100ff0001aabb"), key, taken));
  EXPECT_EQ(hex(key), "6100");
  EXPECT_EQ(taken, 5u);
}

// Every string over {00 01 FE FF} up to four bytes: where escaping goes wrong if it does.
std::vector<Bytes> hard_strings() {
  std::vector<Bytes> out = {""};
  for (std::size_t at = 0; at < out.size(); ++at) {
    if (out[at].size() == 4) continue;
    for (char c : {'\x00', '\x01', '\xFE', '\xFF'}) out.push_back(out[at] + c);
  }
  return out;
}

TEST(Keys, EscapeKeepsTheOrderAndIsPrefixFree) {
  std::vector<Bytes> plain = hard_strings();
  ASSERT_EQ(plain.size(), 1u + 4 + 16 + 64 + 256);
  std::sort(plain.begin(), plain.end());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    Bytes back;
    std::size_t taken = 0;
    const Bytes escaped = escape(plain[i]);
    ASSERT_TRUE(unescape(escaped + "tail", back, taken));
    ASSERT_EQ(back, plain[i]);
    ASSERT_EQ(taken, escaped.size());
    if (i == 0) continue;
    ASSERT_LT(escape(plain[i - 1]), escaped);
    ASSERT_FALSE(escaped.starts_with(escape(plain[i - 1])));
  }
}

TEST(Keys, OrderOfBytesIsOrderOfTuples) {
  const unsigned seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Bytes> strings = hard_strings();
  const std::uint32_t numbers[] = {0, 1, 255, 256, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
  const auto number = [&] { return numbers[random() % std::size(numbers)]; };
  using Tuple = std::tuple<std::uint32_t, std::uint32_t, Bytes, std::uint64_t>;
  const auto draw = [&] {
    return Tuple(number(), number(), strings[random() % strings.size()], random() % 4);
  };
  const auto version_key = [](const Tuple& t) {
    return version(CollectivityId{std::get<0>(t)}, BucketId{std::get<1>(t)}, std::get<2>(t),
                   Sequence{~std::get<3>(t)});
  };
  const auto current_key = [](const Tuple& t) {
    return current(CollectivityId{std::get<0>(t)}, BucketId{std::get<1>(t)}, std::get<2>(t));
  };
  for (int i = 0; i < 20'000; ++i) {
    const Tuple a = draw(), b = draw();
    ASSERT_EQ(a < b, version_key(a) < version_key(b));
    const auto head = [](const Tuple& t) { return std::tie(std::get<0>(t), std::get<1>(t), std::get<2>(t)); };
    ASSERT_EQ(head(a) < head(b), current_key(a) < current_key(b));
  }
}

TEST(Keys, TheNewestVersionComesFirst) {
  EXPECT_LT(version(kT, kB, "a", Sequence{2}), version(kT, kB, "a", Sequence{1}));
  EXPECT_LT(version(kT, kB, "a", Sequence{0}), version(kT, kB, "ab", Sequence{9}));
}

TEST(Keys, ABlobsOwnRowsStandAroundItsParts) {
  const BlobId i{5};
  EXPECT_LT(blob(kT, i, kHeaderPart), blob(kT, i, 1));
  EXPECT_LT(blob(kT, i, 10'000), blob(kT, i, kCountPart));
  EXPECT_LT(blob(kT, i, kCountPart), blob(kT, next(i), kHeaderPart));
}

TEST(Keys, AfterPrefixIsTheSmallestKeyBeyond) {
  const std::vector<Bytes> strings = hard_strings();
  for (const Bytes& prefix : strings) {
    const Bytes after = after_prefix(prefix);
    for (const Bytes& key : strings) {
      const bool beyond = !after.empty() && key >= after;
      ASSERT_EQ(key >= prefix && !beyond, key.starts_with(prefix)) << hex(prefix) << " " << hex(key);
    }
  }
}

}  // namespace
}  // namespace beffroi::storage::keys
