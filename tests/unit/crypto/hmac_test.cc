// SPDX-License-Identifier: EUPL-1.2
#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

TEST(Hmac, FollowsRfc4231) {
  const auto vectors = read_vectors("hmac_sha256.txt");
  EXPECT_EQ(vectors.size(), 6U);
  for (const auto& v : vectors) {
    const Bytes message = v["Msg"];
    EXPECT_EQ(to_hex(hmac_sha256(v["Key"], message)), to_hex(v["MD"]));
    const HmacSha256 keyed(v["Key"]);
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(to_hex(keyed.mac(message)), to_hex(v["MD"]));
      EXPECT_EQ(to_hex(keyed.mac({BytesView(message).substr(0, 5), "", BytesView(message).substr(5)})),
                to_hex(v["MD"]));
    }
  }
}

TEST(Hmac, ServesSeveralThreads) {
  const HmacSha256 keyed("Jefe");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([&keyed, &count] {
      for (int i = 0; i < 2000; ++i) {
        // RFC 4231, test case 2.
        if (to_hex(keyed.mac("what do ya want for nothing?")) !=
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843") {
          ++count;
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Hkdf, FollowsRfc5869) {
  const auto vectors = read_vectors("hkdf_sha256.txt");
  EXPECT_EQ(vectors.size(), 3U);
  for (const auto& v : vectors) {
    const Bytes expected = v["OKM"];
    EXPECT_EQ(to_hex(hkdf_sha256(v["IKM"], v["salt"], v["info"], expected.size()).reveal()),
              to_hex(expected));
    EXPECT_EQ(to_hex(hkdf_sha256(v["IKM"], v["salt"], v["info"], 31).reveal()),
              to_hex(expected.substr(0, 31)));
  }
}

}  // namespace
}  // namespace beffroi::crypto
