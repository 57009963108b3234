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
