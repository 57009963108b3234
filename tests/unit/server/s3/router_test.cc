// SPDX-License-Identifier: EUPL-1.2
// The table of operations and the way to each of its rows.
#include "server/s3/router.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

const Domains kDomains{{"s3.local"}, ""};

std::string path_of(Level level) {
  return level == Level::Service ? "/" : level == Level::Bucket ? "/bucket" : "/bucket/key";
}

// A request that means exactly this row.
TestRequest request_of(const OperationRow& row) {
  std::string target = path_of(row.level);
  if (!row.subresource.empty()) target += "?" + std::string(row.subresource);
  if (row.subresource == "list-type") target += "=2";
  const bool part = row.operation == Operation::UploadPart || row.operation == Operation::UploadPartCopy;
  if (part) target += "=id&partNumber=1";
  TestRequest request{std::string(method_name(row.method)), target};
  request.header("Host", "s3.local");
  if (!row.header.empty()) request.header(std::string(row.header), "a/b");
  return request;
}

S3Result<Operation> route_of(const std::string& method, const std::string& target, bool copy = false) {
  TestRequest request(method, target);
  request.header("Host", "s3.local");
  if (copy) request.header("X-Amz-Copy-Source", "a/b");
  S3Result<ParsedRequest> parsed = parse_request(request.view(), kDomains);
  if (!parsed) return parsed.error();
  return parsed->operation;
}

TEST(OperationTable, EveryRowIsReachedByItsOwnRequest) {
  for (const OperationRow& row : operation_table()) {
    TestRequest request = request_of(row);
    S3Result<ParsedRequest> parsed = parse_request(request.view(), kDomains);
    ASSERT_TRUE(parsed) << row.name;
    EXPECT_EQ(operation_row(parsed->operation).name, row.name);
  }
}

TEST(OperationTable, RowsAreCompleteAndDistinct) {
  std::set<std::tuple<Method, Level, std::string_view, std::string_view>> places;
  std::set<std::string_view> names;
  for (const OperationRow& row : operation_table()) {
    EXPECT_TRUE(places.emplace(row.method, row.level, row.subresource, row.header).second) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.action.starts_with("s3:")) << row.name;
    EXPECT_EQ(row.body == BodyKind::None, row.body_bytes_max == 0) << row.name;
    const bool changes = row.access == Access::Write;
    EXPECT_EQ(changes, row.audit == AuditClass::Change) << row.name;
    EXPECT_EQ(changes, row.method != Method::Get && row.method != Method::Head && row.method != Method::Options) << row.name;
  }
  for (const AbsentRow& row : absent_table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(places.emplace(row.method, row.level, row.subresource, "").second) << row.name;
  }
}

TEST(Router, AnswersWhatIsAbsentByItsName) {
  for (const AbsentRow& row : absent_table()) {
    std::string target = path_of(row.level);
    if (!row.subresource.empty()) target += "?" + std::string(row.subresource);
    S3Result<Operation> routed = route_of(std::string(method_name(row.method)), target);
    ASSERT_EQ(code_of(routed), Code::NotImplemented) << row.name;
    EXPECT_NE(routed.error().message.find(row.name), std::string::npos);
  }
}

TEST(Router, TakesKeysWithAndWithoutEqualsAndIgnoresTheUnknown) {
  EXPECT_EQ(*route_of("POST", "/bucket?delete"), Operation::DeleteObjects);
  EXPECT_EQ(*route_of("POST", "/bucket?delete="), Operation::DeleteObjects);
  EXPECT_EQ(*route_of("POST", "/bucket/?delete"), Operation::DeleteObjects);
  EXPECT_EQ(*route_of("GET", "/bucket?list-type=2&x-id=ListObjectsV2&unknown"), Operation::ListObjectsV2);
  EXPECT_EQ(*route_of("GET", "/bucket?list-type=1"), Operation::ListObjects);
  EXPECT_EQ(*route_of("GET", "/bucket?prefix=delete&Location"), Operation::ListObjects);
  EXPECT_EQ(*route_of("PUT", "/bucket/key?x-id=PutObject"), Operation::PutObject);
  EXPECT_EQ(*route_of("PUT", "/bucket/key", true), Operation::CopyObject);
  EXPECT_EQ(*route_of("PUT", "/bucket/key?uploadId=a&partNumber=1", true), Operation::UploadPartCopy);
  EXPECT_EQ(*route_of("GET", "/bucket/key?partNumber=1&versionId=null"), Operation::GetObject);
  EXPECT_EQ(*route_of("GET", "/bucket?uploads&delimiter=/"), Operation::ListMultipartUploads);
  EXPECT_EQ(*route_of("GET", "/bucket/key", true), Operation::GetObject)
      << "a copy source means nothing on a GET";
}

