// SPDX-License-Identifier: EUPL-1.2
#include "crypto/crc.h"

#include <gtest/gtest.h>

#include <random>

namespace beffroi::crypto {
namespace {

// The textbook's definition, a bit at a time, from the polynomial as its specification prints it: reflected in and out, all ones
// before and after.
std::uint64_t by_definition(unsigned width, std::uint64_t polynomial, BytesView bytes) {
  const std::uint64_t top = std::uint64_t{1} << (width - 1);
  const std::uint64_t mask = top | (top - 1);
  std::uint64_t state = mask;
  for (unsigned char c : bytes) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      // Not two comparisons and a choice: GCC 12.2 at -O2 makes wrong code of those here.
      const std::uint64_t out = (state >> (width - 1) ^ c >> bit) & 1;
      state = (state << 1 & mask) ^ (out * polynomial);
    }
  }
  std::uint64_t reflected = 0;
  for (unsigned i = 0; i < width; ++i) reflected |= (state >> i & 1) << (width - 1 - i);
  return reflected ^ mask;
}

constexpr std::uint64_t kCrc32 = 0x04c11db7;
constexpr std::uint64_t kCrc32c = 0x1edc6f41;
constexpr std::uint64_t kCrc64Nvme = 0xad93d23594c93659;

Bytes random_text(std::size_t n) {
  std::mt19937_64 random(64);
  Bytes bytes(n, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// The "check" column of the catalogue of parametrised CRC algorithms: CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME.
TEST(Crc, HasTheCatalogueCheckValues) {
  EXPECT_EQ(crc32(0, "123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283U);
  EXPECT_EQ(crc64nvme(0, "123456789"), 0xae8b14860a799888U);
  EXPECT_EQ(crc64nvme_portable(0, "123456789"), 0xae8b14860a799888U);
}

// RFC 3720, appendix B.4 (its bytes are in the order in which they travel).
TEST(Crc, Crc32cFollowsRfc3720) {
  Bytes up(32, '\0');
  for (std::size_t i = 0; i < up.size(); ++i) up[i] = static_cast<char>(i);
  EXPECT_EQ(crc32c(0, Bytes(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(0, Bytes(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(0, up), 0x46dd794eU);
  EXPECT_EQ(crc32c(0, Bytes(up.rbegin(), up.rend())), 0x113fdb5cU);
}

TEST(Crc, EqualsItsDefinitionAtEveryLengthAndAlignment) {
  const Bytes text = random_text(1024 + 64);
  for (std::size_t n = 0; n <= 1024; ++n) {
    const BytesView bytes = BytesView(text).substr(n % 64, n);
    EXPECT_EQ(crc32(0, bytes), by_definition(32, kCrc32, bytes)) << n;
    EXPECT_EQ(crc32c(0, bytes), by_definition(32, kCrc32c, bytes)) << n;
    EXPECT_EQ(crc64nvme_portable(0, bytes), by_definition(64, kCrc64Nvme, bytes)) << n;
  }
}

TEST(Crc, FoldingEqualsTheTables) {
  const Bytes text = random_text(1024 + 32);
  for (std::size_t at = 0; at < 32; ++at) {
    for (std::size_t n = 0; n <= 1024; ++n) {
      const BytesView bytes = BytesView(text).substr(at, n);
      const std::uint64_t before = at * 0x9e3779b97f4a7c15;
      ASSERT_EQ(crc64nvme(before, bytes), crc64nvme_portable(before, bytes)) << at << " " << n;
    }
  }
  const Bytes large = random_text(1'000'003);
  EXPECT_EQ(crc64nvme(0, large), crc64nvme_portable(0, large));
}

TEST(Crc, IsFedInOrder) {
  const Bytes text = random_text(700);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const BytesView head = BytesView(text).substr(0, cut);
    const BytesView tail = BytesView(text).substr(cut);
    ASSERT_EQ(crc32(crc32(0, head), tail), crc32(0, text));
    ASSERT_EQ(crc32c(crc32c(0, head), tail), crc32c(0, text));
    ASSERT_EQ(crc64nvme(crc64nvme(0, head), tail), crc64nvme(0, text));
  }
}

}  // namespace
}  // namespace beffroi::crypto
