// SPDX-License-Identifier: EUPL-1.2
// Header readers: stored headers, ranges, dates, conditions, percent-encoding, tokens.
#include "server/s3/headers.h"

#include <gtest/gtest.h>

#include "crypto/md5.h"
#include "server/http/response_head.h"
#include "server/s3/conditions.h"
#include "server/s3/customer_key.h"
#include "server/s3/dates.h"
#include "server/s3/list_token.h"
#include "server/s3/payload.h"
#include "server/s3/percent.h"
#include "server/s3/range.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

TestRequest with(const std::string& name, const std::string& value) {
  TestRequest request("PUT", "/b/k");
  request.header(name, value);
  return request;
}

TEST(Headers, StoresContentHeadersWithoutAwsChunked) {
  TestRequest request("PUT", "/b/k");
  request.header("content-type", "text/csv; charset=utf-8")
      .header("Content-Encoding", "aws-chunked, gzip ,br")
      .header("CACHE-CONTROL", "max-age=1")
      .header("Expires", "whatever the client said")
      .header("X-Amz-Meta-Seal", "s\xE9quence")
      .header("x-amz-meta-a", "1")
      .header("x-amz-meta-A", "2");
  const storage::ObjectHeaders headers = *object_headers(request.headers());
  EXPECT_EQ(headers.content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(headers.content_encoding, "gzip, br");
  EXPECT_EQ(headers.cache_control, "max-age=1");
  EXPECT_EQ(headers.expires, "whatever the client said");
  const std::vector<std::pair<std::string, std::string>> metadata = {{"a", "1,2"}, {"seal", "s\xE9quence"}};
  EXPECT_EQ(headers.metadata, metadata);
  TestRequest only = with("Content-Encoding", "aws-chunked");
  EXPECT_EQ(object_headers(only.headers())->content_encoding, "");
}

TEST(Headers, BoundsUserMetadata) {
  TestRequest full = with("x-amz-meta-ab", std::string(2046, 'v'));
  EXPECT_TRUE(object_headers(full.headers()));
  TestRequest over = with("x-amz-meta-ab", std::string(2047, 'v'));
  EXPECT_EQ(code_of(object_headers(over.headers())), Code::MetadataTooLarge);
  TestRequest nameless = with("x-amz-meta-", "v");
  EXPECT_EQ(code_of(object_headers(nameless.headers())), Code::InvalidArgument);
}

TEST(Headers, JudgesWhereAPageMoved) {
  for (const char* good : {"/", "/a b", "http://x", "https://x/y"}) EXPECT_TRUE(check_redirect_location(good)) << good;
  for (const char* bad : {"", "x", "javascript:alert(1)", "//\n", "ftp://x"}) {
    EXPECT_EQ(code_of(check_redirect_location(bad)), Code::InvalidRedirectLocation) << bad;
  }
  EXPECT_EQ(code_of(check_redirect_location("/" + std::string(2048, 'x'))), Code::InvalidRedirectLocation);
}

TEST(Headers, OverridesAnswerHeadersFromTheQuery) {
  storage::ObjectHeaders stored;
  stored.content_type = "text/plain";
  stored.expires = "never";
  const Query query =
      *Query::parse("response-content-type=text%2Fcsv&response-content-disposition=attachment");
  const storage::ObjectHeaders headers = *with_response_overrides(stored, query);
  EXPECT_EQ(headers.content_type, "text/csv");
  EXPECT_EQ(headers.content_disposition, "attachment");
  EXPECT_EQ(headers.expires, "never");
  const Query split = *Query::parse("response-content-type=a%0D%0ASet-Cookie:%20x");
  EXPECT_EQ(code_of(with_response_overrides(stored, split)), Code::InvalidArgument);
}

TEST(Headers, RefusesWhatIsNotThere) {
  const std::pair<const char*, const char*> good[] = {
      {"x-amz-storage-class", "STANDARD"},
      {"x-amz-server-side-encryption", "AES256"},
      {"x-amz-bucket-object-lock-enabled", "false"},
      {"x-amz-meta-x-amz-acl", "public-read"},
  };
  for (const auto& [name, value] : good) {
    TestRequest request = with(name, value);
    EXPECT_TRUE(check_write_headers(request.headers(), Writes::Object)) << name << value;
  }
  const std::tuple<const char*, const char*, Code> bad[] = {
      {"x-amz-storage-class", "GLACIER", Code::InvalidStorageClass},
      {"x-amz-server-side-encryption", "aws:kms", Code::NotImplemented},
      {"x-amz-server-side-encryption", "ROT13", Code::InvalidArgument},
      {"x-amz-server-side-encryption-aws-kms-key-id", "k", Code::InvalidArgument},
      {"x-amz-server-side-encryption-context", "e30=", Code::NotImplemented},
      {"x-amz-server-side-encryption-customer-keys", "k", Code::NotImplemented},
      {"x-amz-copy-source-server-side-encryption-customer-key", "k", Code::NotImplemented},
      {"x-amz-website-redirect-location", "elsewhere", Code::InvalidRedirectLocation},
  };
  for (const auto& [name, value, code] : bad) {
    TestRequest request = with(name, value);
    EXPECT_EQ(code_of(check_write_headers(request.headers(), Writes::Object)), code) << name << value;
  }
}

TEST(Headers, LetCustomersKeysPassWhereTheyAreTaken) {
  for (const char* name : {"algorithm", "key", "key-MD5"}) {
    TestRequest object = with(std::string("x-amz-server-side-encryption-customer-") + name, "v");
    EXPECT_TRUE(check_write_headers(object.headers(), Writes::Object)) << name;
    EXPECT_EQ(code_of(check_write_headers(object.headers(), Writes::Bucket)), Code::NotImplemented) << name;
    TestRequest copy = with(std::string("x-amz-copy-source-server-side-encryption-customer-") + name, "v");
    copy.header("x-amz-copy-source", "/b/k");
    EXPECT_TRUE(check_write_headers(copy.headers(), Writes::Object)) << name;
  }
  TestRequest twice = with("x-amz-server-side-encryption", "AES256");
  twice.header("x-amz-server-side-encryption", "aws:kms");
  EXPECT_EQ(code_of(check_write_headers(twice.headers(), Writes::Object)), Code::InvalidArgument);
}

TEST(CustomerKeys, AreReadWholeOrRefused) {
  const std::string key(32, 'k'), key64 = to_base64(key), md5 = to_base64(crypto::md5(key));
  const auto read = [](std::string algorithm, std::string value, std::string md5_of_it, const char* encryption = nullptr) {
    TestRequest request("PUT", "/b/k");
    const std::string family = "x-amz-server-side-encryption-customer-";
    if (!algorithm.empty()) request.header(family + "algorithm", algorithm);
    if (!value.empty()) request.header(family + "key", value);
    if (!md5_of_it.empty()) request.header(family + "key-MD5", md5_of_it);
    if (encryption) request.header("x-amz-server-side-encryption", encryption);
    return read_customer_key(request.headers(), KeyOf::Object);
  };
  const auto good = read("AES256", key64, md5);
  ASSERT_TRUE(good && *good);
  EXPECT_EQ((*good)->key.reveal(), key);
  EXPECT_EQ((*good)->md5, md5);
  const auto none = read("", "", "");
  EXPECT_TRUE(none && !*none);
  EXPECT_EQ(code_of(read("", key64, md5)), Code::InvalidArgument);
  EXPECT_EQ(code_of(read("AES256", "", md5)), Code::InvalidArgument);
  EXPECT_EQ(code_of(read("AES256", key64, "")), Code::InvalidArgument);
  EXPECT_EQ(code_of(read("aws:kms", key64, md5)), Code::InvalidEncryptionAlgorithmError);
  EXPECT_EQ(code_of(read("AES256", to_base64(key.substr(1)), md5)), Code::InvalidArgument);
  EXPECT_EQ(code_of(read("AES256", "!" + key64, md5)), Code::InvalidArgument);
  EXPECT_EQ(code_of(read("AES256", key64, to_base64(crypto::md5("other")))), Code::InvalidArgument);
  EXPECT_EQ(code_of(read("AES256", key64, md5, "AES256")), Code::InvalidArgument);
  // The source's family is its own.
  TestRequest source = with("x-amz-copy-source-server-side-encryption-customer-algorithm", "AES256");
  EXPECT_TRUE(read_customer_key(source.headers(), KeyOf::Object));
  EXPECT_EQ(code_of(read_customer_key(source.headers(), KeyOf::CopySource)), Code::InvalidArgument);
}

TEST(Headers, ReadsDirectivesAndNumbers) {
  TestRequest none("PUT", "/b/k");
  EXPECT_FALSE(*metadata_replaced(none.headers()));
  TestRequest replace = with("x-amz-metadata-directive", "REPLACE");
  EXPECT_TRUE(*metadata_replaced(replace.headers()));
  TestRequest other = with("x-amz-metadata-directive", "MERGE");
  EXPECT_EQ(code_of(metadata_replaced(other.headers())), Code::InvalidArgument);
  EXPECT_EQ(parse_decimal("0"), 0u);
  EXPECT_EQ(parse_decimal("9223372036854775807"), 9223372036854775807u);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "99999999999999999999"}) {
    EXPECT_FALSE(parse_decimal(bad)) << bad;
  }
}

