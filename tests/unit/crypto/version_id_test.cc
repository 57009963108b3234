// SPDX-License-Identifier: EUPL-1.2
#include "crypto/version_id.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/aes_block.h"

namespace beffroi::crypto {
namespace {

TEST(VersionId, GivesItsSequenceBack) {
  const IdKey key = random_key<IdKey>();
  for (std::uint64_t s :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0102030405060708}, UINT64_MAX}) {
    const std::string id = make_version_id(key, s);
    EXPECT_EQ(id.size(), kVersionIdChars);
    EXPECT_EQ(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), std::string::npos) << id;
    EXPECT_EQ(sequence_of(key, id), s);
  }
}

TEST(VersionId, IsOneBlockOfSequenceAndChance) {
  const Bytes key(32, 'i');
  const std::string id = make_version_id(IdKey(key), 0x0102030405060708);
  Bytes block(16, '\0');
  aes256_decrypt_blocks(key, *from_base32(id), block);
  EXPECT_EQ(to_hex(block.substr(0, 8)), "0102030405060708");
}

TEST(VersionId, DiffersForOneSequence) {
  const IdKey key = random_key<IdKey>();
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(ids.insert(make_version_id(key, 42)).second);
}

TEST(VersionId, MeansNothingUnderAnotherKey) {
  const std::string id = make_version_id(random_key<IdKey>(), 42);
  EXPECT_NE(sequence_of(random_key<IdKey>(), id), 42U);
}

TEST(VersionId, HasOneForm) {
  const IdKey key = random_key<IdKey>();
  const std::string id = make_version_id(key, 42);
  for (const std::string& bad :
       {std::string(), id.substr(1), id + "A", id + "=", "null" + id.substr(4), id.substr(0, 25) + "B",
        std::string(26, '1'), std::string(26, 'a'), std::string(32, 'A')}) {
    EXPECT_EQ(sequence_of(key, bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace beffroi::crypto
