// SPDX-License-Identifier: EUPL-1.2
#include "crypto/digest.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

void expect_vectors(DigestAlgorithm algorithm, const std::string& file, std::size_t count) {
  const auto vectors = read_vectors(file);
  EXPECT_EQ(vectors.size(), count);
  for (const auto& v : vectors) {
    const Bytes message = v["Msg"];
    EXPECT_EQ(to_hex(digest(algorithm, {message})), to_hex(v["MD"]));
    for (std::size_t step : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{1000}}) {
      Digest fed(algorithm);
      for (std::size_t at = 0; at < message.size(); at += step)
        fed.update(BytesView(message).substr(at, step));
      EXPECT_EQ(to_hex(fed.finish()), to_hex(v["MD"]));
    }
  }
}

TEST(Digest, Sha1FollowsNist) {
  expect_vectors(DigestAlgorithm::Sha1, "sha1.txt", 73);
}
TEST(Digest, Sha256FollowsNist) {
  expect_vectors(DigestAlgorithm::Sha256, "sha256.txt", 73);
}

// FIPS 180-4's examples of one and of two blocks, and the empty message.
TEST(Digest, Sha512FollowsNist) {
  const std::pair<const char*, const char*> examples[] = {
      {"",
       "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
      {"abc",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
       "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"}};
  for (const auto& [message, expected] : examples) EXPECT_EQ(to_hex(digest(DigestAlgorithm::Sha512, {message})), expected);
}

TEST(Digest, StreamsDoNotDisturbEachOther) {
  Digest a(DigestAlgorithm::Sha256);
  Digest b(DigestAlgorithm::Sha1);
  a.update("a");
  b.update("message ");
  Digest c = std::move(a);
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  c.update("bc");
  b.update("digest");
  // FIPS 180-4's example "abc"; sha1sum of "message digest".
  EXPECT_EQ(to_hex(c.finish()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(b.finish()), "c12252ceda8be8994d5fa0290a47231c1d16aae3");
}

TEST(DigestDeathTest, IsFinishedOnce) {
  Digest d(DigestAlgorithm::Sha1);
  d.finish();
  EXPECT_DEATH(d.finish(), "check failed");
}

}  // namespace
}  // namespace beffroi::crypto
