// SPDX-License-Identifier: EUPL-1.2
// Values of the literature for "123456789" (the check value of each CRC's definition; FIPS 180 digests from
// sha1sum and sha256sum).
#include "server/s3/checksum.h"

#include <gtest/gtest.h>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

TEST(Checksum, HasTheLiteraturesValues) {
  const std::string text = "123456789";
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Crc32, text)), "cbf43926");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Crc32c, text)), "e3069283");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Crc64Nvme, text)), "ae8b14860a799888");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Sha1, text)), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Sha256, text)),
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
  // FIPS 180-4 and RFC 1321, and the values of xxHash's own reference for "abc" (the 128 bits' high half first).
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Sha512, "abc")).substr(0, 32), "ddaf35a193617abacc417349ae204131");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::Md5, "abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::XxHash64, "abc")), "44bc2cf5ad770999");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::XxHash3, "abc")), "78af5f94892f3950");
  EXPECT_EQ(to_hex(checksum_of(ChecksumAlgorithm::XxHash128, "abc")), "06b05ab6733a618578af5f94892f3950");
  for (ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    ChecksumState pieces(algorithm);
    for (char c : text) pieces.update({&c, 1});
    EXPECT_EQ(pieces.finish(), checksum_of(algorithm, text));
    EXPECT_EQ(checksum_of(algorithm, text).size(), checksum_bytes(algorithm));
  }
}

TEST(Checksum, NamesAreS3s) {
  EXPECT_EQ(checksum_header(ChecksumAlgorithm::Crc64Nvme), "x-amz-checksum-crc64nvme");
  EXPECT_EQ(checksum_element(ChecksumAlgorithm::Sha1), "ChecksumSHA1");
  for (ChecksumAlgorithm algorithm : kChecksumAlgorithms)
    EXPECT_EQ(*parse_checksum_name(checksum_name(algorithm)), algorithm);
  EXPECT_EQ(*parse_checksum_name("crc32c"), ChecksumAlgorithm::Crc32c);
  EXPECT_EQ(checksum_header(ChecksumAlgorithm::XxHash128), "x-amz-checksum-xxhash128");
  for (const char* unknown : {"SHA3", "XXHASH32", "", "CRC"}) {
    S3Result<ChecksumAlgorithm> refused = parse_checksum_name(unknown);
    ASSERT_EQ(code_of(refused), Code::InvalidRequest) << unknown;
    EXPECT_NE(refused.error().message.find(unknown), std::string::npos) << "it is named";
  }
  EXPECT_EQ(checksum_text({ChecksumAlgorithm::Crc32, ChecksumType::Composite, "\x01\x02\x03\x04"}, 3),
            "AQIDBA==-3");
  EXPECT_EQ(checksum_text({ChecksumAlgorithm::Crc32, ChecksumType::FullObject, "\x01\x02\x03\x04"}, 3),
            "AQIDBA==");
}

TEST(Checksum, ReadsWhatARequestCarries) {
  TestRequest none("PUT", "/b/k");
  EXPECT_EQ(request_checksum(none.headers(), {})->algorithm, ChecksumAlgorithm::None);

  TestRequest header("PUT", "/b/k");
  header.header("X-Amz-Checksum-Crc32", "y/Q5Jg==")
      .header("x-amz-sdk-checksum-algorithm", "CRC32")
      .header("x-amz-checksum-mode", "ENABLED");
  const RequestChecksum found = *request_checksum(header.headers(), {});
  EXPECT_EQ(found.algorithm, ChecksumAlgorithm::Crc32);
  EXPECT_FALSE(found.in_trailer);
  EXPECT_EQ(found.value, checksum_of(ChecksumAlgorithm::Crc32, "123456789"));

  TestRequest trailer("PUT", "/b/k");
  trailer.header("x-amz-trailer", "X-Amz-Checksum-CRC64NVME")
      .header("x-amz-sdk-checksum-algorithm", "CRC64NVME");
  const Payload with_trailer{PayloadKind::StreamingUnsignedTrailer, ""};
  EXPECT_TRUE(request_checksum(trailer.headers(), with_trailer)->in_trailer);
  EXPECT_EQ(code_of(request_checksum(trailer.headers(), Payload{PayloadKind::StreamingSigned, ""})),
            Code::InvalidRequest);
}

