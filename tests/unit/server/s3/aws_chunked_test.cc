// SPDX-License-Identifier: EUPL-1.2
// The documented chunked uploads (Amazon S3 API reference, "Transferring payload in multiple chunks" and
// "Including trailing headers") with AWS's own chunk and trailer signatures, then every fault of the table.
#include "server/s3/aws_chunked.h"

#include <gtest/gtest.h>

#include "server/s3/checksum.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

constexpr char kSecret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const std::string kBig(65536, 'a');
const std::string kSmall(1024, 'a');

AwsChunked::Options signed_options(PayloadKind kind, std::string seed) {
  AwsChunked::Options options;
  options.kind = kind;
  options.decoded_length = 66560;
  options.signing =
      AwsChunked::Signing{std::make_shared<SigningKey>(kSecret, "20130524", "us-east-1"), "20130524T000000Z",
                          "20130524/us-east-1/s3/aws4_request", std::move(seed)};
  return options;
}

AwsChunked::Options documented_options() {
  return signed_options(PayloadKind::StreamingSigned,
                        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
}

std::string documented_body() {
  return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + kBig +
         "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
         kSmall +
         "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

AwsChunked::Options documented_trailer_options() {
  AwsChunked::Options options =
      signed_options(PayloadKind::StreamingSignedTrailer,
                     "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  options.trailer = "x-amz-checksum-crc32c";
  return options;
}

std::string documented_trailer_body(const std::string& line_end = "\r\n", const std::string& blank = "") {
  return "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" + kBig +
         "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" +
         kSmall +
         "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
         "x-amz-checksum-crc32c:sOO8/Q==" + line_end + blank +
         "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

AwsChunked::Options unsigned_options(std::uint64_t length, std::string trailer = "x-amz-checksum-crc32") {
  AwsChunked::Options options;
  options.decoded_length = length;
  options.trailer = std::move(trailer);
  return options;
}

struct Outcome {
  S3Result<void> result;
  std::string data;
  std::string trailer;
};

// Feeds the body in pieces of `piece` bytes.
Outcome decode(AwsChunked::Options options, std::string_view body, std::size_t piece = std::string::npos) {
  AwsChunked decoder(std::move(options));
  Outcome outcome;
  while (!body.empty()) {
    std::string_view input = body.substr(0, piece);
    body.remove_prefix(input.size());
    while (!input.empty()) {
      S3Result<std::string_view> data = decoder.next(input);
      if (!data) {
        outcome.result = data.error();
        return outcome;
      }
      outcome.data += *data;
    }
  }
  outcome.result = decoder.finish();
  outcome.trailer = decoder.trailer_value();
  return outcome;
}

TEST(AwsChunked, DecodesTheDocumentedUploadInAnyPieces) {
  for (std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    const Outcome outcome = decode(documented_options(), documented_body(), piece);
    ASSERT_TRUE(outcome.result) << piece;
    EXPECT_EQ(outcome.data, kBig + kSmall);
  }
}

TEST(AwsChunked, VerifiesTheDocumentedTrailer) {
  for (const std::string& body :
       {documented_trailer_body(), documented_trailer_body("\n"), documented_trailer_body("\n", "\r\n")}) {
    const Outcome outcome = decode(documented_trailer_options(), body, 100);
    ASSERT_TRUE(outcome.result);
    EXPECT_EQ(outcome.data, kBig + kSmall);
    EXPECT_EQ(outcome.trailer, to_base64(checksum_of(ChecksumAlgorithm::Crc32c, kBig + kSmall)));
  }
}

TEST(AwsChunked, RefusesEveryChangedSignatureOrByte) {
  const std::string good = documented_body();
  for (std::size_t at :
       {std::size_t{24}, std::size_t{200}, good.find(";chunk-signature=0055") + 20, good.size() - 10}) {
    std::string bad = good;
    bad[at] = bad[at] == '1' ? '2' : '1';
    EXPECT_EQ(code_of(decode(documented_options(), bad).result), Code::SignatureDoesNotMatch) << at;
  }
  AwsChunked::Options other_seed = documented_options();
  other_seed.signing->seed[0] = '0';
  EXPECT_EQ(code_of(decode(other_seed, good).result), Code::SignatureDoesNotMatch);

  std::string trailer = documented_trailer_body();
  trailer.replace(trailer.find("sOO8/Q=="), 8, "AAAAAA==");
  EXPECT_EQ(code_of(decode(documented_trailer_options(), trailer).result), Code::SignatureDoesNotMatch);
}

TEST(AwsChunked, ASignedTrailerMustComeWithItsSignature) {
  const std::string body = documented_trailer_body();
  const std::string cut = body.substr(0, body.find("x-amz-trailer-signature"));
  EXPECT_EQ(code_of(decode(documented_trailer_options(), cut).result), Code::SignatureDoesNotMatch);
}

TEST(AwsChunked, ErrorsAreSticky) {
  AwsChunked decoder(unsigned_options(3));
  std::string_view bad = "zz\r\n";
  EXPECT_FALSE(decoder.next(bad));
  std::string_view good = "3\r\nabc\r\n";
  EXPECT_FALSE(decoder.next(good));
  EXPECT_FALSE(decoder.finish());
}

TEST(AwsChunked, AcceptsTheShapesClientsSend) {
  const std::vector<std::string> bodies = {
      "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
      "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n",
      "5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: NhCmhg==\r\n",
      "1\r\nh\r\n1\r\ne\r\n2\r\nll\r\n1\r\no\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
      "00000005\r\nhello\r\n00000000\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
  };
  for (const std::string& body : bodies) {
    for (std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
      const Outcome outcome = decode(unsigned_options(5), body, piece);
      ASSERT_TRUE(outcome.result) << body;
      EXPECT_EQ(outcome.data, "hello");
      EXPECT_EQ(outcome.trailer, "NhCmhg==");
    }
  }
  EXPECT_TRUE(decode(unsigned_options(0), "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n").result);
  EXPECT_TRUE(decode(unsigned_options(5, ""), "5\r\nhello\r\n0\r\n\r\n").result);
}

TEST(AwsChunked, AnswersEachFaultAsTheTableSays) {
  const std::string value = "x-amz-checksum-crc32:NhCmhg==\r\n";
  struct Case {
    std::string body;
    Code code;
    bool closes;
  };
  const std::vector<Case> cases = {
      {"", Code::IncompleteBody, false},
      {"5\r\nhel", Code::IncompleteBody, false},
      {"4\r\nhell\r\n0\r\n" + value, Code::IncompleteBody, false},
      {"6\r\nhello!\r\n0\r\n" + value, Code::IncompleteBody, false},
      {"5\r\nhello\r\n1\r\n!\r\n0\r\n" + value, Code::IncompleteBody, false},
      {"5\r\nhello\r\n", Code::IncompleteBody, false},
      {"5\r\nhello\r\n0\r\n", Code::MalformedTrailerError, false},
      {"5\r\nhello\r\n0\r\n\r\n", Code::MalformedTrailerError, false},
      {"5\r\nhello\r\n0\r\nx-amz-checksum-sha1:NhCmhg==\r\n", Code::MalformedTrailerError, false},
      {"5\r\nhello\r\n0\r\nnonsense\r\n", Code::MalformedTrailerError, false},
      {"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==", Code::MalformedTrailerError, false},
      {"5\r\nhello\r\n0\r\n" + value + "\r\nGET / HTTP/1.1\r\n", Code::InvalidRequest, true},
      {"5\r\nhello\r\n0\r\n" + value + "\r\n\r\n\r\n", Code::InvalidRequest, true},
      {"5\r\nhello\r\n0\r\n\r\n\r\n\r\n" + value, Code::InvalidRequest, true},
      {"5\r\nhello!\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"5\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"5\r\nhello\n0\r\n" + value, Code::InvalidRequest, true},
      {"\r\n5\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"0x5\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"-5\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"+5\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {" 5\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"5;ext=1\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"000000005\r\nhello\r\n0\r\n" + value, Code::InvalidRequest, true},
      {"5;chunk-signature=" + std::string(64, 'a') + "\r\nhello\r\n0\r\n" + value, Code::InvalidRequest,
       true},
      {std::string(kChunkLineBytesMax + 1, '1'), Code::InvalidRequest, true},
      {"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + std::string(kTrailerLineBytesMax, 'A') + "\r\n",
       Code::InvalidRequest, true},
  };
  for (const Case& c : cases) {
    for (std::size_t piece : {std::size_t{1}, std::string::npos}) {
      const Outcome outcome = decode(unsigned_options(5), c.body, piece);
      ASSERT_FALSE(outcome.result) << c.body;
      EXPECT_EQ(code_of(outcome.result), c.code) << c.body;
      EXPECT_EQ(outcome.result.error().close, c.closes) << c.body;
    }
  }
  EXPECT_EQ(code_of(decode(documented_options(), "5\r\nhello\r\n").result), Code::InvalidRequest)
      << "a signed body has signed chunks only";
}

TEST(AwsChunked, BoundsItsFraming) {
  std::string body;
  for (int i = 0; i < 30'000; ++i) body += "1\r\na\r\n";
  EXPECT_EQ(code_of(decode(unsigned_options(30'000), body).result), Code::InvalidRequest);
  std::string small;
  for (int i = 0; i < 10'000; ++i) small += "1\r\na\r\n";
  EXPECT_TRUE(decode(unsigned_options(10'000), small + "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n").result);
}

}  // namespace
}  // namespace beffroi::s3