TEST(Range, FollowsTheTable) {
  struct Case {
    const char* header;
    std::uint64_t size;
    std::optional<ByteRange> bytes;  // nothing: 416
  };
  const Case cases[] = {
      {"bytes=0-9", 100, ByteRange{0, 10}},
      {"bytes=90-", 100, ByteRange{90, 10}},
      {"bytes=-10", 100, ByteRange{90, 10}},
      {"bytes=-200", 100, ByteRange{0, 100}},
      {"bytes=99-200", 100, ByteRange{99, 1}},
      {"Bytes=0-0", 1, ByteRange{0, 1}},
      {"bytes= 1 - 2", 5, ByteRange{1, 2}},
      {"bytes=100-", 100, {}},
      {"bytes=-0", 100, {}},
      {"bytes=0-", 0, {}},
      {"bytes=-1", 0, {}},
      {"bytes=9223372036854775807-", 100, {}},
      {"bytes=0-9223372036854775807", 3, ByteRange{0, 3}},
  };
  for (const Case& c : cases) {
    const auto spec = parse_range(c.header);
    ASSERT_TRUE(spec) << c.header;
    S3Result<ByteRange> range = resolve_range(*spec, c.size);
    if (c.bytes) {
      ASSERT_TRUE(range) << c.header;
      EXPECT_EQ(*range, *c.bytes) << c.header;
    } else {
      EXPECT_EQ(code_of(range), Code::InvalidRange) << c.header;
      EXPECT_EQ(field_of(range.error(), "ActualObjectSize"), std::to_string(c.size));
    }
  }
  for (const char* ignored :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes 0-1",
        "bytes=0-1-2", "bytes=--1", "bytes=+1-2", "bytes=1"}) {
    EXPECT_FALSE(parse_range(ignored)) << ignored;
  }
  EXPECT_EQ(content_range({90, 10}, 100), "bytes 90-99/100");
}

