// SPDX-License-Identifier: EUPL-1.2
#include "server/http/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace beffroi::http {
namespace {

TEST(RequestHead, gives_views_of_what_was_sent) {
  const std::string bytes =
      "PUT /b/k%20?partNumber=1&uploadId=a?b HTTP/1.1\r\n"
      "Host: commune.d.test:8443\r\n"
      "x-amz-meta-a:  two words \t\r\n"
      "X-Amz-Meta-B:\r\n"
      "Content-Length: 12\r\n"
      "\r\n"
      "hello, world";
  RequestHead head;
  const Result<std::size_t> parsed = head.parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(bytes.substr(*parsed), "hello, world");
  EXPECT_EQ(head.method(), "PUT");
  EXPECT_EQ(head.target(), "/b/k%20?partNumber=1&uploadId=a?b");
  EXPECT_EQ(head.path(), "/b/k%20");
  EXPECT_EQ(head.query(), "partNumber=1&uploadId=a?b");
  EXPECT_EQ(head.host(), "commune.d.test:8443");
  EXPECT_EQ(head.content_length(), 12u);
  EXPECT_EQ(head.fields().size(), 4u);
  EXPECT_EQ(head.field("X-AMZ-META-A"), "two words");
  EXPECT_EQ(head.field("x-amz-meta-b"), "");
  EXPECT_EQ(head.field("x-amz-meta-c"), std::nullopt);
  EXPECT_EQ(head.count("host"), 1u);
  EXPECT_EQ(head.fields()[1].name, "x-amz-meta-a");
  EXPECT_TRUE(head.keep_alive());
  EXPECT_FALSE(head.chunked());
  EXPECT_FALSE(head.expects_continue());
  for (const Field& field : head.fields()) {
    EXPECT_GE(field.name.data(), bytes.data());
    EXPECT_LE(field.value.data() + field.value.size(), bytes.data() + *parsed);
  }
}

TEST(RequestHead, tells_an_empty_query_from_none) {
  RequestHead head;
  ASSERT_TRUE(head.parse("GET /a? HTTP/1.1\r\nHost: d\r\n\r\n"));
  EXPECT_TRUE(head.has_query());
  EXPECT_EQ(head.query(), "");
  ASSERT_TRUE(head.parse("GET /a HTTP/1.1\r\nHost: d\r\n\r\n"));
  EXPECT_FALSE(head.has_query());
}

TEST(RequestHead, forgets_the_head_before) {
  RequestHead head;
  ASSERT_TRUE(
      head.parse("PUT /a HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_TRUE(head.chunked());
  EXPECT_TRUE(head.expects_continue());
  ASSERT_TRUE(head.parse("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(head.chunked());
  EXPECT_FALSE(head.expects_continue());
  EXPECT_EQ(head.host(), "");
  EXPECT_TRUE(head.fields().empty());
}

struct KeepAlive {
  const char* version;
  const char* fields;
  bool keeps;
};

TEST(RequestHead, keeps_the_connection_as_the_version_and_the_tokens_say) {
  for (const KeepAlive& row :
       {KeepAlive{"1.1", "", true}, KeepAlive{"1.1", "Connection: close\r\n", false},
        KeepAlive{"1.1", "Connection: Close\r\n", false},
        KeepAlive{"1.1", "Connection: TE, close\r\n", false},
        KeepAlive{"1.1", "Connection: closed\r\n", true},
        KeepAlive{"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        KeepAlive{"1.0", "", false}, KeepAlive{"1.0", "Connection: keep-alive\r\n", true},
        KeepAlive{"1.0", "Connection: Keep-Alive, close\r\n", false}}) {
    const std::string bytes =
        std::string("GET / HTTP/") + row.version + "\r\nHost: d\r\n" + row.fields + "\r\n";
    RequestHead head;
    ASSERT_TRUE(head.parse(bytes));
    EXPECT_EQ(head.keep_alive(), row.keeps) << bytes;
  }
}

TEST(RequestHead, says_which_limit_was_passed) {
  RequestHead head;
  const std::string long_target = "GET /" + std::string(kTargetBytesMax, 'a');
  EXPECT_EQ(head.parse(long_target + " HTTP/1.1\r\n").error(), Errc::TargetTooLong);
  EXPECT_EQ(head.parse(long_target + std::string(64, 'a')).error(), Errc::TargetTooLong);
  EXPECT_EQ(head.parse("GET / HTTP/1.1\r\nA: " + std::string(kHeadBytesMax, 'a')).error(),
            Errc::HeadTooLarge);
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= kFieldsMax; ++i) many += "A: b\r\n";
  EXPECT_EQ(head.parse(many).error(), Errc::HeadTooLarge);
  EXPECT_EQ(head.parse("GET / HTTP/3.0\r\n").error(), Errc::VersionUnsupported);
  EXPECT_EQ(head.parse("GET / HTTP/1.1 \r\n").error(), Errc::BadRequest);
}

TEST(RequestHead, a_head_of_exactly_the_limit_is_read) {
  const std::string start = "GET / HTTP/1.1\r\nHost: d\r\nA: ";
  const std::string end = "\r\n\r\n";
  RequestHead head;
  const std::string fits = start + std::string(kHeadBytesMax - start.size() - end.size(), 'a') + end;
  EXPECT_EQ(head.parse(fits).value(), kHeadBytesMax);
  const std::string over = start + std::string(kHeadBytesMax - start.size() - end.size() + 1, 'a') + end;
  EXPECT_EQ(head.parse(over).error(), Errc::HeadTooLarge);
}

}  // namespace
}  // namespace beffroi::http
