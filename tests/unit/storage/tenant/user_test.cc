// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/user.h"

#include <gtest/gtest.h>

#include "crypto/errors.h"
#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

constexpr CollectivityId kTown{16};
constexpr UserId kId{3};

User marie() {
  return {kId,
          kTown,
          "marie.dupont@beauvais",
          Role::Admin,
          "00112233445566778899aabbccddeeff",
          true,
          1'795'507'200'000};
}

TEST(UserName, Form) {
  for (const char* name : {"a", "marie.dupont@beauvais", "robot_1", "a+b=c,d-e"})
    EXPECT_TRUE(valid_user_name(name)) << name;
  for (const char* name : {"", "a b", "a/b", "a:b", "a*", "ma\xC3\xAFs", "a\n"})
    EXPECT_FALSE(valid_user_name(name)) << name;
  EXPECT_TRUE(valid_user_name(std::string(64, 'a')));
  EXPECT_FALSE(valid_user_name(std::string(65, 'a')));
}

TEST(CanonicalId, IsThirtyTwoHexDigitsAndFresh) {
  const std::string a = new_canonical_id();
  EXPECT_TRUE(valid_canonical_id(a));
  EXPECT_NE(a, new_canonical_id());
  EXPECT_FALSE(valid_canonical_id(a.substr(1)));
  EXPECT_FALSE(valid_canonical_id("00112233445566778899AABBCCDDEEFF"));
}

TEST(Role, NamesComeBack) {
  for (const char* name : {"admin", "member", "reader"}) {
    const auto role = role_from_name(name);
    ASSERT_TRUE(role) << name;
    EXPECT_EQ(role_name(*role), name);
  }
  EXPECT_FALSE(role_from_name("owner"));
}

TEST(UserCodec, ComesBack) {
  const auto decoded = decode_user(kTown, kId, encode(marie()));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, marie());
}

TEST(UserCodec, EveryCutIsRefusedOrAnother) {
  const Bytes whole = encode(marie());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = decode_user(kTown, kId, BytesView(whole).substr(0, n));
    if (cut) {
      EXPECT_NE(*cut, marie());
    }
  }
}

TEST(UserCodec, LaterVersionsAreNamed) {
  Bytes record = encode(marie());
  RecordWriter role;
  role.field(2, std::uint8_t{4});
  EXPECT_EQ(decode_user(kTown, kId, role.take()).error(), crypto::Errc::NewerFormat);
  RecordWriter truth;
  truth.field(3, BytesView("0123456789abcdef"));
  truth.field(4, std::uint8_t{2});  // a flag is 0 or 1
  EXPECT_EQ(decode_user(kTown, kId, truth.take()).error(), crypto::Errc::BadFormat);
  EXPECT_EQ(decode_user(kTown, kId, RecordWriter().take()).error(), crypto::Errc::BadFormat);
}

}  // namespace
}  // namespace beffroi::storage
