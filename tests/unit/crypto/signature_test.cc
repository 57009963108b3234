// SPDX-License-Identifier: EUPL-1.2
#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

TEST(Ed25519, FollowsRfc8032) {
  const auto vectors = read_vectors("ed25519.txt");
  EXPECT_EQ(vectors.size(), 41U);
  for (const auto& v : vectors) {
    const Signer signer{CheckpointSeed(v["Seed"])};
    EXPECT_EQ(to_hex(signer.public_key()), to_hex(v["Public"]));
    EXPECT_EQ(to_hex(signer.sign(v["Msg"])), to_hex(v["Sig"]));
    EXPECT_TRUE(verify(v["Public"], v["Msg"], v["Sig"]));
    EXPECT_FALSE(verify(v["Public"], v["Msg"] + "x", v["Sig"]));
  }
}

TEST(Ed25519, RefusesEveryFlippedBit) {
  const Signer signer(random_key<CheckpointSeed>());
  const Bytes key = signer.public_key();
  const Bytes signature = signer.sign("message");
  EXPECT_TRUE(verify(key, "message", signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes other = signature;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verify(key, "message", other)) << bit;
  }
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    Bytes other = key;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verify(other, "message", signature)) << bit;
  }
}

TEST(Ed25519, RefusesOtherSizesAndWeakKeys) {
  const Signer signer(random_key<CheckpointSeed>());
  const Bytes signature = signer.sign("");
  EXPECT_FALSE(verify(signer.public_key().substr(1), "", signature));
  EXPECT_FALSE(verify(signer.public_key(), "", signature.substr(1)));
  EXPECT_FALSE(verify(signer.public_key(), "", signature + "x"));
  EXPECT_FALSE(verify("", "", ""));
  // The neutral point as the key, and S = 0 with R = the neutral point: "signs" every message where small order is not refused.
  const Bytes neutral = "\1" + Bytes(31, '\0');
  EXPECT_FALSE(verify(neutral, "any message", neutral + Bytes(32, '\0')));
}

}  // namespace
}  // namespace beffroi::crypto