TEST(Router, NeverStoresWhatWasMeantOtherwise) {
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?renameObject")), Code::NotImplemented);
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?policy")), Code::MethodNotAllowed);
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?uploads")), Code::MethodNotAllowed);
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?uploadId=a")), Code::InvalidArgument);
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?partNumber=1")), Code::InvalidArgument);
  EXPECT_EQ(code_of(route_of("DELETE", "/bucket?analytics")), Code::NotImplemented);
}

TEST(Router, RefusesTwoSubResourcesAndRepeatedModifiers) {
  for (const char* target : {"/bucket?uploads&versioning", "/bucket?acl&acl", "/bucket?list-type=2&uploads",
                             "/bucket?location&acl"}) {
    EXPECT_EQ(code_of(route_of("GET", target)), Code::InvalidArgument) << target;
  }
  EXPECT_EQ(code_of(route_of("GET", "/bucket/key?versionId=a&versionId=b")), Code::InvalidArgument);
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?uploadId=a&uploadId=b&partNumber=1")),
            Code::InvalidArgument);
  EXPECT_EQ(code_of(route_of("PUT", "/bucket/key?uploadId=a&partNumber=1&partNumber=2")),
            Code::InvalidArgument);
}

TEST(Router, AnswersOtherMethods) {
  S3Result<Operation> put = route_of("PUT", "/");
  EXPECT_EQ(code_of(put), Code::MethodNotAllowed);
  EXPECT_EQ(field_of(put.error(), "Allow"), "GET");
  EXPECT_EQ(code_of(route_of("PATCH", "/bucket")), Code::MethodNotAllowed);
  EXPECT_EQ(code_of(route_of("get", "/bucket")), Code::MethodNotAllowed);
  EXPECT_EQ(code_of(route_of("OPTIONS", "/")), Code::MethodNotAllowed);
  EXPECT_EQ(code_of(route_of("POST", "/bucket/key")), Code::MethodNotAllowed);
  EXPECT_EQ(code_of(route_of("HEAD", "/bucket?location")), Code::MethodNotAllowed);
}

TEST(Router, TakesOptionsForAPreflightWhateverTheQuery) {
  for (const char* target : {"/bucket", "/bucket/key", "/bucket/key?uploads", "/bucket?acl&policy", "/bucket/key?uploadId=a&partNumber=1"}) {
    EXPECT_EQ(*route_of("OPTIONS", target), Operation::CorsPreflight) << target;
  }
}

TEST(Query, DecodesOnceAndKnowsPlus) {
  S3Result<Query> query = Query::parse("a=1&&b&c=x%2By+z&d=%C3%A9&=v&e==");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->parameters().size(), 6u);
  EXPECT_TRUE(query->has("b"));
  EXPECT_EQ(query->value("c"), "x+y+z");
  EXPECT_EQ(query->value("e"), "=");
  EXPECT_EQ(query->value("absent"), "");
  EXPECT_TRUE(query->has_plus());
  query->read_plus_as_space();
  EXPECT_EQ(query->value("c"), "x+y z");
  EXPECT_EQ(query->value("d"), "\xC3\xA9");
  for (const char* bad : {"a=%", "%zz", "a=%00", "a=%FF"})
    EXPECT_EQ(code_of(Query::parse(bad)), Code::InvalidURI) << bad;
}

}  // namespace
}  // namespace beffroi::s3