TEST(Range, CopyRangesAreExact) {
  EXPECT_EQ(*parse_copy_range("bytes=0-4", 5), (ByteRange{0, 5}));
  EXPECT_EQ(code_of(parse_copy_range("bytes=0-5", 5)), Code::InvalidRange);
  for (const char* bad : {"bytes=1-", "bytes=-1", "0-4", "bytes=0-1,2-3", ""}) {
    EXPECT_EQ(code_of(parse_copy_range(bad, 5)), Code::InvalidArgument) << bad;
  }
}

TEST(Dates, ReadAndWriteTheExamplesOfRfc9110) {
  const std::int64_t ms = 784'111'777'000;  // 1994-11-06T08:49:37Z, RFC 9110 section 5.6.7
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), ms);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 +0000"), ms);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 -0000"), ms);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), ms);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), ms);
  EXPECT_EQ(parse_basic_date("19941106T084937Z"), ms);
  EXPECT_EQ(basic_date(ms), "19941106T084937Z");
  EXPECT_EQ(iso8601(ms + 999), "1994-11-06T08:49:37.000Z");
  EXPECT_EQ(parse_iso8601("1994-11-06T08:49:37.123456Z"), ms);
  EXPECT_EQ(parse_iso8601("1994-11-06T08:49:37Z"), ms);
  for (const char* bad :
       {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt", "1994-11-06"}) {
    EXPECT_FALSE(parse_http_date(bad)) << bad;
  }
  for (const char* bad :
       {"", "19941106T084937", "19941306T084937Z", "1994-11-06T08:49:37Z", "19941106T084937Z "}) {
    EXPECT_FALSE(parse_basic_date(bad)) << bad;
  }
}

