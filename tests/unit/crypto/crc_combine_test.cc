// SPDX-License-Identifier: EUPL-1.2
#include "crypto/crc_combine.h"

#include <gtest/gtest.h>

#include "crypto/crc.h"
#include "crypto/random.h"

namespace beffroi::crypto {
namespace {

// The CRC of the whole, computed in one pass, is the independent answer.
TEST(CrcCombine, EqualsTheCrcOfTheWholeAtEveryCut) {
  const Bytes whole = random_bytes(300);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const BytesView a = BytesView(whole).substr(0, cut), b = BytesView(whole).substr(cut);
    EXPECT_EQ(crc32_combine(crc32(0, a), crc32(0, b), b.size()), crc32(0, whole)) << cut;
    EXPECT_EQ(crc32c_combine(crc32c(0, a), crc32c(0, b), b.size()), crc32c(0, whole)) << cut;
    EXPECT_EQ(crc64nvme_combine(crc64nvme(0, a), crc64nvme(0, b), b.size()), crc64nvme(0, whole)) << cut;
  }
}

TEST(CrcCombine, HoldsForLengthsAbove32Bits) {
  // Appending n zero bytes twice is appending 2n: checked on lengths that no test can feed byte by byte.
  const std::uint64_t n = 5ull << 30;
  const std::uint64_t zeros_n = crc64nvme_combine(0, 0, n);
  EXPECT_EQ(zeros_n, 0u);
  const std::uint64_t once = crc64nvme_combine(0x1234567890ABCDEF, 0, n);
  EXPECT_EQ(crc64nvme_combine(once, 0, n), crc64nvme_combine(0x1234567890ABCDEF, 0, 2 * n));
}

}  // namespace
}  // namespace beffroi::crypto