TEST(Checksum, RefusesWhatTheTableRefuses) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const Payload with_trailer{PayloadKind::StreamingUnsignedTrailer, ""};
  const std::vector<Headers> cases = {
      {{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-checksum-crc32c", "4waSgw=="}},
      {{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-checksum-crc32", "y/Q5Jg=="}},
      {{"x-amz-checksum-crc32", "y/Q5Jg"}},
      {{"x-amz-checksum-crc32", ""}},
      {{"x-amz-checksum-crc32", "y/Q5Jg==="}},
      {{"x-amz-checksum-sha256", "y/Q5Jg=="}},
      {{"x-amz-checksum-xxhash64", "AAAAAAAAAA=="}},
      {{"x-amz-checksum-xxhash32", "AAAAAA=="}},
      {{"x-amz-sdk-checksum-algorithm", "CRC32"}},
      {{"x-amz-sdk-checksum-algorithm", "CRC32C"}, {"x-amz-checksum-crc32", "y/Q5Jg=="}},
      {{"x-amz-sdk-checksum-algorithm", "CRC99"}, {"x-amz-checksum-crc32", "y/Q5Jg=="}},
      {{"x-amz-trailer", "x-amz-checksum-crc32, x-amz-checksum-sha1"}},
      {{"x-amz-trailer", "x-amz-meta-late"}},
      {{"x-amz-trailer", "x-amz-checksum-xxhash32"}},
      {{"x-amz-trailer", ""}},
      {{"x-amz-trailer", "x-amz-checksum-crc32"}, {"x-amz-checksum-crc32", "y/Q5Jg=="}},
  };
  for (const Headers& headers : cases) {
    TestRequest request("PUT", "/b/k");
    for (const auto& [name, value] : headers) request.header(name, value);
    EXPECT_EQ(code_of(request_checksum(request.headers(), with_trailer)), Code::InvalidRequest)
        << headers[0].first << ": " << headers[0].second;
  }
}

TEST(Checksum, CompleteTakesACompositeForm) {
  TestRequest request("POST", "/b/k?uploadId=u");
  request.header("x-amz-checksum-crc32", "y/Q5Jg==-12").header("x-amz-checksum-type", "COMPOSITE");
  EXPECT_EQ(complete_checksum(request.headers())->value, checksum_of(ChecksumAlgorithm::Crc32, "123456789"));
  request.replace("x-amz-checksum-crc32", "-12");
  EXPECT_EQ(code_of(complete_checksum(request.headers())), Code::InvalidRequest);
}

TEST(Checksum, ReadsContentMd5AndDemandsIntegrity) {
  TestRequest none("POST", "/b?delete");
  EXPECT_FALSE(*content_md5(none.headers()));
  EXPECT_EQ(code_of(require_integrity(none.headers(), {})), Code::InvalidRequest);
  EXPECT_EQ(code_of(require_integrity(none.headers(), Payload{PayloadKind::Unsigned, ""})),
            Code::InvalidRequest);
  EXPECT_TRUE(require_integrity(none.headers(), Payload{PayloadKind::Sha256, std::string(32, 'a')}));
  EXPECT_TRUE(require_integrity(none.headers(), Payload{PayloadKind::StreamingSigned, ""}));

  TestRequest md5("POST", "/b?delete");
  md5.header("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==");
  EXPECT_EQ(to_hex(**content_md5(md5.headers())), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_TRUE(require_integrity(md5.headers(), {}));
  for (const char* bad : {"", "x", "1B2M2Y8AsgTpgAmY7PhCfg", "AAAA"}) {
    md5.replace("Content-MD5", bad);
    EXPECT_EQ(code_of(content_md5(md5.headers())), Code::InvalidDigest) << bad;
  }

  TestRequest algorithm("POST", "/b?delete");
  algorithm.header("x-amz-checksum-algorithm", "CRC32");
  EXPECT_FALSE(require_integrity(algorithm.headers(), {})) << "an announcement is not a checksum";
  TestRequest crc("POST", "/b?delete");
  crc.header("x-amz-checksum-crc32", "y/Q5Jg==");
  EXPECT_TRUE(require_integrity(crc.headers(), {}));
}

TEST(Checksum, UploadsChooseAlgorithmAndType) {
  struct Case {
    const char *algorithm, *type;
    std::optional<std::pair<ChecksumAlgorithm, ChecksumType>> expected;
  };
  const Case cases[] = {
      {"", "", std::pair(ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject)},
      {"", "FULL_OBJECT", std::pair(ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject)},
      {"CRC32", "", std::pair(ChecksumAlgorithm::Crc32, ChecksumType::Composite)},
      {"CRC32", "FULL_OBJECT", std::pair(ChecksumAlgorithm::Crc32, ChecksumType::FullObject)},
      {"CRC64NVME", "", std::pair(ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject)},
      {"SHA256", "COMPOSITE", std::pair(ChecksumAlgorithm::Sha256, ChecksumType::Composite)},
      {"CRC64NVME", "COMPOSITE", {}},
      {"SHA1", "FULL_OBJECT", {}},
      {"", "COMPOSITE", {}},
      {"CRC32", "full_object", {}},
      {"XXHASH128", "", std::pair(ChecksumAlgorithm::XxHash128, ChecksumType::Composite)},
      {"XXHASH3", "FULL_OBJECT", {}},
      {"MD5", "", std::pair(ChecksumAlgorithm::Md5, ChecksumType::Composite)},
      {"SHA512", "FULL_OBJECT", {}},
      {"XXHASH32", "", {}},
  };
  for (const Case& c : cases) {
    TestRequest request("POST", "/b/k?uploads");
    if (*c.algorithm) request.header("x-amz-checksum-algorithm", c.algorithm);
    if (*c.type) request.header("x-amz-checksum-type", c.type);
    S3Result<UploadChecksum> chosen = upload_checksum(request.headers());
    if (!c.expected) {
      EXPECT_EQ(code_of(chosen), Code::InvalidRequest) << c.algorithm << c.type;
      continue;
    }
    ASSERT_TRUE(chosen) << c.algorithm << c.type;
    EXPECT_EQ(chosen->algorithm, c.expected->first);
    EXPECT_EQ(chosen->type, c.expected->second);
  }
}

}  // namespace
}  // namespace beffroi::s3
