// SPDX-License-Identifier: EUPL-1.2
#include "server/http/response_head.h"

#include <gtest/gtest.h>

#include <ctime>

namespace beffroi::http {
namespace {

TEST(ResponseHead, writes_status_and_fields_in_order) {
  ResponseHead head(206);
  head.add("ETag", "\"a\"")
      .add("x-amz-meta-a", "caf\xc3\xa9\t!")
      .add("Age", std::uint64_t{18446744073709551615u});
  EXPECT_EQ(head.text(),
            "HTTP/1.1 206 Partial Content\r\nETag: \"a\"\r\nx-amz-meta-a: caf\xc3\xa9\t!\r\n"
            "Age: 18446744073709551615\r\n");
}

TEST(ResponseHead, no_value_can_end_its_line) {
  std::string hostile = "a\r\nSet-Cookie: b";
  for (int c = 0; c < 256; ++c) hostile += static_cast<char>(c);
  ResponseHead head(200);
  head.add("X-A", hostile);
  const std::string line = head.text().substr(head.text().find("X-A"));
  EXPECT_EQ(line.find_first_of("\r\n"), line.size() - 2);
  EXPECT_EQ(line.find('\0'), line.npos);
  EXPECT_FALSE(ResponseHead::valid_value(hostile));
  EXPECT_FALSE(ResponseHead::valid_value("a\x7f"));
  EXPECT_TRUE(ResponseHead::valid_value("a\tb \xff"));
}

TEST(ResponseHead, a_name_that_is_no_token_is_left_out) {
  ResponseHead head(200);
  const std::string before = head.text();
  for (const char* name : {"", "X-A:", "X A", "X\r\nA", "caf\xc3\xa9", "X/A"}) {
    head.add(name, "b").add(name, std::uint64_t{1});
    EXPECT_FALSE(ResponseHead::valid_name(name));
  }
  EXPECT_EQ(head.text(), before);
  EXPECT_TRUE(ResponseHead::valid_name("x-amz-meta-!#$%&'*+.^_`|~09AZ"));
}

TEST(ResponseHeadDeathTest, a_status_is_final) {
  EXPECT_DEATH(ResponseHead(100), "check failed");
}

TEST(HttpDate, is_the_one_of_the_standard) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110, 5.6.7
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, agrees_with_the_c_library) {
  for (std::int64_t t = 1; t < 4'000'000'000; t += 86'399 * 37) {
    const std::time_t time = t;
    char text[64];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&time));
    ASSERT_EQ(http_date(t), text);
  }
}

}  // namespace
}  // namespace beffroi::http
