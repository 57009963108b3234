// SPDX-License-Identifier: EUPL-1.2
// The examples that AWS publishes with their signatures (Amazon S3 API reference, "Signature calculations for
// the Authorization header: transferring payload in a single chunk" and "Authenticating requests: using query
// parameters"), then what is refused.
#include "server/s3/sigv4.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "server/s3/dates.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

constexpr char kSecret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr char kEmptySha256[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kScope[] = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const std::int64_t kNow = *parse_basic_date("20130524T000000Z");

std::string authorization(const std::string& signed_headers, const std::string& signature) {
  return std::string("AWS4-HMAC-SHA256 Credential=") + kScope + ",SignedHeaders=" + signed_headers +
         ",Signature=" + signature;
}

// A GET of the documented kind; `signature` is AWS's.
TestRequest documented(const std::string& target, const std::string& signature) {
  TestRequest request("GET", target);
  request.header("Host", "examplebucket.s3.amazonaws.com")
      .header("x-amz-content-sha256", kEmptySha256)
      .header("x-amz-date", "20130524T000000Z")
      .header("Authorization", authorization("host;x-amz-content-sha256;x-amz-date", signature));
  return request;
}

TestRequest documented_get() {
  TestRequest request("GET", "/test.txt");
  request.header("Host", "examplebucket.s3.amazonaws.com")
      .header("Range", "bytes=0-9")
      .header("x-amz-content-sha256", kEmptySha256)
      .header("x-amz-date", "20130524T000000Z")
      .header("Authorization",
              authorization("host;range;x-amz-content-sha256;x-amz-date",
                            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
  return request;
}

std::string presigned_target(const std::string& signature) {
  return "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
         "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
         "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
         signature;
}

TestRequest documented_presigned() {
  TestRequest request("GET",
                      presigned_target("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
  request.header("Host", "examplebucket.s3.amazonaws.com");
  return request;
}

S3Result<SigV4Claim> claim_of(TestRequest& request) {
  auto claim = parse_sigv4(request.view(), request.query());
  if (!claim) return claim.error();
  CHECK(claim->has_value());
  return **claim;
}

S3Result<SigV4Proof> verify(TestRequest& request) {
  S3Result<SigV4Claim> claim = claim_of(request);
  if (!claim) return claim.error();
  const SigningKey key(kSecret, claim->date, claim->region);
  return verify_sigv4(*claim, request.view(), request.query(), key);
}

TEST(SigV4, VerifiesTheDocumentedGet) {
  TestRequest request = documented_get();
  EXPECT_TRUE(verify(request));
}

TEST(SigV4, VerifiesTheDocumentedPutWhoseKeyIsSentUnencoded) {
  TestRequest request("PUT", "/test$file.text");
  request.header("Host", "examplebucket.s3.amazonaws.com")
      .header("Date", "Fri, 24 May 2013 00:00:00 GMT")
      .header("x-amz-date", "20130524T000000Z")
      .header("x-amz-storage-class", "REDUCED_REDUNDANCY")
      .header("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
      .header("Authorization",
              authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
  EXPECT_TRUE(verify(request));
}

TEST(SigV4, VerifiesTheDocumentedQueries) {
  TestRequest lifecycle =
      documented("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_TRUE(verify(lifecycle));
  TestRequest list =
      documented("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  EXPECT_TRUE(verify(list));
  TestRequest reordered =
      documented("/?prefix=J&max-keys=2", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  EXPECT_TRUE(verify(reordered)) << "the order of the query does not count";
}

TEST(SigV4, VerifiesTheDocumentedPresignedUrl) {
  TestRequest request = documented_presigned();
  EXPECT_TRUE(verify(request));
  const SigV4Claim claim = *claim_of(request);
  EXPECT_EQ(claim.place, SignaturePlace::Query);
  EXPECT_EQ(claim.payload, "UNSIGNED-PAYLOAD");
  EXPECT_EQ(claim.expires_seconds, 86400);
}

TEST(SigV4, ExplainsWithTheDocumentedStrings) {
  TestRequest request = documented_get();
  const SigV4Explanation why = explain_sigv4(*claim_of(request), request.view(), request.query());
  EXPECT_EQ(
      why.canonical_request,
      "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\nx-amz-content-sha256:"
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-amz-date:20130524T000000Z\n\n"
      "host;range;x-amz-content-sha256;x-amz-date\n"
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(why.string_to_sign,
            "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
            "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
}

TEST(SigV4, RefusesEveryChangeOfASignedPart) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"Host", "other.s3.amazonaws.com"},
      {"Range", "bytes=0-8"},
      {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
      {"x-amz-date", "20130524T000001Z"},
  };
  for (const auto& [name, value] : changes) {
    TestRequest request = documented_get();
    request.replace(name, value);
    S3Result<SigV4Proof> proof = verify(request);
    ASSERT_FALSE(proof) << name;
    EXPECT_EQ(proof.error().code, Code::SignatureDoesNotMatch) << name;
    EXPECT_EQ(field_of(proof.error(), "AWSAccessKeyId"), "AKIAIOSFODNN7EXAMPLE");
    EXPECT_NE(field_of(proof.error(), "CanonicalRequest").find("range:"), std::string::npos);
    EXPECT_EQ(field_of(proof.error(), "StringToSignBytes").substr(0, 8), "41 57 53");
  }
  for (const char* target : {"/test.txt?x", "/test.txt/", "//test.txt", "/Test.txt"}) {
    TestRequest request(std::string("GET"), target);
    TestRequest original = documented_get();
    for (const http::Field& field : original.headers()) {
      request.header(std::string(field.name), std::string(field.value));
    }
    EXPECT_FALSE(verify(request)) << target;
  }
}

TEST(SigV4, RefusesAnotherSecretRegionOrDay) {
  TestRequest request = documented_get();
  const SigV4Claim claim = *claim_of(request);
  for (const SigningKey& key :
       {SigningKey("other", claim.date, claim.region), SigningKey(kSecret, "20130525", claim.region),
        SigningKey(kSecret, claim.date, "fr-hdf-1")}) {
    EXPECT_EQ(code_of(verify_sigv4(claim, request.view(), request.query(), key)),
              Code::SignatureDoesNotMatch);
  }
}

TEST(SigV4, DemandsThatEveryAmzHeaderIsSigned) {
  TestRequest header = documented_get();
  header.header("X-Amz-Copy-Source", "a/b");
  S3Result<SigV4Claim> claim = claim_of(header);
  EXPECT_EQ(code_of(claim), Code::AccessDenied);
  EXPECT_EQ(field_of(claim.error(), "HeadersNotSigned"), "x-amz-copy-source");

  TestRequest presigned = documented_presigned();
  presigned.header("x-amz-acl", "public-read");
  EXPECT_EQ(code_of(claim_of(presigned)), Code::AccessDenied);
}

TEST(SigV4, DemandsHostAndPayloadHash) {
  TestRequest no_host("GET", "/");
  no_host.header("Host", "h")
      .header("x-amz-content-sha256", kEmptySha256)
      .header("x-amz-date", "20130524T000000Z")
      .header("Authorization", authorization("x-amz-content-sha256;x-amz-date", std::string(64, 'a')));
  EXPECT_EQ(code_of(claim_of(no_host)), Code::AuthorizationHeaderMalformed);

  TestRequest no_hash("GET", "/");
  no_hash.header("Host", "h")
      .header("x-amz-date", "20130524T000000Z")
      .header("Authorization", authorization("host;x-amz-date", std::string(64, 'a')));
  EXPECT_EQ(code_of(claim_of(no_hash)), Code::InvalidRequest);
}

TEST(SigV4, TakesAnEmptyAuthorizationForNone) {
  TestRequest request("GET", "/");
  request.header("Host", "h").header("Authorization", "");
  const auto claim = parse_sigv4(request.view(), request.query());
  ASSERT_TRUE(claim);
  EXPECT_FALSE(claim->has_value());
}

TEST(SigV4, RefusesMalformedCredentials) {
  const std::string good =
      std::string("Credential=") + kScope + ", SignedHeaders=host, Signature=" + std::string(64, 'a');
  const std::vector<std::pair<std::string, Code>> cases = {
      {"AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=", Code::InvalidRequest},
      {"AWS4-ECDSA-P256-SHA256 " + good, Code::NotImplemented},
      {"Basic dXNlcjpwYXNz", Code::InvalidArgument},
      {"AWS4-HMAC-SHA256", Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 ", Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 " + good + ", Signature=" + std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 " + good + ", Extra=1", Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=A/20130524/r/ec2/aws4_request, SignedHeaders=host, Signature=" +
           std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=A/20130524/s3/aws4_request, SignedHeaders=host, Signature=" +
           std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=/20130524/r/s3/aws4_request, SignedHeaders=host, Signature=" +
           std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=" + std::string(kScope) +
           ", SignedHeaders=range;host, Signature=" + std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=" + std::string(kScope) +
           ", SignedHeaders=host;host, Signature=" + std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=" + std::string(kScope) +
           ", SignedHeaders=Host, Signature=" + std::string(64, 'a'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=" + std::string(kScope) +
           ", SignedHeaders=host, Signature=" + std::string(64, 'A'),
       Code::AuthorizationHeaderMalformed},
      {"AWS4-HMAC-SHA256 Credential=" + std::string(kScope) +
           ", SignedHeaders=host, Signature=" + std::string(63, 'a'),
       Code::AuthorizationHeaderMalformed},
  };
  for (const auto& [value, code] : cases) {
    TestRequest request("GET", "/");
    request.header("Host", "h")
        .header("Authorization", value)
        .header("Date", "Fri, 24 May 2013 00:00:00 GMT");
    EXPECT_EQ(code_of(claim_of(request)), code) << value;
  }
}

TEST(SigV4, RefusesTwoPlacesSigV2QueriesAndTokens) {
  TestRequest both = documented_presigned();
  both.header("Authorization", authorization("host", std::string(64, 'a')));
  EXPECT_EQ(code_of(claim_of(both)), Code::InvalidRequest);

  TestRequest v2("GET", "/k?AWSAccessKeyId=A&Expires=1&Signature=x");
  S3Result<SigV4Claim> refused = claim_of(v2);
  EXPECT_EQ(code_of(refused), Code::InvalidRequest);
  EXPECT_NE(refused.error().message.find("s3v4"), std::string::npos) << "names the remedy";

  TestRequest token = documented_get();
  token.header("x-amz-security-token", "t");
  EXPECT_EQ(code_of(claim_of(token)), Code::InvalidToken);

  TestRequest streaming("PUT", "/b/k");
  streaming.header("Host", "h").header("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  EXPECT_EQ(code_of(parse_sigv4(streaming.view(), streaming.query())), Code::InvalidRequest);
}

TEST(SigV4, AnonymousIsNoClaim) {
  TestRequest request("GET", "/b/k?Signature=part-of-some-form");
  request.header("Host", "h");
  auto claim = parse_sigv4(request.view(), request.query());
  ASSERT_TRUE(claim);
  EXPECT_FALSE(claim->has_value());
}

TEST(SigV4, RefusesMalformedPresignedQueries) {
  const std::string good = presigned_target(std::string(64, 'a'));
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string target = good;
    return target.replace(target.find(from), from.size(), to);
  };
  for (const std::string& target :
       {with("X-Amz-Expires=86400", "X-Amz-Expires=604801"), with("X-Amz-Expires=86400", "X-Amz-Expires=-1"),
        with("&X-Amz-Expires=86400", ""),
        with("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=range"), good + "&X-Amz-Date=20130524T000000Z",
        with("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), with("%2F20130524%2F", "%2F20130525%2F")}) {
    TestRequest request("GET", target);
    request.header("Host", "h");
    EXPECT_EQ(code_of(claim_of(request)), Code::AuthorizationQueryParametersError) << target;
  }
  TestRequest date("GET", with("X-Amz-Date=20130524T000000Z", "X-Amz-Date=today"));
  EXPECT_EQ(code_of(claim_of(date)), Code::AccessDenied);
}

TEST(SigV4, HoldsTheClockWindow) {
  TestRequest header = documented_get();
  const SigV4Claim claim = *claim_of(header);
  EXPECT_TRUE(check_sigv4_time(claim, kNow + kClockSkewMsMax));
  EXPECT_TRUE(check_sigv4_time(claim, kNow - kClockSkewMsMax));
  S3Result<void> late = check_sigv4_time(claim, kNow + kClockSkewMsMax + 1);
  EXPECT_EQ(code_of(late), Code::RequestTimeTooSkewed);
  EXPECT_EQ(field_of(late.error(), "ServerTime"), "2013-05-24T00:15:00.000Z");
  EXPECT_EQ(code_of(check_sigv4_time(claim, kNow - kClockSkewMsMax - 1)), Code::RequestTimeTooSkewed);

  TestRequest query = documented_presigned();
  const SigV4Claim presigned = *claim_of(query);
  EXPECT_TRUE(check_sigv4_time(presigned, kNow + 86'399'999));
  EXPECT_EQ(code_of(check_sigv4_time(presigned, kNow + 86'400'000)), Code::AccessDenied);
  EXPECT_TRUE(check_sigv4_time(presigned, kNow - kClockSkewMsMax));
  EXPECT_EQ(code_of(check_sigv4_time(presigned, kNow - kClockSkewMsMax - 1)), Code::AccessDenied);
}

// What a client signed, under one reading of the three points on which they disagree.
TestRequest signed_by_hand(const std::string& target, const std::string& canonical_path,
                           const std::string& canonical_query, const std::string& value,
                           const std::string& canonical_value) {
  const std::string canonical = "GET\n" + canonical_path + "\n" + canonical_query +
                                "\nhost:h\nx-amz-content-sha256:" + kEmptySha256 +
                                "\nx-amz-date:20130524T000000Z\nx-amz-meta-v:" + canonical_value +
                                "\n\nhost;x-amz-content-sha256;x-amz-date;x-amz-meta-v\n" + kEmptySha256;
  const std::string text = "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n" +
                           to_hex(crypto::sha256(canonical));
  const SigningKey key(kSecret, "20130524", "us-east-1");
  TestRequest request("GET", target);
  request.header("Host", "h")
      .header("x-amz-content-sha256", kEmptySha256)
      .header("x-amz-date", "20130524T000000Z")
      .header("X-Amz-Meta-V", value)
      .header("Authorization",
              authorization("host;x-amz-content-sha256;x-amz-date;x-amz-meta-v", key.sign(text)));
  return request;
}

TEST(SigV4, AcceptsBothReadingsOfPathQueryAndValues) {
  struct Case {
    std::string path, query, value;
    SigV4Proof proof;
  };
  const std::vector<Case> cases = {
      {"/b/a%2Ab", "prefix=a%2Bb", "x y", {false, false, false}},
      {"/b/a*b", "prefix=a%2Bb", "x y", {true, false, false}},
      {"/b/a%2Ab", "prefix=a%20b", "x y", {false, true, false}},
      {"/b/a%2Ab", "prefix=a%2Bb", "x   y", {false, false, true}},
      {"/b/a*b", "prefix=a%20b", "x   y", {true, true, true}},
  };
  for (const Case& c : cases) {
    TestRequest request = signed_by_hand("/b/a*b?prefix=a+b", c.path, c.query, "x   y", c.value);
    S3Result<SigV4Proof> proof = verify(request);
    ASSERT_TRUE(proof) << c.path << c.query << c.value;
    EXPECT_EQ(proof->raw_path, c.proof.raw_path);
    EXPECT_EQ(proof->plus_is_space, c.proof.plus_is_space);
    EXPECT_EQ(proof->raw_header_values, c.proof.raw_header_values);
  }
  TestRequest neither = signed_by_hand("/b/a*b?prefix=a+b", "/b/a%2ab", "prefix=a+b", "x   y", "x  y");
  EXPECT_FALSE(verify(neither));
}

TEST(SigV4, SortsByNameThenValueOnEncodedBytes) {
  TestRequest request =
      signed_by_hand("/?b=2&a=%C3%A9&a=z&a&A=1&a-b=3", "/", "A=1&a=&a=%C3%A9&a=z&a-b=3&b=2", "v", "v");
  EXPECT_TRUE(verify(request));
}

TEST(SigV4, SigningKeysAreKeptByNameAndGeneration) {
  SigningKeys keys(2);
  SigV4Claim claim;
  claim.access_key_id = "A";
  claim.date = "20130524";
  claim.region = "us-east-1";
  const auto first = keys.get(claim, 1, "secret");
  EXPECT_EQ(keys.get(claim, 1, "secret"), first);
  const auto second = keys.get(claim, 2, "other secret");
  EXPECT_NE(second, first) << "a new generation replaces it";
  EXPECT_EQ(second->sign("m"), SigningKey("other secret", claim.date, claim.region).sign("m"));
  claim.region = "fr-hdf-1";
  const auto third = keys.get(claim, 2, "other secret");
  claim.date = "20130525";
  keys.get(claim, 2, "other secret");
  claim.date = "20130524";
  EXPECT_EQ(keys.get(claim, 2, "other secret"), third);
  claim.region = "us-east-1";
  EXPECT_NE(keys.get(claim, 2, "other secret"), second) << "the one unused longest went at the bound";
}

}  // namespace
}  // namespace beffroi::s3
