// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/payload.h"

#include "crypto/bytes.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kHeader = "x-amz-content-sha256";

S3Result<Payload> parse_text(std::string_view text) {
  Payload payload;
  if (text == "UNSIGNED-PAYLOAD") {
    payload.kind = PayloadKind::Unsigned;
  } else if (text == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    payload.kind = PayloadKind::StreamingSigned;
  } else if (text == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    payload.kind = PayloadKind::StreamingSignedTrailer;
  } else if (text == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    payload.kind = PayloadKind::StreamingUnsignedTrailer;
  } else if (text.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")) {
    return S3Error(Code::NotImplemented,
                   "AWS Signature Version 4A is not implemented; use AWS4-HMAC-SHA256.");
  } else if (text.size() == 64 && from_hex(text)) {
    payload.kind = PayloadKind::Sha256;
    payload.sha256 = *from_hex(text);
  } else {
    return S3Error(
               Code::InvalidArgument,
               "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
               "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid "
               "sha256 value.")
        .with("ArgumentName", std::string(kHeader))
        .with("ArgumentValue", std::string(text));
  }
  return payload;
}

S3Error missing_length(const char* header) {
  return S3Error(Code::MissingContentLength, std::string("You must provide the ") + header + " HTTP header.")
      .closing();
}

}  // namespace

S3Result<Payload> parse_payload(const RequestView& view, const Query& query) {
  if (const auto header = find_header(view.headers, kHeader)) return parse_text(*header);
  if (const std::string* value = query.find("X-Amz-Content-Sha256")) return parse_text(*value);
  return Payload{};
}

S3Result<std::uint64_t> declared_length(const RequestView& view, const Payload& payload,
                                        std::optional<std::uint64_t> content_length) {
  if (!payload.is_streaming()) {
    if (!content_length) return missing_length("Content-Length");
    return *content_length;
  }
  const auto header = find_header(view.headers, "x-amz-decoded-content-length");
  const auto length = header ? parse_decimal(*header) : std::nullopt;
  if (!length) return missing_length("x-amz-decoded-content-length");
  return *length;
}

}  // namespace beffroi::s3
