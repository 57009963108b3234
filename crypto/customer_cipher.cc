// SPDX-License-Identifier: EUPL-1.2
#include "crypto/customer_cipher.h"

#include <algorithm>

#include "crypto/aes_block.h"
#include "crypto/hmac.h"
#include "crypto/random.h"

namespace beffroi::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;

Bytes check_with(const CustomerKey& key, BytesView salt) {
  return Bytes(salt) + Bytes(hkdf_sha256(key.reveal(), salt, "beffroi/customer-check/1", kKeyBytes).reveal());
}

Bytes counter_block(std::uint64_t block) {
  Bytes counter(kAesBlockBytes - sizeof block, '\0');
  append_be(counter, block);
  return counter;
}

}  // namespace

CustomerCipher::CustomerCipher(const CustomerKey& customer, const ObjectKey& object)
    : key_(hkdf_sha256(customer.reveal(), object.reveal(), "beffroi/customer/1", kKeyBytes)) {}

void CustomerCipher::apply(std::uint64_t offset, MutableBytes bytes) const {
  const std::size_t inside = offset % kAesBlockBytes;
  std::uint64_t block = offset / kAesBlockBytes;
  if (inside != 0) {
    Bytes whole(kAesBlockBytes, '\0');
    const std::size_t count = std::min(kAesBlockBytes - inside, bytes.size());
    std::copy_n(bytes.begin(), count, whole.begin() + static_cast<std::ptrdiff_t>(inside));
    aes256_ctr(key_.reveal(), counter_block(block), whole);
    std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(inside), count, bytes.begin());
    bytes = bytes.subspan(count);
    ++block;
  }
  if (!bytes.empty()) aes256_ctr(key_.reveal(), counter_block(block), bytes);
}

Bytes customer_check(const CustomerKey& key) { return check_with(key, random_bytes(kSaltBytes)); }

bool is_customer_key_of(const CustomerKey& key, BytesView check) {
  return check.size() == kCustomerCheckBytes && equal_constant_time(check_with(key, check.substr(0, kSaltBytes)), check);
}

}  // namespace beffroi::crypto