TEST(Dates, RoundTripEveryDayOfFourCenturies) {
  for (std::int64_t day = -1000; day < 146'097; day += 3) {
    const std::int64_t ms = day * 86'400'000 + 12'345'000;
    ASSERT_EQ(parse_http_date(http::http_date(ms / 1000)), ms);
    ASSERT_EQ(parse_iso8601(iso8601(ms)), ms);
  }
}

TEST(Conditions, ReadsEtagListsAndDates) {
  TestRequest request("GET", "/b/k");
  request.header("If-Match", "\"a\", b ,W/\"c\"")
      .header("If-None-Match", "W/\"d\",\"e,f\"")
      .header("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")
      .header("If-Unmodified-Since", "not a date");
  const storage::Conditions c = read_conditions(request.headers());
  EXPECT_EQ(c.if_match->tags, (std::vector<std::string>{"a", "b"})) << "a weak tag matches nothing strongly";
  EXPECT_EQ(c.if_none_match->tags, (std::vector<std::string>{"d", "e,f"}));
  EXPECT_EQ(c.if_modified_since_s, 784'111'777);
  EXPECT_FALSE(c.if_unmodified_since_s);
  TestRequest copy = with("x-amz-copy-source-if-match", "*");
  EXPECT_TRUE(copy_source_conditions(copy.headers()).if_match->any);
  EXPECT_TRUE(read_conditions(copy.headers()).empty());
  for (const char* odd : {"", ",,", "\"", "W/", "\"unterminated", "W/\"\""}) {
    TestRequest strange = with("If-Match", odd);
    EXPECT_FALSE(read_conditions(strange.headers()).if_match->any) << odd;
  }
}

TEST(Conditions, WritesAcceptOnlyTheirForms) {
  TestRequest none = with("If-None-Match", "*");
  EXPECT_TRUE(write_conditions(none.headers())->if_none_match->any);
  TestRequest one = with("If-Match", "\"abc\"");
  EXPECT_EQ(write_conditions(one.headers())->if_match->tags.front(), "abc");
  TestRequest tag = with("If-None-Match", "\"abc\"");
  EXPECT_EQ(code_of(write_conditions(tag.headers())), Code::NotImplemented);
  TestRequest list = with("If-Match", "\"a\",\"b\"");
  EXPECT_EQ(code_of(write_conditions(list.headers())), Code::NotImplemented);
  none.header("If-Match", "\"a\"");
  EXPECT_EQ(code_of(write_conditions(none.headers())), Code::InvalidRequest);

  TestRequest remove("DELETE", "/b/k");
  remove.header("x-amz-if-match-size", "12")
      .header("x-amz-if-match-last-modified-time", "1994-11-06T08:49:37.000Z");
  const storage::Conditions c = *delete_conditions(remove.headers());
  EXPECT_EQ(c.if_match_size, 12u);
  EXPECT_EQ(c.if_match_modified_s, 784'111'777);
  remove.replace("x-amz-if-match-size", "-1");
  EXPECT_EQ(code_of(delete_conditions(remove.headers())), Code::InvalidArgument);
  EXPECT_EQ(field_of(precondition_failed(c), "Condition"), "x-amz-if-match-size");
}

TEST(Conditions, IfRangeTakesAStrongTagOrADate) {
  EXPECT_TRUE(if_range_holds("\"e\"", "e", 0));
  EXPECT_FALSE(if_range_holds("\"x\"", "e", 0));
  EXPECT_FALSE(if_range_holds("W/\"e\"", "e", 0));
  EXPECT_TRUE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", "e", 784'111'777'500));
  EXPECT_FALSE(if_range_holds("Sun, 06 Nov 1994 08:49:38 GMT", "e", 784'111'777'500));
}

TEST(Percent, EncodesAndDecodesEveryByte) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all, Slash::Encode)), all);
  EXPECT_EQ(percent_decode(percent_encode(all, Slash::Keep)), all);
  EXPECT_EQ(percent_encode("AZaz09-._~/ +\xC3\xA9", Slash::Keep), "AZaz09-._~/%20%2B%C3%A9");
  EXPECT_EQ(percent_encode("/", Slash::Encode), "%2F");
  EXPECT_EQ(percent_decode("%2f%2F+"), "//+");
  for (const char* bad : {"%", "%4", "a%", "%g0", "%0g", "%00", "%%41"})
    EXPECT_FALSE(percent_decode(bad)) << bad;
  EXPECT_FALSE(percent_decode(std::string_view("a\0b", 3)));
}

