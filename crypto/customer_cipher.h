// SPDX-License-Identifier: EUPL-1.2
// The layer of a customer's key (SSE-C), between the plaintext of a part and its sealed chunks. It keeps the size and authenticates
// nothing: the chunks around it do, so that a body can be checked without the key that reads it.
//
//   layer key = HKDF-SHA-256(customer's key, salt = the part's ObjectKey, "beffroi/customer/1")
//   layer     = AES-256 in counter mode from block 0, the number of the 16-byte block in the part, big-endian
//
// An ObjectKey is fresh for each part and attempt, so no two bodies share a key stream. What is kept of the customer's key is
// its check, salt 16 | HKDF-SHA-256(customer's key, salt, "beffroi/customer-check/1") 32, by which another key is told from it.
#pragma once

#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"

namespace beffroi::crypto {

inline constexpr std::size_t kCustomerCheckBytes = 48;

class CustomerCipher {
 public:
  CustomerCipher(const CustomerKey&, const ObjectKey&);
  // Encrypts or decrypts, in place, bytes that stand `offset` bytes after the part's first.
  void apply(std::uint64_t offset, MutableBytes) const;

 private:
  SecretBytes key_;
};

Bytes customer_check(const CustomerKey&);                       // with a salt of its own
bool is_customer_key_of(const CustomerKey&, BytesView check);   // false for what is no check

}  // namespace beffroi::crypto
