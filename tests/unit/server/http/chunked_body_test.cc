// SPDX-License-Identifier: EUPL-1.2
#include "server/http/chunked_body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>

namespace beffroi::http {
namespace {

TEST(ChunkedBody, leaves_the_bytes_after_the_end_alone) {
  const std::string bytes = "3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
  ChunkedBody body;
  const Result<ChunkedBody::Step> data = body.next(bytes);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->data, "abc");
  const Result<ChunkedBody::Step> end = body.next(BytesView(bytes).substr(data->consumed));
  ASSERT_TRUE(end);
  EXPECT_TRUE(body.done());
  EXPECT_EQ(bytes.substr(data->consumed + end->consumed), "GET / HTTP/1.1\r\n");
  const Result<ChunkedBody::Step> after = body.next("GET");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->consumed, 0u);
}

TEST(ChunkedBody, an_error_is_sticky) {
  ChunkedBody body;
  EXPECT_EQ(body.next("x").error(), Errc::BadFraming);
  EXPECT_EQ(body.next("0\r\n\r\n").error(), Errc::BadFraming);
  EXPECT_FALSE(body.done());
}

TEST(ChunkedBody, any_chunks_in_any_pieces_give_the_data_back) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  for (int round = 0; round < 200; ++round) {
    std::string data, sent;
    for (std::size_t chunks = below(20); chunks > 0; --chunks) {
      std::string chunk(1 + below(round % 2 ? 300 : 5), '\0');
      for (char& c : chunk) c = "\r\n0a;"[below(5)];
      char size[24];
      std::snprintf(size, sizeof size, below(2) ? "%zx\r\n" : "%04zX\r\n", chunk.size());
      data += chunk;
      sent += size + chunk + "\r\n";
    }
    sent += "0\r\n\r\n";
    ChunkedBody body;
    std::string got;
    for (std::size_t at = 0; at < sent.size();) {
      ASSERT_FALSE(body.done());
      const Result<ChunkedBody::Step> step = body.next(BytesView(sent).substr(at, 1 + below(50)));
      ASSERT_TRUE(step);
      ASSERT_GT(step->consumed, 0u);
      at += step->consumed;
      got += step->data;
    }
    EXPECT_TRUE(body.done());
    EXPECT_EQ(got, data);
  }
}

}  // namespace
}  // namespace beffroi::http
