// SPDX-License-Identifier: EUPL-1.2
#include "crypto/md5.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>
#include <thread>

#include "tests/unit/crypto/vectors.h"

namespace beffroi::crypto {
namespace {

Bytes openssl_md5(BytesView bytes) {
  Bytes out(16, '\0');
  EXPECT_EQ(EVP_Q_digest(nullptr, "MD5", nullptr, bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr), 1);
  return out;
}

TEST(Md5, FollowsRfc1321) {
  for (const auto& v : read_vectors("md5.txt")) {
    Md5Stream stream;
    stream.update(v["Msg"]);
    EXPECT_EQ(to_hex(stream.finish()), to_hex(v["MD"]));
  }
}

// Against OpenSSL's: every length around blocks, fed in two pieces.
TEST(Md5, EveryLengthInTwoPieces) {
  std::mt19937 random(7);
  Bytes message(300, '\0');
  for (char& c : message) c = static_cast<char>(random());
  for (std::size_t size = 0; size <= message.size(); ++size) {
    const BytesView whole = BytesView(message).substr(0, size);
    for (const std::size_t cut : {std::size_t{0}, size / 3, size}) {
      Md5Stream stream;
      stream.update(whole.substr(0, cut));
      stream.update(whole.substr(cut));
      ASSERT_EQ(to_hex(stream.finish()), to_hex(openssl_md5(whole))) << size << " cut at " << cut;
    }
  }
}

// One to eight streams side by side, in pieces of lengths of their own.
TEST(Md5, LanesDoNotDisturbEachOther) {
  std::mt19937 random(8);
  for (std::size_t streams = 1; streams <= kMd5Lanes; ++streams) {
    std::vector<Md5Stream> fed(streams);
    std::vector<Bytes> messages(streams);
    for (int turn = 0; turn < 20; ++turn) {
      std::vector<Bytes> pieces(streams);
      std::vector<Md5Feed> feeds;
      for (std::size_t i = 0; i < streams; ++i) {
        pieces[i].resize(random() % 1'000);
        for (char& c : pieces[i]) c = static_cast<char>(random());
        messages[i] += pieces[i];
        feeds.push_back({&fed[i], pieces[i]});
      }
      md5_update(feeds);
    }
    for (std::size_t i = 0; i < streams; ++i) ASSERT_EQ(to_hex(fed[i].finish()), to_hex(openssl_md5(messages[i]))) << streams << " " << i;
  }
}

TEST(Md5, AGangOfMoreThreadsThanLanes) {
  Md5Gang gang;
  std::vector<std::thread> threads;
  std::vector<int> same(3 * kMd5Lanes);
  for (std::size_t i = 0; i < same.size(); ++i) {
    threads.emplace_back([&gang, &same, i] {
      const Bytes piece(10'000 + i, static_cast<char>('a' + i));
      Md5Stream stream;
      Bytes message;
      for (int turn = 0; turn < 30; ++turn) {
        gang.update(stream, piece);
        message += piece;
      }
      same[i] = stream.finish() == openssl_md5(message);
    });
  }
  for (std::thread& t : threads) t.join();
  for (std::size_t i = 0; i < same.size(); ++i) EXPECT_TRUE(same[i]) << i;
}

}  // namespace
}  // namespace beffroi::crypto
