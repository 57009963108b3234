// SPDX-License-Identifier: EUPL-1.2
#include "crypto/root_seal.h"

#include <gtest/gtest.h>

#include "crypto/errors.h"
#include "crypto/row_seal.h"

namespace beffroi::crypto {
namespace {

const Bytes kRaw = "0123456789abcdef0123456789ABCDEF";
const Bytes kUuid = "uuid of a store.";

TEST(RootKey, ComesRawOrAsHex) {
  EXPECT_EQ(parse_root_key(kRaw, 0400)->reveal(), kRaw);
  EXPECT_EQ(parse_root_key(to_hex(kRaw), 0400)->reveal(), kRaw);
  EXPECT_EQ(parse_root_key(to_hex(kRaw) + "\n", 0400)->reveal(), kRaw);
  EXPECT_EQ(parse_root_key(Bytes(31, 'x') + "\n", 0400)->reveal(), Bytes(31, 'x') + "\n");
}

TEST(RootKey, IsNothingElse) {
  const Bytes digits = to_hex(kRaw);
  for (const Bytes& bad :
       {Bytes(), Bytes("\n"), Bytes(31, 'x'), kRaw + "\n", digits.substr(1), digits + "\n\n", digits + "\r\n",
        digits + " ", digits.substr(1) + "g", digits + "0", Bytes(4096, '0')}) {
    EXPECT_EQ(parse_root_key(bad, 0400).error(), Errc::BadRootKey) << bad;
  }
}

TEST(RootKey, MayBeReadByItsOwnerOnly) {
  for (unsigned mode = 0; mode <= 07777; ++mode) {
    const auto key = parse_root_key(kRaw, 0100000 | mode);
    if (mode == 0 || mode == 0400) {
      EXPECT_TRUE(key) << std::oct << mode;
    } else {
      EXPECT_EQ(key.error(), Errc::TooOpen) << std::oct << mode;
    }
  }
}

TEST(Keyring, KeepsItsContents) {
  const RootKey root = random_key<RootKey>();
  for (std::size_t n : {0, 1, 60, 100'000}) {
    const Bytes body(n, 'b');
    const Bytes file = seal_keyring(root, kUuid, 0x0102030405060708, body);
    EXPECT_EQ(file.size(), n + kKeyringOverheadBytes);
    const auto opened = open_keyring(root, file);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->store_uuid, kUuid);
    EXPECT_EQ(opened->counter, 0x0102030405060708U);
    EXPECT_EQ(opened->body.reveal(), body);
  }
}

// The envelope, taken apart by hand with XAES-256-GCM alone.
TEST(Keyring, IsLaidOutAsItsFormatSays) {
  const Bytes root(32, 'r');
  const Bytes file = seal_keyring(RootKey(root), kUuid, 0x0102030405060708, "body");
  EXPECT_EQ(file.substr(0, 5 + 16), "BFKR\1" + kUuid);
  EXPECT_EQ(to_hex(file.substr(21, 8)), "0807060504030201");
  EXPECT_EQ(xaes_open(root, file.substr(29, 24), file.substr(53), file.substr(0, 53)).value(), "body");
}

TEST(Keyring, RefusesEveryFlippedBitAndEveryCut) {
  const RootKey root = random_key<RootKey>();
  const Bytes file = seal_keyring(root, kUuid, 7, "body");
  EXPECT_EQ(open_keyring(random_key<RootKey>(), file).error(), Errc::Unauthentic);
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes other = file;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    const auto opened = open_keyring(root, other);
    ASSERT_FALSE(opened) << bit;
    const error_code expected = bit / 8 < 4    ? Errc::BadFormat
                                : bit == 4 * 8 ? Errc::BadFormat  // version 0
                                : bit / 8 == 4 ? Errc::NewerFormat
                                               : Errc::Unauthentic;
    EXPECT_EQ(opened.error(), expected) << bit;
  }
  for (std::size_t n = 0; n < file.size(); ++n)
    EXPECT_FALSE(open_keyring(root, BytesView(file).substr(0, n))) << n;
  EXPECT_EQ(open_keyring(root, file + "x").error(), Errc::Unauthentic);
}

TEST(Keyring, IsSealedAnewEachTime) {
  const RootKey root = random_key<RootKey>();
  EXPECT_NE(seal_keyring(root, kUuid, 7, "body").substr(29), seal_keyring(root, kUuid, 7, "body").substr(29));
}

}  // namespace
}  // namespace beffroi::crypto
