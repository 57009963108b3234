// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/metering.h"

#include <gtest/gtest.h>

#include "crypto/errors.h"

namespace beffroi::storage {
namespace {

Usage some_usage() {
  Usage u;
  u.bytes = 0x0102030405060708;
  u.objects = 9;
  u.physical = 10;
  u.since_ms = 11;
  u.integral = (static_cast<unsigned __int128>(0x1112131415161718) << 64) | 0x2122232425262728;
  u.rows = 12;
  crypto::Hash mac{};
  mac[0] = 'm';
  u.digest.add(mac);
  return u;
}

TEST(Usage, StandsInItsBytesAsDocumented) {
  Bytes expected = "\x01";
  expected += BytesView("\x08\x07\x06\x05\x04\x03\x02\x01", 8);
  for (char c : {9, 10, 11}) expected += Bytes(1, c) + Bytes(7, '\0');
  expected += BytesView("\x28\x27\x26\x25\x24\x23\x22\x21\x18\x17\x16\x15\x14\x13\x12\x11", 16);
  expected += Bytes(1, 12) + Bytes(7, '\0');
  expected += some_usage().digest.bytes();
  EXPECT_EQ(encode(some_usage()), expected);
  const auto decoded = decode_usage(expected);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode(*decoded), expected);
  EXPECT_EQ(decoded->digest, some_usage().digest);
  EXPECT_TRUE(decoded->integral == some_usage().integral);
}

TEST(Usage, OtherSizesAndVersionsAreRefused) {
  const Bytes good = encode(some_usage());
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode_usage(BytesView(good).substr(0, n)));
  EXPECT_FALSE(decode_usage(good + "x"));
  Bytes later = good;
  later[0] = 2;
  EXPECT_EQ(decode_usage(later).error(), crypto::Errc::NewerFormat);
  later[0] = 0;
  EXPECT_EQ(decode_usage(later).error(), crypto::Errc::BadFormat);
}

TEST(Usage, IntegralCountsBytesTimesTime) {
  Usage u;
  u.advance(1'000);  // the first time only starts the clock
  EXPECT_TRUE(u.integral == 0);
  u.bytes = 10;
  u.advance(1'500);
  u.bytes = 4;
  u.advance(1'500);
  u.advance(2'500);
  EXPECT_TRUE(u.integral == 10 * 500 + 4 * 1'000);
  // A century of a petabyte does not wrap.
  u.bytes = 1'000'000'000'000'000;
  const unsigned __int128 before = u.integral;
  u.advance(2'500 + 3'155'760'000'000);
  EXPECT_TRUE((u.integral - before) / 3'155'760'000'000 == u.bytes);
}

}  // namespace
}  // namespace beffroi::storage
