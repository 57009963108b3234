// SPDX-License-Identifier: EUPL-1.2
// XML bodies in, then the answers out, whose order of elements is that of the Amazon S3 API reference.
#include "server/s3/xml.h"

#include <gtest/gtest.h>

#include "server/s3/answers.h"
#include "server/s3/encryption.h"
#include "server/s3/xml_writer.h"
#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

constexpr char kDeclaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

TEST(XmlDelete, ReadsWhatClientsSend) {
  const DeleteRequest request = *parse_delete(
      "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <Unknown><Key>not this</Key></Unknown>\n  <Quiet> true </Quiet>\n"
      "  <Object><Key>a&amp;b &lt;c&gt; &#233; &#x1F3F0; &#xD;</Key><VersionId>null</VersionId></Object>\n"
      "  <Object>\n<Key> </Key>\n</Object>\n"
      "  <Object><Key><![CDATA[<raw>]]><!-- and --> more</Key><ETag>\"abc\"</ETag><Size>12</Size>"
      "<LastModifiedTime>Sun, 06 Nov 1994 08:49:37 GMT</LastModifiedTime></Object>\n</Delete>");
  EXPECT_TRUE(request.quiet);
  ASSERT_EQ(request.objects.size(), 3u);
  EXPECT_EQ(request.objects[0].key, "a&b <c> \xC3\xA9 \xF0\x9F\x8F\xB0 \r");
  EXPECT_EQ(request.objects[0].version_id, "null");
  EXPECT_EQ(request.objects[1].key, " ");
  EXPECT_EQ(request.objects[2].key, "<raw> more");
  EXPECT_EQ(request.objects[2].etag, "abc");
  EXPECT_EQ(request.objects[2].size, 12u);
  EXPECT_EQ(request.objects[2].modified_ms, 784'111'777'000);
  EXPECT_EQ(parse_delete("<s3:Delete xmlns:s3='u'><s3:Object><s3:Key>k</s3:Key></s3:Object></s3:Delete>")
                ->objects[0]
                .key,
            "k");
}

TEST(XmlDelete, RefusesWhatIsNotOne) {
  const std::string object = "<Object><Key>k</Key></Object>";
  std::string deep = "<Delete>" + object;
  for (int i = 0; i < 20; ++i) deep += "<x>";
  for (int i = 0; i < 20; ++i) deep += "</x>";
  const std::string cases[] = {
      "",
      "text",
      "<Delete>",
      "<Delete></Delete>",
      "<Other>" + object + "</Other>",
      "<Delete>" + object + "</Other>",
      "<Delete>" + object + "</Delete><Delete>" + object + "</Delete>",
      "<!DOCTYPE Delete [<!ENTITY x SYSTEM "
      "\"file:///etc/passwd\">]><Delete><Object><Key>&x;</Key></Object></Delete>",
      "<!DOCTYPE Delete><Delete>" + object + "</Delete>",
      "<Delete><Object></Object></Delete>",
      "<Delete><Object><Key></Key></Object></Delete>",
      "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
      "<Delete><Quiet>yes</Quiet>" + object + "</Delete>",
      "<Delete><Quiet>true</Quiet><Quiet>false</Quiet>" + object + "</Delete>",
      "<Delete><Object><Key>a&#0;b</Key></Object></Delete>",
      "<Delete><Object><Key>a&#x000;b</Key></Object></Delete>",
      "<Delete><Object><Key>a&#00",
      std::string("<Delete><Object><Key>a\0b</Key></Object></Delete>", 47),
      "<Delete><Object><Key>\xFF</Key></Object></Delete>",
      "<Delete><Object><Key>" + std::string(1025, 'k') + "</Key></Object></Delete>",
      "<Delete><Object><Key>k</Key><Size>-1</Size></Object></Delete>",
      "<Delete><Object><Key>k</Key><LastModifiedTime>now</LastModifiedTime></Object></Delete>",
      deep + "</Delete>",
  };
  for (const std::string& body : cases) EXPECT_EQ(code_of(parse_delete(body)), Code::MalformedXML) << body;

  std::string many;
  for (std::size_t i = 0; i < kDeleteObjectsMax; ++i) many += object;
  EXPECT_EQ(parse_delete("<Delete>" + many + "</Delete>")->objects.size(), kDeleteObjectsMax);
  EXPECT_EQ(code_of(parse_delete("<Delete>" + many + object + "</Delete>")), Code::MalformedXML);
}

TEST(XmlComplete, ReadsPartsAndTheirChecksums) {
  const CompleteRequest request = *parse_complete(
      "<CompleteMultipartUpload><Part><ETag>&quot;abc&quot;</ETag><ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>"
      "<PartNumber>1</PartNumber></Part>\n<Part><PartNumber> 10000 "
      "</PartNumber><ETag>def</ETag></Part></CompleteMultipartUpload>");
  ASSERT_EQ(request.parts.size(), 2u);
  EXPECT_EQ(request.parts[0].number, 1);
  EXPECT_EQ(request.parts[0].etag, "abc");
  EXPECT_EQ(request.parts[0].checksum.algorithm, ChecksumAlgorithm::Crc32);
  EXPECT_EQ(request.parts[1].number, 10'000);
  EXPECT_EQ(request.parts[1].checksum.algorithm, ChecksumAlgorithm::None);
}

TEST(XmlComplete, RefusesBadLists) {
  const auto part = [](const std::string& inner) {
    return "<CompleteMultipartUpload><Part>" + inner + "</Part></CompleteMultipartUpload>";
  };
  EXPECT_EQ(code_of(parse_complete("<CompleteMultipartUpload/>")), Code::MalformedXML);
  EXPECT_EQ(code_of(parse_complete(part("<PartNumber>1</PartNumber>"))), Code::MalformedXML);
  EXPECT_EQ(code_of(parse_complete(part("<PartNumber>x</PartNumber><ETag>a</ETag>"))), Code::MalformedXML);
  EXPECT_EQ(code_of(parse_complete(part("<PartNumber>0</PartNumber><ETag>a</ETag>"))), Code::InvalidArgument);
  EXPECT_EQ(code_of(parse_complete(part("<PartNumber>10001</PartNumber><ETag>a</ETag>"))),
            Code::InvalidArgument);
  EXPECT_EQ(
      code_of(parse_complete(part("<PartNumber>1</PartNumber><ETag>a</ETag><ChecksumSHA1>x</ChecksumSHA1>"))),
      Code::InvalidRequest);
  for (const char* second : {"1", "2"}) {
    EXPECT_EQ(code_of(parse_complete("<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>a</"
                                     "ETag></Part><Part><PartNumber>" +
                                     std::string(second) +
                                     "</PartNumber><ETag>b</ETag></Part></CompleteMultipartUpload>")),
              Code::InvalidPartOrder);
  }
}

TEST(XmlCreateBucket, ReadsTheLocation) {
  EXPECT_EQ(*parse_create_bucket(""), "");
  EXPECT_EQ(
      *parse_create_bucket("<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                           "<LocationConstraint>fr-hdf-1</LocationConstraint></CreateBucketConfiguration >"),
      "fr-hdf-1");
  EXPECT_EQ(*parse_create_bucket("<CreateBucketConfiguration/>"), "");
  EXPECT_EQ(code_of(parse_create_bucket("<Other/>")), Code::MalformedXML);
  EXPECT_EQ(code_of(parse_create_bucket("not xml")), Code::MalformedXML);
}

TEST(Encryption, AcceptsAes256AndRefusesTheRest) {
  const auto rule = [](const std::string& inner) {
    return "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>" + inner +
           "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
  };
  EXPECT_TRUE(check_encryption_document(rule("<SSEAlgorithm>AES256</SSEAlgorithm>")));
  EXPECT_TRUE(check_encryption_document(encryption_xml()));
  EXPECT_EQ(code_of(check_encryption_document(rule("<SSEAlgorithm>aws:kms</SSEAlgorithm>"))), Code::NotImplemented);
  EXPECT_EQ(code_of(check_encryption_document(rule("<SSEAlgorithm>DES</SSEAlgorithm>"))), Code::MalformedXML);
  EXPECT_EQ(code_of(check_encryption_document(rule(""))), Code::MalformedXML);
  EXPECT_EQ(code_of(check_encryption_document("<ServerSideEncryptionConfiguration/>")), Code::MalformedXML);
  EXPECT_EQ(code_of(check_encryption_document(rule("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"))),
            Code::InvalidArgument);
}

TEST(XmlWriter, EscapesEverythingThatXmlCannotHold) {
  XmlWriter xml("R", "");
  xml.element("K", std::string_view("<&>\"\r\n\t\x01\x7f\xC3\xA9"));
  EXPECT_EQ(
      std::move(xml).finish(),
      std::string(kDeclaration) + "<R><K>&lt;&amp;&gt;&quot;&#xD;&#xA;&#x9;&#x1;&#x7F;\xC3\xA9</K></R>");
}

TEST(Answers, ListObjectsV2HasS3sOrder) {
  ObjectListing listing;
  listing.bucket = "b";
  listing.prefix = "a b/";
  listing.delimiter = "/";
  listing.start_after = "a b/0";
  listing.continuation_token = "T0";
  listing.next_continuation_token = "T1";
  listing.max_keys = 2;
  listing.url_encoded = true;
  listing.truncated = true;
  listing.with_owner = true;
  listing.objects.push_back({"a b/\x01",
                             784'111'777'123,
                             "e",
                             {ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject, ""},
                             5,
                             {"id", "n"}});
  listing.common_prefixes.push_back("a b/c/");
  EXPECT_EQ(list_objects_v2_xml(listing),
            std::string(kDeclaration) +
                "<ListBucketResult "
                "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix>a%20b/</Prefix>"
                "<StartAfter>a%20b/0</StartAfter><ContinuationToken>T0</ContinuationToken>"
                "<NextContinuationToken>T1</NextContinuationToken><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>"
                "<Delimiter>/</Delimiter><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                "<Contents><Key>a%20b/%01</Key><LastModified>1994-11-06T08:49:37.000Z</"
                "LastModified><ETag>&quot;e&quot;</ETag>"
                "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</"
                "ChecksumType><Size>5</Size>"
                "<StorageClass>STANDARD</StorageClass><Owner><ID>id</ID><DisplayName>n</DisplayName></"
                "Owner></Contents>"
                "<CommonPrefixes><Prefix>a%20b/c/</Prefix></CommonPrefixes></ListBucketResult>");
}

TEST(Answers, ListObjectsV1AlwaysHasOwnerAndMarkers) {
  ObjectListing listing;
  listing.bucket = "b";
  listing.truncated = true;
  listing.next_marker = "k";
  listing.objects.push_back({"k", 0, "e", {}, 0, {"id", "n"}});
  const std::string tail =
      "<IsTruncated>true</IsTruncated><Contents><Key>k</Key><LastModified>1970-01-01T00:00:00.000Z</"
      "LastModified>"
      "<ETag>&quot;e&quot;</ETag><Size>0</Size><StorageClass>STANDARD</StorageClass><Owner><ID>id</ID>"
      "<DisplayName>n</DisplayName></Owner></Contents></ListBucketResult>";
  const std::string head =
      std::string(kDeclaration) +
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><Prefix></Prefix>"
      "<Marker></Marker>";
  EXPECT_EQ(list_objects_v1_xml(listing), head + "<MaxKeys>1000</MaxKeys>" + tail);
  listing.delimiter = "/";
  EXPECT_EQ(list_objects_v1_xml(listing),
            head + "<NextMarker>k</NextMarker><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter>" + tail);
}

TEST(Answers, OthersHaveS3sOrder) {
  const std::string ns = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
  EXPECT_EQ(list_buckets_xml({{"id", "n"}, {{"b", 0}}, "", ""}),
            kDeclaration + ("<ListAllMyBucketsResult" + ns) +
                "><Owner><ID>id</ID><DisplayName>n</DisplayName></Owner><Buckets><Bucket><Name>b</Name>"
                "<CreationDate>1970-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></"
                "ListAllMyBucketsResult>");
  EXPECT_EQ(initiate_multipart_xml("b", "k&", "u"),
            kDeclaration + ("<InitiateMultipartUploadResult" + ns) +
                "><Bucket>b</Bucket><Key>k&amp;</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>");
  EXPECT_EQ(
      complete_multipart_xml(
          {"l", "b", "k", "e-2", {ChecksumAlgorithm::Crc32, ChecksumType::Composite, "\x01\x02\x03\x04"}, 2}),
      kDeclaration + ("<CompleteMultipartUploadResult" + ns) +
          "><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>&quot;e-2&quot;</ETag>"
          "<ChecksumCRC32>AQIDBA==-2</ChecksumCRC32><ChecksumType>COMPOSITE</ChecksumType></"
          "CompleteMultipartUploadResult>");
  EXPECT_EQ(copy_object_xml({"e", 0, {}, 0}),
            kDeclaration + ("<CopyObjectResult" + ns) +
                "><ETag>&quot;e&quot;</ETag><LastModified>1970-01-01T00:00:00.000Z</LastModified></"
                "CopyObjectResult>");
  EXPECT_EQ(location_xml("us-east-1"),
            kDeclaration + ("<LocationConstraint" + ns) + "></LocationConstraint>");
  EXPECT_EQ(location_xml("fr-hdf-1"),
            kDeclaration + ("<LocationConstraint" + ns) + ">fr-hdf-1</LocationConstraint>");
  EXPECT_EQ(versioning_xml(storage::Versioning::Off),
            kDeclaration + ("<VersioningConfiguration" + ns) + "></VersioningConfiguration>");
  EXPECT_EQ(empty_setting_xml("BucketLoggingStatus"), kDeclaration + ("<BucketLoggingStatus" + ns) + "></BucketLoggingStatus>");
  EXPECT_EQ(request_payment_xml(), kDeclaration + ("<RequestPaymentConfiguration" + ns) +
                                       "><Payer>BucketOwner</Payer></RequestPaymentConfiguration>");
  EXPECT_EQ(encryption_xml(),
            kDeclaration + ("<ServerSideEncryptionConfiguration" + ns) +
                "><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
                "<BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>");
  DeleteResult result;
  result.deleted.push_back({"a", ""});
  result.errors.push_back({"b", "", S3Error(Code::AccessDenied)});
  EXPECT_EQ(delete_result_xml(result),
            kDeclaration + ("<DeleteResult" + ns) +
                "><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code>"
                "<Message>Access Denied</Message></Error></DeleteResult>");
}

TEST(Errors, TableIsTotalAndTheBodyHasS3sElements) {
  for (std::size_t i = 0; i < kCodes; ++i) {
    const CodeRow& row = code_row(static_cast<Code>(i));
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.message.empty());
    EXPECT_TRUE(row.status >= 400 && row.status < 600) << row.name;
  }
  const S3Error error = S3Error(Code::NoSuchKey).with("Key", "a<b");
  EXPECT_EQ(
      error_xml(error, "/b/a", "R", "H"),
      std::string(kDeclaration) +
          "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key>"
          "<Resource>/b/a</Resource><RequestId>R</RequestId><HostId>H</HostId></Error>");
}

// Found by fuzzing: a reference beyond Unicode wrapped round to another character.
TEST(Xml, ReferencesNameCharacters) {
  const auto body = [](const std::string& reference) { return "<Delete><Object><Key>a" + reference + "</Key></Object></Delete>"; };
  for (const char* bad : {"&#0;", "&#x0;", "&#000;", "&#xD800;", "&#xdfff;", "&#x110000;", "&#4294967361;", "&#99999999999999999999;"}) {
    EXPECT_EQ(code_of(parse_delete(body(bad))), Code::MalformedXML) << bad;
  }
  EXPECT_EQ(parse_delete(body("&#65;&#x42;"))->objects.front().key, "aAB");
  EXPECT_EQ(parse_delete(body("&#x10FFFF;"))->objects.front().key, "a\xF4\x8F\xBF\xBF");
}

}  // namespace
}  // namespace beffroi::s3
