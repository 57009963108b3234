// SPDX-License-Identifier: EUPL-1.2
#include "crypto/multiset_hash.h"

#include "crypto/check.h"
#include "crypto/errors.h"

namespace beffroi::crypto {
namespace {

constexpr std::size_t kSumBytes = 32;
constexpr std::size_t kFingerprintBytes = 24 + 16;

}  // namespace

Hash row_mac(const HmacSha256& digest_mac, std::uint8_t table, BytesView key, BytesView nonce_and_tag) {
  CHECK(nonce_and_tag.size() == kFingerprintBytes);
  const char table_byte = static_cast<char>(table);
  const Bytes mac = digest_mac.mac({BytesView(&table_byte, 1), key, nonce_and_tag});
  Hash hash;
  std::memcpy(hash.data(), mac.data(), hash.size());
  return hash;
}

Result<DigestSum> DigestSum::from_bytes(BytesView bytes) {
  if (bytes.size() != kSumBytes) return Errc::BadFormat;
  DigestSum sum;
  std::memcpy(sum.limbs_.data(), bytes.data(), kSumBytes);
  return sum;
}

Bytes DigestSum::bytes() const {
  return Bytes(reinterpret_cast<const char*>(limbs_.data()), kSumBytes);
}

void DigestSum::add(const Hash& row_mac) {
  bool carry = false;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const auto term = load_le<std::uint64_t>(row_mac.data() + 8 * i);
    const bool first = __builtin_add_overflow(limbs_[i], term, &limbs_[i]);
    const bool second = __builtin_add_overflow(limbs_[i], std::uint64_t{carry}, &limbs_[i]);
    carry = first || second;
  }
}

void DigestSum::subtract(const Hash& row_mac) {
  bool borrow = false;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const auto term = load_le<std::uint64_t>(row_mac.data() + 8 * i);
    const bool first = __builtin_sub_overflow(limbs_[i], term, &limbs_[i]);
    const bool second = __builtin_sub_overflow(limbs_[i], std::uint64_t{borrow}, &limbs_[i]);
    borrow = first || second;
  }
}

}  // namespace beffroi::crypto
