// SPDX-License-Identifier: EUPL-1.2
// GetObjectAttributes: the ask, and the document in S3's order of elements.
#include "server/s3/object_attributes.h"

#include <gtest/gtest.h>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

constexpr char kHead[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<GetObjectAttributesResponse xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";

TEST(AttributesAsk, IsOneFieldOrSeveral) {
  TestRequest request("GET", "/b/k?attributes");
  request.header("x-amz-object-attributes", "ETag, ObjectSize").header("X-Amz-Object-Attributes", "Checksum").header("x-amz-max-parts", "5000");
  const AttributesAsk ask = *read_attributes_ask(request.headers());
  EXPECT_TRUE(ask.etag && ask.size && ask.checksum);
  EXPECT_FALSE(ask.parts || ask.storage_class);
  EXPECT_EQ(ask.max_parts, 1000u);
}

TEST(AttributesAsk, RefusesNoneAndTheUnknown) {
  TestRequest none("GET", "/b/k?attributes");
  EXPECT_EQ(code_of(read_attributes_ask(none.headers())), Code::InvalidArgument);
  for (const char* bad : {"", "Owner", "etag", "ETag,Owner"}) {
    TestRequest request("GET", "/b/k?attributes");
    request.header("x-amz-object-attributes", bad);
    EXPECT_EQ(code_of(read_attributes_ask(request.headers())), Code::InvalidArgument) << bad;
  }
  none.header("x-amz-object-attributes", "ETag").header("x-amz-part-number-marker", "x");
  EXPECT_EQ(code_of(read_attributes_ask(none.headers())), Code::InvalidArgument);
}

TEST(AttributesDocument, HasS3sOrderAndOnlyWhatWasAsked) {
  storage::Object object;
  object.etag = "e-2";
  object.size = 7;
  object.checksum = {ChecksumAlgorithm::Crc32, ChecksumType::Composite, "\x01\x02\x03\x04"};
  AttributesAsk ask{.etag = true, .checksum = true, .parts = true, .storage_class = true, .size = true, .max_parts = 1};
  const AttributesParts parts{2, {{1, 5, {ChecksumAlgorithm::Crc32, ChecksumType::FullObject, "\x01\x02\x03\x05"}}}};
  EXPECT_EQ(object_attributes_xml(ask, object, parts),
            std::string(kHead) +
                "<ETag>e-2</ETag><Checksum><ChecksumCRC32>AQIDBA==</ChecksumCRC32><ChecksumType>COMPOSITE</ChecksumType></Checksum>"
                "<ObjectParts><IsTruncated>true</IsTruncated><MaxParts>1</MaxParts><NextPartNumberMarker>1</NextPartNumberMarker>"
                "<Part><ChecksumCRC32>AQIDBQ==</ChecksumCRC32><PartNumber>1</PartNumber><Size>5</Size></Part>"
                "<PartNumberMarker>0</PartNumberMarker><PartsCount>2</PartsCount></ObjectParts><StorageClass>STANDARD</StorageClass>"
                "<ObjectSize>7</ObjectSize></GetObjectAttributesResponse>");
  ask = {.size = true};
  EXPECT_EQ(object_attributes_xml(ask, object, std::nullopt), std::string(kHead) + "<ObjectSize>7</ObjectSize></GetObjectAttributesResponse>");
}

}  // namespace
}  // namespace beffroi::s3
