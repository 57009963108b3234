// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/access_key.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/errors.h"
#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

constexpr CollectivityId kTown{16};
constexpr std::string_view kSecret = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN";

AccessKey narrowed() {
  AccessKey key;
  key.id = "BFAAAAAAAAAAAAAAAAA7";
  key.collectivity = kTown;
  key.user = UserId{5};
  key.secret = crypto::SecretBytes(kSecret);
  key.generation = 3;
  key.revoked = true;
  key.narrowing = {{"deliberations", "a.b-c"},
                   "2026/",
                   true,
                   {*parse_network("192.0.2.0/24"), *parse_network("2001:db8::/32")},
                   99};
  key.created_ms = 1'795'507'200'000;
  return key;
}

void expect_same(const AccessKey& a, const AccessKey& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.collectivity, b.collectivity);
  EXPECT_EQ(a.user, b.user);
  EXPECT_EQ(a.secret.reveal(), b.secret.reveal());
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(a.revoked, b.revoked);
  EXPECT_EQ(a.narrowing, b.narrowing);
  EXPECT_EQ(a.created_ms, b.created_ms);
}

TEST(AccessKeyId, FormAndFreshness) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = new_access_key_id();
    EXPECT_TRUE(valid_access_key_id(id)) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
  for (const char* id : {"", "BF", "BFAAAAAAAAAAAAAAAAA", "BFAAAAAAAAAAAAAAAAAAA", "AKAAAAAAAAAAAAAAAAAA",
                         "BFAAAAAAAAAAAAAAAAA1", "BFaAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(valid_access_key_id(id)) << id;
  }
}

TEST(Secret, FortyOfSixtyTwoAllUsed) {
  std::set<char> letters;
  for (int i = 0; i < 200; ++i) {
    const auto secret = new_secret();
    ASSERT_EQ(secret.reveal().size(), kSecretCharacters);
    letters.insert(secret.reveal().begin(), secret.reveal().end());
  }
  EXPECT_EQ(letters.size(), 62u);  // 8 000 draws: a missing letter has a chance of 62 x e^-129
  for (char c : letters) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c))) << c;
}

TEST(AccessKeyCodec, ComesBack) {
  AccessKey plain;
  plain.id = "BFAAAAAAAAAAAAAAAAAA";
  plain.collectivity = kTown;
  plain.secret = crypto::SecretBytes(kSecret);
  const AccessKey full = narrowed();
  for (const auto* key : std::initializer_list<const AccessKey*>{&plain, &full}) {
    const auto decoded = decode_access_key(encode(*key), key->id, key->collectivity);
    ASSERT_TRUE(decoded);
    expect_same(*decoded, *key);
    expect_same(key->clone(), *key);
  }
}

TEST(AccessKeyCodec, EveryCutOfTheSecretIsRefused) {
  const Bytes whole = encode(narrowed());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = decode_access_key(BytesView(whole).substr(0, n), "BFAAAAAAAAAAAAAAAAA7", kTown);
    if (cut) {
      EXPECT_NE(encode(*cut), whole);
    }
  }
  RecordWriter w;
  w.field(2, BytesView("too short"));
  EXPECT_EQ(decode_access_key(w.take(), "BFAAAAAAAAAAAAAAAAA7", kTown).error(), crypto::Errc::BadFormat);
}

TEST(AccessKeyCodec, NetworksWithBitsBehindTheirPrefixAreRefused) {
  RecordWriter w;
  w.field(2, kSecret);
  w.field(8, BytesView(std::string(16, '\xFF') + '\x08'));
  EXPECT_EQ(decode_access_key(w.take(), "BFAAAAAAAAAAAAAAAAA7", kTown).error(), crypto::Errc::BadFormat);
}

TEST(AccessKeyRow, SplitsWhereItWasJoined) {
  const Bytes row = join_access_key_row(CollectivityId{0x01020304}, "sealed");
  EXPECT_EQ(row, BytesView("\x04\x03\x02\x01sealed"));
  const auto split = split_access_key_row(row);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->collectivity, CollectivityId{0x01020304});
  EXPECT_EQ(split->sealed, "sealed");
  EXPECT_FALSE(split_access_key_row("abc"));
}

}  // namespace
}  // namespace beffroi::storage
