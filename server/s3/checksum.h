// SPDX-License-Identifier: EUPL-1.2
// S3's checksums: which one a request carries and where, and computing it. CRC32, CRC32C, CRC64NVME, SHA1,
// SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128. Values are raw bytes, CRCs and xxHashes big-endian,
// base64 on the wire. What parts add up to is storage/engine/part_checksums.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.h"
#include "crypto/md5.h"
#include "crypto/xxhash.h"
#include "server/s3/payload.h"
#include "server/s3/request.h"
#include "storage/engine/object.h"

namespace beffroi::s3 {

using storage::ChecksumAlgorithm;
using storage::ChecksumType;

// All but None, in the order of their numbers.
inline constexpr std::array<ChecksumAlgorithm, 10> kChecksumAlgorithms = {
    ChecksumAlgorithm::Crc32,  ChecksumAlgorithm::Crc32c,   ChecksumAlgorithm::Crc64Nvme, ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Sha512,   ChecksumAlgorithm::Md5,       ChecksumAlgorithm::XxHash64,
    ChecksumAlgorithm::XxHash3, ChecksumAlgorithm::XxHash128};
static_assert(kChecksumAlgorithms.back() == storage::kLastChecksumAlgorithm);

std::string_view checksum_name(ChecksumAlgorithm);     // CRC32
std::string_view checksum_header(ChecksumAlgorithm);   // x-amz-checksum-crc32
std::string_view checksum_element(ChecksumAlgorithm);  // ChecksumCRC32
std::string_view checksum_type_name(ChecksumType);     // FULL_OBJECT
std::size_t checksum_bytes(ChecksumAlgorithm);
// `CRC32` in any case; 400 InvalidRequest, naming it, for one that is unknown or not there.
S3Result<ChecksumAlgorithm> parse_checksum_name(std::string_view);

// Raw bytes from base64; 400 InvalidRequest for a wrong length or alphabet.
S3Result<Bytes> parse_checksum_value(ChecksumAlgorithm, std::string_view base64);
// Base64, with `-N` for a composite of N parts.
std::string checksum_text(const storage::Checksum&, std::size_t parts = 0);

// What a request's headers say about the checksum of its body.
struct RequestChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::None;
  bool in_trailer = false;
  Bytes value;  // raw; empty when it comes in the trailer
};
// 400 InvalidRequest for two different ones, a bad value, an algorithm announced without a value, a trailer
// that is not one known checksum or that the payload kind does not have.
S3Result<RequestChecksum> request_checksum(HeaderSpan, const Payload&);

// The checksum of the whole object that CompleteMultipartUpload may carry (not of its body), with or without
// `-N`.
S3Result<RequestChecksum> complete_checksum(HeaderSpan);

// Content-MD5 as 16 raw bytes; nothing when absent; 400 InvalidDigest.
S3Result<std::optional<Bytes>> content_md5(HeaderSpan);

// For operations that require integrity: Content-MD5, a checksum, or a payload hash; else 400 InvalidRequest.
S3Result<void> require_integrity(HeaderSpan, const Payload&);

// x-amz-checksum-algorithm and x-amz-checksum-type of CreateMultipartUpload. Without an algorithm: CRC64NVME
// of the full object. Only the CRCs have a full-object form over parts, CRC64NVME no composite one: 400
// InvalidRequest.
struct UploadChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::Crc64Nvme;
  ChecksumType type = ChecksumType::FullObject;
};
S3Result<UploadChecksum> upload_checksum(HeaderSpan);

// Computes one of them over a stream.
class ChecksumState {
 public:
  explicit ChecksumState(ChecksumAlgorithm);
  void update(BytesView);
  Bytes finish();  // once

 private:
  ChecksumAlgorithm algorithm_;
  std::uint64_t crc_ = 0;
  std::optional<crypto::Digest> digest_;
  std::optional<crypto::Md5Stream> md5_;
  std::optional<crypto::XxHash> xxhash_;
};
Bytes checksum_of(ChecksumAlgorithm, BytesView);

}  // namespace beffroi::s3
