// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/checksum.h"

#include <algorithm>
#include <array>

#include "crypto/check.h"
#include "crypto/crc.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kHeaderPrefix = "x-amz-checksum-";

struct Row {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::string_view element;
  std::size_t bytes;
  bool is_crc;
};
constexpr std::array<Row, 11> kRows = {{
    {ChecksumAlgorithm::None, "", "", "", 0, false},
    {ChecksumAlgorithm::Crc32, "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4, true},
    {ChecksumAlgorithm::Crc32c, "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4, true},
    {ChecksumAlgorithm::Crc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8, true},
    {ChecksumAlgorithm::Sha1, "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20, false},
    {ChecksumAlgorithm::Sha256, "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32, false},
    {ChecksumAlgorithm::Sha512, "SHA512", "x-amz-checksum-sha512", "ChecksumSHA512", 64, false},
    {ChecksumAlgorithm::Md5, "MD5", "x-amz-checksum-md5", "ChecksumMD5", 16, false},
    {ChecksumAlgorithm::XxHash64, "XXHASH64", "x-amz-checksum-xxhash64", "ChecksumXXHASH64", 8, false},
    {ChecksumAlgorithm::XxHash3, "XXHASH3", "x-amz-checksum-xxhash3", "ChecksumXXHASH3", 8, false},
    {ChecksumAlgorithm::XxHash128, "XXHASH128", "x-amz-checksum-xxhash128", "ChecksumXXHASH128", 16, false},
}};

const Row& row(ChecksumAlgorithm algorithm) {
  const Row& found = kRows[static_cast<std::size_t>(algorithm)];
  CHECK(found.algorithm == algorithm);
  return found;
}

const Row* row_of_header(std::string_view header) {
  for (const Row& r : kRows) {
    if (!r.header.empty() && http::same_name(r.header, header)) return &r;
  }
  return nullptr;
}

S3Error invalid(std::string message) {
  return S3Error(Code::InvalidRequest, std::move(message));
}

S3Error not_supported(std::string_view name) {
  return invalid("The checksum algorithm of " + std::string(name) +
                 " is not known. Use CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3 or XXHASH128.");
}

bool carries_value(std::string_view header) {
  if (!has_prefix_of_name(header, kHeaderPrefix)) return false;
  const std::string rest = lower_case(header.substr(kHeaderPrefix.size()));
  return rest != "algorithm" && rest != "type" && rest != "mode";
}

S3Result<void> read_header_checksum(HeaderSpan headers, RequestChecksum& found) {
  for (const http::Field& field : headers) {
    if (!carries_value(field.name)) continue;
    const Row* r = row_of_header(field.name);
    if (r == nullptr) return not_supported(field.name);
    if (found.algorithm != ChecksumAlgorithm::None) {
      return invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    S3Result<Bytes> value = parse_checksum_value(r->algorithm, field.value);
    if (!value) return value.error();
    found.algorithm = r->algorithm;
    found.value = std::move(*value);
  }
  return {};
}

S3Result<void> read_trailer(HeaderSpan headers, const Payload& payload, RequestChecksum& found) {
  const auto trailer = find_header(headers, "x-amz-trailer");
  if (!trailer) return {};
  if (!payload.has_trailer()) {
    return invalid("x-amz-trailer needs an x-amz-content-sha256 that announces a trailer.");
  }
  const Row* r = row_of_header(*trailer);
  if (r == nullptr) {
    return carries_value(*trailer)
               ? not_supported(*trailer)
               : invalid("The value specified in the x-amz-trailer header is not supported: " +
                         std::string(*trailer));
  }
  if (found.algorithm != ChecksumAlgorithm::None) {
    return invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  found.algorithm = r->algorithm;
  found.in_trailer = true;
  return {};
}

Bytes crc_bytes(std::size_t size, std::uint64_t crc) {
  Bytes out;
  if (size == 4) {
    append_be(out, static_cast<std::uint32_t>(crc));
  } else {
    append_be(out, crc);
  }
  return out;
}

}  // namespace

std::string_view checksum_name(ChecksumAlgorithm algorithm) {
  return row(algorithm).name;
}
std::string_view checksum_header(ChecksumAlgorithm algorithm) {
  return row(algorithm).header;
}
std::string_view checksum_element(ChecksumAlgorithm algorithm) {
  return row(algorithm).element;
}
std::size_t checksum_bytes(ChecksumAlgorithm algorithm) {
  return row(algorithm).bytes;
}

std::string_view checksum_type_name(ChecksumType type) {
  return type == ChecksumType::FullObject ? "FULL_OBJECT" : "COMPOSITE";
}

S3Result<ChecksumAlgorithm> parse_checksum_name(std::string_view name) {
  for (const Row& r : kRows) {
    if (!r.name.empty() && http::same_name(r.name, name)) return r.algorithm;
  }
  return not_supported(name);
}

S3Result<Bytes> parse_checksum_value(ChecksumAlgorithm algorithm, std::string_view base64) {
  std::optional<Bytes> value = from_base64(base64);
  if (value && value->size() == checksum_bytes(algorithm)) return std::move(*value);
  return invalid("Value for " + std::string(checksum_header(algorithm)) + " header is invalid.");
}

std::string checksum_text(const storage::Checksum& checksum, std::size_t parts) {
  std::string text = to_base64(checksum.value);
  if (checksum.type == ChecksumType::Composite && parts > 0) text += "-" + std::to_string(parts);
  return text;
}

S3Result<RequestChecksum> request_checksum(HeaderSpan headers, const Payload& payload) {
  RequestChecksum found;
  if (S3Result<void> good = read_header_checksum(headers, found); !good) return good.error();
  if (S3Result<void> good = read_trailer(headers, payload, found); !good) return good.error();
  const auto announced = find_header(headers, "x-amz-sdk-checksum-algorithm");
  if (!announced) return found;
  S3Result<ChecksumAlgorithm> algorithm = parse_checksum_name(*announced);
  if (!algorithm) return algorithm.error();
  if (found.algorithm == ChecksumAlgorithm::None) {
    return invalid(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
        "headers were found.");
  }
  if (found.algorithm != *algorithm) {
    return invalid(
        "Value for x-amz-sdk-checksum-algorithm header is invalid: it is not the checksum that is sent.");
  }
  return found;
}

S3Result<RequestChecksum> complete_checksum(HeaderSpan headers) {
  RequestChecksum found;
  for (const http::Field& field : headers) {
    if (!carries_value(field.name)) continue;
    // The alphabet has no `-`: what follows one is the number of parts.
    const http::Field value{field.name, field.value.substr(0, field.value.find('-'))};
    if (S3Result<void> good = read_header_checksum(HeaderSpan(&value, 1), found); !good) return good.error();
  }
  return found;
}

S3Result<std::optional<Bytes>> content_md5(HeaderSpan headers) {
  const auto header = find_header(headers, "content-md5");
  if (!header) return std::optional<Bytes>();
  std::optional<Bytes> value = from_base64(*header);
  if (!value || value->size() != 16) return S3Error(Code::InvalidDigest);
  return value;
}

S3Result<void> require_integrity(HeaderSpan headers, const Payload& payload) {
  if (payload.kind == PayloadKind::Sha256 || payload.has_signed_chunks()) return {};
  if (has_header(headers, "content-md5") || has_header(headers, "x-amz-trailer")) return {};
  for (const http::Field& field : headers) {
    if (carries_value(field.name)) return {};
  }
  return invalid("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
}

S3Result<UploadChecksum> upload_checksum(HeaderSpan headers) {
  UploadChecksum chosen;
  const auto name = find_header(headers, "x-amz-checksum-algorithm");
  if (name) {
    S3Result<ChecksumAlgorithm> algorithm = parse_checksum_name(*name);
    if (!algorithm) return algorithm.error();
    chosen.algorithm = *algorithm;
    chosen.type =
        *algorithm == ChecksumAlgorithm::Crc64Nvme ? ChecksumType::FullObject : ChecksumType::Composite;
  }
  const auto type = find_header(headers, "x-amz-checksum-type");
  if (!type) return chosen;
  if (*type == "FULL_OBJECT") {
    chosen.type = ChecksumType::FullObject;
  } else if (*type == "COMPOSITE" && name) {
    chosen.type = ChecksumType::Composite;
  } else {
    return invalid("Value for x-amz-checksum-type header is invalid.");
  }
  const bool is_crc = row(chosen.algorithm).is_crc;
  const bool possible =
      chosen.type == ChecksumType::FullObject ? is_crc : chosen.algorithm != ChecksumAlgorithm::Crc64Nvme;
  if (!possible) {
    return invalid("The " + std::string(checksum_type_name(chosen.type)) +
                   " checksum type cannot be used with the " + std::string(checksum_name(chosen.algorithm)) +
                   " checksum algorithm.");
  }
  return chosen;
}

ChecksumState::ChecksumState(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::None:
    case ChecksumAlgorithm::Crc32:
    case ChecksumAlgorithm::Crc32c:
    case ChecksumAlgorithm::Crc64Nvme: break;
    case ChecksumAlgorithm::Sha1: digest_.emplace(crypto::DigestAlgorithm::Sha1); break;
    case ChecksumAlgorithm::Sha256: digest_.emplace(crypto::DigestAlgorithm::Sha256); break;
    case ChecksumAlgorithm::Sha512: digest_.emplace(crypto::DigestAlgorithm::Sha512); break;
    case ChecksumAlgorithm::Md5: md5_.emplace(); break;
    case ChecksumAlgorithm::XxHash64: xxhash_.emplace(crypto::XxHashAlgorithm::XxHash64); break;
    case ChecksumAlgorithm::XxHash3: xxhash_.emplace(crypto::XxHashAlgorithm::XxHash3); break;
    case ChecksumAlgorithm::XxHash128: xxhash_.emplace(crypto::XxHashAlgorithm::XxHash128); break;
  }
}

void ChecksumState::update(BytesView bytes) {
  switch (algorithm_) {
    case ChecksumAlgorithm::None:
      break;
    case ChecksumAlgorithm::Crc32:
      crc_ = crypto::crc32(static_cast<std::uint32_t>(crc_), bytes);
      break;
    case ChecksumAlgorithm::Crc32c:
      crc_ = crypto::crc32c(static_cast<std::uint32_t>(crc_), bytes);
      break;
    case ChecksumAlgorithm::Crc64Nvme:
      crc_ = crypto::crc64nvme(crc_, bytes);
      break;
    case ChecksumAlgorithm::Sha1:
    case ChecksumAlgorithm::Sha256:
    case ChecksumAlgorithm::Sha512:
      digest_->update(bytes);
      break;
    case ChecksumAlgorithm::Md5:
      md5_->update(bytes);
      break;
    case ChecksumAlgorithm::XxHash64:
    case ChecksumAlgorithm::XxHash3:
    case ChecksumAlgorithm::XxHash128:
      xxhash_->update(bytes);
      break;
  }
}

Bytes ChecksumState::finish() {
  if (algorithm_ == ChecksumAlgorithm::None) return {};
  if (md5_) return md5_->finish();
  if (xxhash_) return xxhash_->finish();
  return digest_ ? digest_->finish() : crc_bytes(checksum_bytes(algorithm_), crc_);
}

Bytes checksum_of(ChecksumAlgorithm algorithm, BytesView bytes) {
  ChecksumState state(algorithm);
  state.update(bytes);
  return state.finish();
}

}  // namespace beffroi::s3
