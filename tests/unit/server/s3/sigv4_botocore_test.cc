// SPDX-License-Identifier: EUPL-1.2
// Requests as boto3 signs them (tests/vectors/sigv4, made by a generator beside them): keys that are hard to
// encode, headers and presigned, path and virtual-host style. Each must route to its key, verify, and verify
// no longer once a byte changes.
#include <gtest/gtest.h>

#include <fstream>

#include "server/s3/dates.h"
#include "server/s3/router.h"
#include "server/s3/sigv4.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

struct Vector {
  std::string name, key, method, target;
  std::vector<std::pair<std::string, std::string>> headers;

  TestRequest request() const {
    TestRequest r(method, target);
    for (const auto& [header, value] : headers) r.header(header, value);
    return r;
  }
};

struct Vectors {
  std::string secret;
  std::vector<Vector> cases;
};

Vectors read_vectors() {
  std::ifstream in(std::string(BEFFROI_SOURCE_DIR) + "/tests/vectors/sigv4/botocore.txt");
  Vectors vectors;
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string word = line.substr(0, space);
    const std::string rest = line.substr(std::min(space + 1, line.size()));
    if (word == "secret") vectors.secret = rest;
    if (word == "case") vectors.cases.emplace_back().name = rest;
    if (word == "key") vectors.cases.back().key = *from_hex(rest);
    if (word == "method") vectors.cases.back().method = rest;
    if (word == "target") vectors.cases.back().target = rest;
    if (word == "header") {
      const std::size_t colon = rest.find(": ");
      vectors.cases.back().headers.emplace_back(rest.substr(0, colon), rest.substr(colon + 2));
    }
  }
  return vectors;
}

bool verifies(const TestRequest& source, const std::string& secret) {
  TestRequest request = source;
  auto claim = parse_sigv4(request.view(), request.query());
  if (!claim || !*claim) return false;
  const SigningKey key(secret, (*claim)->date, (*claim)->region);
  if (!check_sigv4_time(**claim, *parse_basic_date("20261124T083000Z"))) return false;
  return verify_sigv4(**claim, request.view(), request.query(), key).has_value();
}

TEST(SigV4Botocore, EveryRequestVerifiesAndRoutesToItsKey) {
  const Vectors vectors = read_vectors();
  ASSERT_GT(vectors.cases.size(), 200u);
  const Domains domains{{"s3.example"}, ""};
  for (const Vector& v : vectors.cases) {
    TestRequest request = v.request();
    EXPECT_TRUE(verifies(request, vectors.secret)) << v.name << " " << v.target;
    S3Result<ParsedRequest> parsed = parse_request(request.view(), domains);
    ASSERT_TRUE(parsed) << v.name << " " << v.target;
    EXPECT_EQ(parsed->address.slug, "beauvais");
    EXPECT_EQ(parsed->address.bucket, "deliberations");
    const OperationRow& row = operation_row(parsed->operation);
    if (row.level == Level::Object) {
      EXPECT_EQ(parsed->address.key, v.key) << v.name;
    }
    if (row.operation == Operation::ListObjectsV2) {
      EXPECT_EQ(parsed->query.value("prefix"), v.key);
    }
  }
}

TEST(SigV4Botocore, NoRequestVerifiesAfterAChange) {
  const Vectors vectors = read_vectors();
  for (const Vector& v : vectors.cases) {
    Vector longer = v;
    longer.target += longer.target.find('?') == std::string::npos ? "x" : "&x=1";
    EXPECT_FALSE(verifies(longer.request(), vectors.secret)) << v.name;
    Vector other = v;
    other.method = other.method == "GET" ? "HEAD" : "DELETE";
    EXPECT_FALSE(verifies(other.request(), vectors.secret)) << v.name;
    Vector elsewhere = v;
    elsewhere.headers.front().second = "amiens.s3.example:8443";
    EXPECT_FALSE(verifies(elsewhere.request(), vectors.secret)) << v.name;
    EXPECT_FALSE(verifies(v.request(), vectors.secret + "x")) << v.name;
  }
}

TEST(SigV4Botocore, CopySourcesNameTheirKey) {
  for (const Vector& v : read_vectors().cases) {
    for (const auto& [name, value] : v.headers) {
      if (name != "x-amz-copy-source") continue;
      S3Result<CopySource> source = parse_copy_source(value);
      ASSERT_TRUE(source);
      EXPECT_EQ(source->bucket, "actes");
      EXPECT_EQ(source->key, "a b+c%é");
    }
  }
}

}  // namespace
}  // namespace beffroi::s3
