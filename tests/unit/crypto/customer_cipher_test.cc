// SPDX-License-Identifier: EUPL-1.2
// The layer of a customer's key. Expected bytes were computed apart: HKDF with Python's hmac, counter mode with the openssl command.
#include "crypto/customer_cipher.h"

#include <gtest/gtest.h>

#include "crypto/aes_block.h"
#include "crypto/random.h"

namespace beffroi::crypto {
namespace {

Bytes counting(int from, int count) {
  Bytes bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(from + i);
  return bytes;
}

const Bytes kText = "D\xC3\xA9lib\xC3\xA9ration n\xC2\xB0" "12 du 3 mars, en mairie.......";

TEST(CounterMode, MeetsNistVector) {  // SP 800-38A F.5.5
  const Bytes key = *from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const Bytes counter = *from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  Bytes text = *from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  aes256_ctr(key, counter, text);
  EXPECT_EQ(to_hex(text),
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
            "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
}

TEST(CustomerCipher, MeetsItsDescription) {
  const CustomerCipher cipher(CustomerKey(counting(0, 32)), ObjectKey(counting(32, 32)));
  Bytes first = kText, far = kText;
  cipher.apply(0, first);
  cipher.apply(std::uint64_t{16} * 0x100000001, far);
  EXPECT_EQ(to_hex(first), "04c52fdb0bd9eb669071c393667fe8c9a3485771bd9105dd21d56f87deead0e7"
            "5761590d2e499b9729fe9d9b1f74b6c1");
  EXPECT_EQ(to_hex(far), "2ae9d879fcc11dbe9106668788fc85ab70903acad969d0d75118ff960f303558"
            "83ca01d4bdff5e07092007c39d275cca");
}

TEST(CustomerCipher, IsOneStreamHoweverItIsCut) {
  const CustomerCipher cipher(CustomerKey(random_bytes(32)), random_key<ObjectKey>());
  const Bytes plain(200, 'x');
  Bytes whole = plain;
  cipher.apply(0, whole);
  for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
    Bytes pieces = plain;
    cipher.apply(0, MutableBytes(pieces.data(), cut));
    cipher.apply(cut, MutableBytes(pieces.data() + cut, pieces.size() - cut));
    ASSERT_EQ(pieces, whole) << cut;
    const std::size_t short_end = std::min<std::size_t>(cut + 3, plain.size());
    Bytes middle = plain.substr(cut, short_end - cut);
    cipher.apply(cut, middle);
    ASSERT_EQ(middle, whole.substr(cut, short_end - cut)) << cut;
  }
  cipher.apply(0, whole);
  EXPECT_EQ(whole, plain);
}

TEST(CustomerCipher, DiffersWithEitherKey) {
  const CustomerKey customer = CustomerKey(random_bytes(32));
  const ObjectKey object = random_key<ObjectKey>();
  Bytes one(64, 'x'), two = one, three = one;
  CustomerCipher(customer, object).apply(0, one);
  CustomerCipher(customer, random_key<ObjectKey>()).apply(0, two);
  CustomerCipher(CustomerKey(random_bytes(32)), object).apply(0, three);
  EXPECT_NE(one, two);
  EXPECT_NE(one, three);
}

TEST(CustomerCheck, TellsAKeyFromAnother) {
  const CustomerKey key(counting(0, 32));
  EXPECT_TRUE(is_customer_key_of(key, *from_hex("404142434445464748494a4b4c4d4e4f7d2ba4350865ff37bd292f52de6fd8ebb71239cc49bd3a61d8d91d34ff821498")));
  const Bytes check = customer_check(key);
  EXPECT_NE(customer_check(key), check) << "each has a salt of its own";
  EXPECT_TRUE(is_customer_key_of(key, check));
  EXPECT_FALSE(is_customer_key_of(CustomerKey(random_bytes(32)), check));
  for (std::size_t i = 0; i < check.size(); ++i) {
    Bytes changed = check;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(is_customer_key_of(key, changed)) << i;
  }
  EXPECT_FALSE(is_customer_key_of(key, BytesView(check).substr(1)));
  EXPECT_FALSE(is_customer_key_of(key, {}));
}

}  // namespace
}  // namespace beffroi::crypto
