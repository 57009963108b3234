// SPDX-License-Identifier: EUPL-1.2
#include "crypto/key_hierarchy.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/errors.h"
#include "crypto/hmac.h"

namespace beffroi::crypto {
namespace {

const Bytes kParent(32, 'p');

Bytes derived(BytesView salt, BytesView label) {
  return Bytes(hkdf_sha256(kParent, salt, label, 32).reveal());
}

// The labels and salts are a format: what was sealed under them must open for ever.
TEST(KeyHierarchy, DerivesByItsLabels) {
  EXPECT_EQ(row_key(CollectivityKey(kParent)).reveal(), derived("", "beffroi/row/1"));
  EXPECT_EQ(row_key(SystemKey(kParent)).reveal(), derived("", "beffroi/row/1"));
  EXPECT_EQ(audit_row_key(AuditKey(kParent)).reveal(), derived("", "beffroi/audit/1"));
  EXPECT_EQ(digest_mac_key(DigestKey(kParent)).reveal(), derived("", "beffroi/digest/1"));
  EXPECT_EQ(page_file_key(IndexKey(kParent), "salt").reveal(), derived("salt", "beffroi/page/1"));
  EXPECT_EQ(log_file_key(LogKey(kParent), "salt").reveal(), derived("salt", "beffroi/log/1"));
}

TEST(KeyHierarchy, SaltsPartFiles) {
  EXPECT_NE(page_file_key(IndexKey(kParent), "a").reveal(), page_file_key(IndexKey(kParent), "b").reveal());
}

TEST(KeyHierarchy, DrawsKeys) {
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(Bytes(random_key<ObjectKey>().reveal())).second);
}

TEST(Errors, EachHasItsMessage) {
  std::set<std::string> messages;
  for (Errc e : {Errc::Unauthentic, Errc::BadFormat, Errc::NewerFormat, Errc::UnknownKey, Errc::BadRootKey,
                 Errc::TooOpen, Errc::Truncated}) {
    const error_code code = e;
    EXPECT_EQ(code.category().name(), std::string("beffroi.crypto"));
    EXPECT_TRUE(messages.insert(code.message()).second);
    EXPECT_TRUE(code.failed());
  }
  EXPECT_FALSE(messages.contains("unknown error"));
}

}  // namespace
}  // namespace beffroi::crypto
