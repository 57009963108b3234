// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_record.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "crypto/utf8.h"

namespace beffroi::storage {
namespace {

AuditRecord full() {
  AuditRecord r;
  r.ms = 1'767'225'599'007;
  r.collectivity = CollectivityId{16};
  r.sequence = 42;
  r.user = "marie";
  r.user_id = "00112233445566778899aabbccddeeff";
  r.access_key = "BFAAAAAAAAAAAAAAAAAA";
  r.operator_name = "opsn";
  r.source = "2001:db8::1";
  r.operation = "PutBucketPolicy";
  r.bucket = "deliberations";
  r.key = "2026/\xC3\xA9t\xC3\xA9.pdf";
  r.version = "V";
  r.outcome = AuditOutcome::Failed;
  r.error = "InternalError";
  r.bytes = 1'024;
  r.request_id = "R";
  r.reason = "because";
  r.before = "{\"a\":1}";
  r.after = "{}";
  return r;
}

TEST(AuditRecord, EveryMemberInOrder) {
  EXPECT_EQ(
      encode(full()),
      R"({"access_key":"BFAAAAAAAAAAAAAAAAAA","after":"{}","before":"{\"a\":1}","bucket":"deliberations","bytes":1024,)"
      R"("collectivity":16,"error":"InternalError","key":"2026/été.pdf","operation":"PutBucketPolicy","operator":"opsn",)"
      R"("outcome":"failed","reason":"because","request_id":"R","seq":42,"source":"2001:db8::1",)"
      R"("time":"2025-12-31T23:59:59.007Z","user":"marie","user_id":"00112233445566778899aabbccddeeff","version":"V"})");
}

TEST(AuditRecord, TheLeast) {
  AuditRecord r;
  r.collectivity = kAppliance;
  r.outcome = AuditOutcome::Denied;
  EXPECT_EQ(encode(r), R"({"collectivity":1,"outcome":"denied","seq":0,"time":"1970-01-01T00:00:00.000Z"})");
}

TEST(AuditRecord, StringsAsRfc8785WritesThem) {
  AuditRecord r;
  // The example of RFC 8785 §3.2.2 as a UTF-8 text: euro sign, dollar, U+000F, line feed, A, ', B, ", \, \, ", /
  r.reason =
      "\xE2\x82\xAC$\x0F\x0A"
      "A'B\"\\\\\"/";
  EXPECT_NE(encode(r).find(R"("reason":"€$\u000f\nA'B\"\\\\\"/")"), Bytes::npos) << encode(r);
  r.reason = Bytes("\0\b\t\n\f\r\x1F\x7F", 8);
  EXPECT_NE(encode(r).find("\"reason\":\"\\u0000\\b\\t\\n\\f\\r\\u001f\x7F\""), Bytes::npos) << encode(r);
}

TEST(AuditRecord, WhatIsNotUtf8IsGivenInBase64) {
  AuditRecord r;
  r.key = "caf\xE9";
  EXPECT_EQ(
      encode(r),
      R"({"collectivity":0,"key_base64":"Y2Fm6Q==","outcome":"allowed","seq":0,"time":"1970-01-01T00:00:00.000Z"})");
}

TEST(AuditRecord, NumbersThatReadersWouldRoundAreStrings) {
  AuditRecord r;
  r.bytes = 9'007'199'254'740'991;
  EXPECT_NE(encode(r).find(R"("bytes":9007199254740991,)"), Bytes::npos);
  r.bytes = 9'007'199'254'740'992;
  EXPECT_NE(encode(r).find(R"("bytes":"9007199254740992",)"), Bytes::npos);
  r.bytes = ~std::uint64_t{0};
  EXPECT_NE(encode(r).find(R"("bytes":"18446744073709551615",)"), Bytes::npos);
}

// Any bytes in every text: the result is UTF-8 without control characters, and its member names ascend.
TEST(AuditRecord, AnyBytesGiveCanonicalMembers) {
  const unsigned seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    AuditRecord r = full();
    for (std::string* text :
         {&r.user, &r.user_id, &r.access_key, &r.operator_name, &r.source, &r.operation, &r.bucket, &r.key,
          &r.version, &r.error, &r.request_id, &r.reason, &r.before, &r.after}) {
      text->clear();
      for (unsigned n = random() % 4; n > 0; --n) *text += static_cast<char>(random());
    }
    const Bytes json = encode(r);
    ASSERT_TRUE(valid_utf8(json));
    std::string last_name, text;
    bool in_string = false, is_escaped = false;
    for (const char c : json) {
      ASSERT_GE(static_cast<unsigned char>(c), 0x20);
      if (in_string && is_escaped) {
        is_escaped = false;
      } else if (in_string && c == '\\') {
        is_escaped = true;
      } else if (c == '"') {
        in_string = !in_string;
        if (in_string) text.clear();
      } else if (in_string) {
        text += c;
      } else if (c == ':') {
        EXPECT_LT(last_name, text);
        last_name = text;
      }
    }
  }
}

TEST(Rfc3339, AgreesWithTheLibraryOfC) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 5'000; ++i) {
    const std::int64_t ms = static_cast<std::int64_t>(random() % 253'402'300'800'000);
    const std::time_t seconds = ms / 1'000;
    std::tm tm{};
    gmtime_r(&seconds, &tm);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    const std::string thousandths = std::to_string(1'000 + ms % 1'000).substr(1);
    EXPECT_EQ(rfc3339(ms), std::string(text) + "." + thousandths + "Z") << ms;
  }
  EXPECT_EQ(rfc3339(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
}

TEST(Utf8, TheEdgesOfRfc3629) {
  for (const char* good : {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(valid_utf8(good));
    EXPECT_TRUE(valid_utf8("seventeen letters" + std::string(good)));
  }
  for (const char* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2",
                          "\xC2"
                          "a",
                          "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
                          "\xF0\x90\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82\xC2"}) {
    EXPECT_FALSE(valid_utf8(bad));
    EXPECT_FALSE(valid_utf8("sixteen letters." + std::string(bad)));
  }
}

}  // namespace
}  // namespace beffroi::storage