TEST(Percent, KnowsWhatIsEncodedAlready) {
  for (const char* same : {"", "abc-._~", "%20%2B", "a/b", "%C3%A9"}) EXPECT_TRUE(is_percent_encoded(same, Slash::Keep)) << same;
  for (const char* other : {" ", "%2f", "%41", "%7E", "%", "%2", "+", "\xC3", "%GG"}) {
    EXPECT_FALSE(is_percent_encoded(other, Slash::Encode)) << other;
  }
  EXPECT_FALSE(is_percent_encoded("%2F", Slash::Keep));
  EXPECT_FALSE(is_percent_encoded("a/b", Slash::Encode));
}

TEST(ListToken, RoundTripsAndRefusesOthers) {
  for (const std::string& last :
       {std::string("k"), std::string("a/b c/\xC3\xA9"), std::string(1024, '\xF0')}) {
    EXPECT_EQ(*decode_list_token(encode_list_token(last)), last);
  }
  EXPECT_EQ(code_of(decode_list_token("")), Code::InvalidArgument);
  EXPECT_EQ(code_of(decode_list_token("AQ")), Code::InvalidArgument) << "a version and nothing else";
  EXPECT_EQ(code_of(decode_list_token("Amtleq")), Code::InvalidArgument) << "another version";
  EXPECT_EQ(code_of(decode_list_token("not base64!")), Code::InvalidArgument);
  EXPECT_EQ(code_of(decode_list_token(std::string(4096, 'A'))), Code::InvalidArgument);
}

TEST(Payload, KnowsItsKinds) {
  const std::pair<const char*, PayloadKind> kinds[] = {
      {"UNSIGNED-PAYLOAD", PayloadKind::Unsigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadKind::StreamingSigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadKind::StreamingSignedTrailer},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadKind::StreamingUnsignedTrailer},
      {"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", PayloadKind::Sha256},
  };
  for (const auto& [text, kind] : kinds) {
    TestRequest request = with("x-amz-content-sha256", text);
    EXPECT_EQ(parse_payload(request.view(), request.query())->kind, kind) << text;
  }
  for (const auto& [text, code] :
       {std::pair{"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", Code::NotImplemented},
        {"", Code::InvalidArgument},
        {"abc", Code::InvalidArgument},
        {"STREAMING-UNSIGNED-PAYLOAD", Code::InvalidArgument}}) {
    TestRequest request = with("x-amz-content-sha256", text);
    EXPECT_EQ(code_of(parse_payload(request.view(), request.query())), code) << text;
  }
}

TEST(Payload, DemandsADeclaredLength) {
  TestRequest plain("PUT", "/b/k");
  EXPECT_EQ(*declared_length(plain.view(), Payload{}, 5), 5u);
  S3Result<std::uint64_t> chunked = declared_length(plain.view(), Payload{}, std::nullopt);
  EXPECT_EQ(code_of(chunked), Code::MissingContentLength);
  EXPECT_TRUE(chunked.error().close);
  const Payload streaming{PayloadKind::StreamingUnsignedTrailer, ""};
  EXPECT_EQ(code_of(declared_length(plain.view(), streaming, 5)), Code::MissingContentLength);
  TestRequest decoded = with("x-amz-decoded-content-length", "7");
  EXPECT_EQ(*declared_length(decoded.view(), streaming, std::nullopt), 7u);
  TestRequest bad = with("x-amz-decoded-content-length", "-7");
  EXPECT_EQ(code_of(declared_length(bad.view(), streaming, std::nullopt)), Code::MissingContentLength);
}

}  // namespace
}  // namespace beffroi::s3
