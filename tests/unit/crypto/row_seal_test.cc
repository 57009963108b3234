// SPDX-License-Identifier: EUPL-1.2
#include "crypto/row_seal.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <set>
#include <thread>
#include <vector>

#include "crypto/errors.h"
#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

const Bytes kNonce = "ABCDEFGHIJKLMNOPQRSTUVWX";

// https://c2sp.org/XAES-256-GCM, "Test vectors": the two of which the second has a subkey with a carry.
TEST(Xaes, FollowsTheSpecification) {
  const Bytes first = xaes_seal(Bytes(32, '\1'), kNonce, "XAES-256-GCM", "");
  EXPECT_EQ(to_hex(first), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
  const Bytes second = xaes_seal(Bytes(32, '\3'), kNonce, "XAES-256-GCM", "c2sp.org/XAES-256-GCM");
  EXPECT_EQ(to_hex(second), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
  const auto opened = xaes_open(Bytes(32, '\3'), kNonce, second, "c2sp.org/XAES-256-GCM");
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, "XAES-256-GCM");
  EXPECT_EQ(xaes_open(Bytes(32, '\3'), kNonce, second, "").error(), Errc::Unauthentic);
  EXPECT_EQ(xaes_open(Bytes(32, '\3'), kNonce, BytesView(second).substr(0, 15), "").error(), Errc::BadFormat);
}

Bytes shake128(BytesView message, std::size_t n) {
  Bytes out(n, '\0');
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EXPECT_EQ(EVP_DigestInit_ex(context, EVP_shake128(), nullptr), 1);
  EXPECT_EQ(EVP_DigestUpdate(context, message.data(), message.size()), 1);
  EXPECT_EQ(EVP_DigestFinalXOF(context, reinterpret_cast<unsigned char*>(out.data()), out.size()), 1);
  EVP_MD_CTX_free(context);
  return out;
}

// The same page, "Accumulated randomized tests", 10 000 iterations: inputs are read from SHAKE-128(""), outputs are hashed by it.
TEST(Xaes, FollowsTheAccumulatedTest) {
  const Bytes stream = shake128("", 4 << 20);
  ByteReader random(stream);
  Bytes outputs;
  for (int i = 0; i < 10'000; ++i) {
    const BytesView key = random.take(32);
    const BytesView nonce = random.take(24);
    const BytesView plain = random.take(random.le<std::uint8_t>());
    const BytesView aad = random.take(random.le<std::uint8_t>());
    ASSERT_TRUE(random.ok());
    const Bytes sealed = xaes_seal(key, nonce, plain, aad);
    const auto opened = xaes_open(key, nonce, sealed, aad);
    ASSERT_TRUE(opened);
    ASSERT_EQ(*opened, plain);
    outputs += sealed;
  }
  EXPECT_EQ(to_hex(shake128(outputs, 32)),
            "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST(RowSealer, IsXaesBehindAHeader) {
  const Bytes key(32, 'r');
  const RowSealer sealer(RowKey(key), 0x0102);
  EXPECT_EQ(sealer.generation(), 0x0102);
  for (std::size_t n : {0, 1, 16, 300, 5000}) {
    const Bytes row(n, 'v');
    const Bytes sealed = sealer.seal({2, "full key"}, row);
    ASSERT_EQ(sealed.size(), n + kSealedRowOverheadBytes);
    EXPECT_EQ(to_hex(sealed.substr(0, 3)), "010201");
    const auto by_hand = xaes_open(key, sealed.substr(3, 24), sealed.substr(27), "beffroi/row/1\2full key");
    ASSERT_TRUE(by_hand);
    EXPECT_EQ(*by_hand, row);
    const auto opened = sealer.open({2, "full key"}, sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, row);
  }
}

TEST(RowSealer, BindsPlaceAndKey) {
  const RowSealer sealer(random_key<RowKey>(), 1);
  const RowSealer stranger(random_key<RowKey>(), 1);
  const Bytes sealed = sealer.seal({2, "key"}, "value");
  EXPECT_EQ(sealer.open({3, "key"}, sealed).error(), Errc::Unauthentic);
  EXPECT_EQ(sealer.open({2, "kez"}, sealed).error(), Errc::Unauthentic);
  EXPECT_EQ(sealer.open({2, "ke"}, sealed).error(), Errc::Unauthentic);
  EXPECT_EQ(sealer.open({2, ""}, sealed).error(), Errc::Unauthentic);
  EXPECT_EQ(stranger.open({2, "key"}, sealed).error(), Errc::Unauthentic);
}

TEST(RowSealer, NamesWhatIsWrong) {
  const RowKey key = random_key<RowKey>();
  const RowSealer sealer(key, 1);
  const RowSealer next(key, 2);
  const Bytes sealed = sealer.seal({2, "key"}, "value");
  EXPECT_EQ(next.open({2, "key"}, sealed).error(), Errc::UnknownKey);
  EXPECT_EQ(sealer.open({2, "key"}, "\2" + sealed.substr(1)).error(), Errc::NewerFormat);
  EXPECT_EQ(sealer.open({2, "key"}, Bytes(1, '\0') + sealed.substr(1)).error(), Errc::BadFormat);
  EXPECT_EQ(sealer.open({2, "key"}, "").error(), Errc::BadFormat);
  for (std::size_t n = 1; n < sealed.size(); ++n) {
    EXPECT_TRUE(sealer.open({2, "key"}, BytesView(sealed).substr(0, n)).has_error()) << n;
  }
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes other = sealed;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_TRUE(sealer.open({2, "key"}, other).has_error()) << bit;
  }
}

TEST(RowSealer, DrawsANonceForEachSeal) {
  const RowSealer sealer(random_key<RowKey>(), 1);
  std::set<Bytes> fingerprints;
  for (int i = 0; i < 1000; ++i) {
    const Bytes sealed = sealer.seal({2, "key"}, "value");
    const auto fingerprint = seal_fingerprint(sealed);
    ASSERT_TRUE(fingerprint);
    EXPECT_EQ(*fingerprint, sealed.substr(3, 24) + sealed.substr(sealed.size() - 16));
    EXPECT_TRUE(fingerprints.insert(fingerprint->substr(0, 24)).second);
  }
  EXPECT_EQ(seal_fingerprint(Bytes(42, '\1')).error(), Errc::BadFormat);
}

TEST(RowSealer, ServesSeveralThreadsAndKeys) {
  std::vector<RowSealer> sealers;
  for (std::uint16_t g = 0; g < 3; ++g) sealers.emplace_back(random_key<RowKey>(), g);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([&sealers, &count] {
      for (int i = 0; i < 900; ++i) {
        const RowSealer& sealer = sealers[static_cast<std::size_t>(i) % 3];
        const Bytes row(static_cast<std::size_t>(i), 'v');
        const auto opened = sealer.open({2, "key"}, sealer.seal({2, "key"}, row));
        if (!opened || *opened != row) ++count;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace beffroi::crypto
