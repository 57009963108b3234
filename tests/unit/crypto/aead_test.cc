// SPDX-License-Identifier: EUPL-1.2
#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "crypto/aes_block.h"
#include "crypto/errors.h"
#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

// FIPS 197, appendix C.3.
TEST(AesBlock, FollowsFips197) {
  const Bytes key = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Bytes plain = hex("00112233445566778899aabbccddeeff");
  Bytes out(32, '\0');
  aes256_encrypt_blocks(key, plain + plain, out);
  EXPECT_EQ(to_hex(out),
            "8ea2b7ca516745bfeafc49904b496089"
            "8ea2b7ca516745bfeafc49904b496089");
  aes256_decrypt_blocks(key, out, out);
  EXPECT_EQ(out, plain + plain);
}

TEST(Aes256Gcm, SealsAsNistDoes) {
  const auto vectors = read_vectors("aes256_gcm_encrypt.txt");
  EXPECT_EQ(vectors.size(), 100U);
  for (const auto& v : vectors) {
    const Bytes plain = v["PT"];
    Aes256Gcm gcm(v["Key"]);
    for (int again = 0; again < 2; ++again) {  // the second time in place, with the state of the first
      Bytes out = plain + Bytes(kGcmTagBytes, '\0');
      gcm.seal(v["IV"], v["AAD"], again == 0 ? BytesView(plain) : BytesView(out).substr(0, plain.size()),
               out);
      EXPECT_EQ(to_hex(out), to_hex(v["CT"] + v["Tag"]));
      Bytes opened(plain.size(), '\0');
      ASSERT_TRUE(gcm.open(v["IV"], v["AAD"], out, opened));
      EXPECT_EQ(opened, plain);
    }
    Bytes once(plain.size() + kGcmTagBytes, '\0');
    gcm_seal(v["Key"], v["IV"], v["AAD"], plain, once);
    EXPECT_EQ(to_hex(once), to_hex(v["CT"] + v["Tag"]));
  }
}

TEST(Aes256Gcm, OpensAndRefusesAsNistDoes) {
  const auto vectors = read_vectors("aes256_gcm_decrypt.txt");
  EXPECT_EQ(vectors.size(), 100U);
  int refused = 0;
  for (const auto& v : vectors) {
    Bytes out(v["CT"].size(), 'x');
    const auto result = gcm_open(v["Key"], v["IV"], v["AAD"], v["CT"] + v["Tag"], out);
    EXPECT_NE(result.has_value(), v.has("FAIL"));
    if (result) {
      EXPECT_EQ(to_hex(out), to_hex(v["PT"]));
    } else {
      ++refused;
      EXPECT_EQ(result.error(), Errc::Unauthentic);
      EXPECT_EQ(out, Bytes(out.size(), '\0')) << "what was not authentic must not stay";
    }
  }
  EXPECT_EQ(refused, 50);
}

TEST(Aes256Gcm, RefusesEveryFlippedBit) {
  const Bytes key(32, 'k');
  const Bytes nonce(12, 'n');
  Bytes sealed(20 + kGcmTagBytes, '\0');
  gcm_seal(key, nonce, "aad", Bytes(20, 'p'), sealed);
  Bytes out(20, '\0');
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes other = sealed;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(gcm_open(key, nonce, "aad", other, out)) << bit;
  }
  EXPECT_FALSE(gcm_open(key, nonce, "aae", sealed, out));
  EXPECT_FALSE(gcm_open(key, nonce, "", sealed, out));
  EXPECT_FALSE(gcm_open(key, Bytes(12, 'm'), "aad", sealed, out));
  EXPECT_TRUE(gcm_open(key, nonce, "aad", sealed, out)) << "a refusal leaves nothing behind";
  EXPECT_FALSE(gcm_open(key, nonce, "aad", BytesView(sealed).substr(0, 15), {}));
}

TEST(Aes256Gcm, OpensInPlace) {
  Aes256Gcm gcm(Bytes(32, 'k'));
  Bytes bytes(100'000, 'p');
  const Bytes plain = bytes;
  bytes.resize(plain.size() + kGcmTagBytes);
  gcm.seal(Bytes(12, 'n'), "", BytesView(bytes).substr(0, plain.size()), bytes);
  EXPECT_NE(bytes.substr(0, plain.size()), plain);
  Aes256Gcm moved = std::move(gcm);
  ASSERT_TRUE(moved.open(Bytes(12, 'n'), "", bytes, MutableBytes(bytes).first(plain.size())));
  EXPECT_EQ(bytes.substr(0, plain.size()), plain);
}

}  // namespace
}  // namespace beffroi::crypto
