// SPDX-License-Identifier: EUPL-1.2
#include "crypto/multiset_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "crypto/errors.h"

namespace beffroi::crypto {
namespace {

// Schoolbook addition of two little-endian numbers of 32 bytes, the last carry dropped.
Bytes add_by_hand(const Bytes& a, const Bytes& b) {
  Bytes sum(32, '\0');
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(a[i]) + static_cast<unsigned char>(b[i]);
    sum[i] = static_cast<char>(carry);
    carry >>= 8;
  }
  return sum;
}

Hash hash_of(const Bytes& bytes) {
  Hash h{};
  std::memcpy(h.data(), bytes.data(), h.size());
  return h;
}

Bytes one() {
  return "\1" + Bytes(31, '\0');
}

// Runs of equal bytes, so that carries go far.
std::vector<Bytes> numbers() {
  std::mt19937_64 random(256);
  std::vector<Bytes> out{Bytes(32, '\0'), one(), Bytes(32, '\xff'), Bytes(31, '\0') + "\x80"};
  for (int i = 0; i < 60; ++i) {
    Bytes b(32, '\xff');
    for (auto at = random() % 33; at < 32; ++at) b[at] = static_cast<char>(random());
    out.push_back(b);
  }
  return out;
}

TEST(DigestSum, AddsModulo2To256) {
  for (const Bytes& a : numbers()) {
    for (const Bytes& b : numbers()) {
      DigestSum sum = DigestSum::from_bytes(a).value();
      EXPECT_EQ(sum.bytes(), a);
      sum.add(hash_of(b));
      EXPECT_EQ(to_hex(sum.bytes()), to_hex(add_by_hand(a, b)));
      sum.subtract(hash_of(b));
      EXPECT_EQ(to_hex(sum.bytes()), to_hex(a));
    }
  }
  DigestSum sum;
  EXPECT_EQ(sum.bytes(), Bytes(32, '\0'));
  sum.subtract(hash_of(one()));
  EXPECT_EQ(sum.bytes(), Bytes(32, '\xff'));
}

TEST(DigestSum, DoesNotDependOnTheOrder) {
  std::vector<Bytes> rows = numbers();
  DigestSum forwards;
  for (const Bytes& r : rows) forwards.add(hash_of(r));
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(7));
  DigestSum shuffled;
  for (const Bytes& r : rows) shuffled.add(hash_of(r));
  EXPECT_EQ(shuffled, forwards);
  for (const Bytes& r : rows) shuffled.subtract(hash_of(r));
  EXPECT_EQ(shuffled, DigestSum());
}

TEST(DigestSum, ComesFromThirtyTwoBytes) {
  EXPECT_EQ(DigestSum::from_bytes(Bytes(31, 'x')).error(), Errc::BadFormat);
  EXPECT_EQ(DigestSum::from_bytes(Bytes(33, 'x')).error(), Errc::BadFormat);
}

TEST(RowMac, CoversTableKeyNonceAndTag) {
  const HmacSha256 mac("digest mac key");
  const Bytes fingerprint(40, 'f');
  EXPECT_EQ(view(row_mac(mac, 2, "key", fingerprint)), hmac_sha256("digest mac key", "\2key" + fingerprint));
  EXPECT_NE(row_mac(mac, 3, "key", fingerprint), row_mac(mac, 2, "key", fingerprint));
}

}  // namespace
}  // namespace beffroi::crypto
