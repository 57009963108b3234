// SPDX-License-Identifier: EUPL-1.2
#include "server/log.h"

#include <gtest/gtest.h>

#include <string>

namespace beffroi {
namespace {

std::string logged(LogLevel level, std::initializer_list<LogField> fields) {
  testing::internal::CaptureStderr();
  log(level, "an event", fields);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, is_one_json_object_a_line) {
  const std::string line = logged(LogLevel::Warning, {{"text", "a\"b\\c\n\x01"},
                                                      {"count", 3u},
                                                      {"flag", true},
                                                      {"name", std::string("Cr\xc3\xa9py")},
                                                      {"bad", "\xff"}});
  const std::size_t start = line.find("\"level\"");
  ASSERT_NE(start, line.npos);
  EXPECT_EQ(line.substr(start),
            R"("level":"warning","event":"an event","text":"a\"b\\c\u000a\u0001","count":3,"flag":true,)"
            "\"name\":\"Cr\xc3\xa9py\",\"bad\":\"\\u00ff\"}\n");
}

TEST(Log, a_level_hides_what_is_below) {
  EXPECT_FALSE(set_log_level("loud"));
  ASSERT_TRUE(set_log_level("error"));
  EXPECT_EQ(logged(LogLevel::Warning, {}), "");
  EXPECT_NE(logged(LogLevel::Error, {}), "");
  ASSERT_TRUE(set_log_level("info"));
  EXPECT_EQ(logged(LogLevel::Debug, {}), "");
}

}  // namespace
}  // namespace beffroi
