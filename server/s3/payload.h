// SPDX-License-Identifier: EUPL-1.2
// What a request says of its body: x-amz-content-sha256 (the only thing that tells aws-chunked from plain
// bytes: restic and minio-go send no Content-Encoding) and the length that quota and space are decided on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/s3/request.h"

namespace beffroi::s3 {

enum class PayloadKind : std::uint8_t {
  Absent,                    // no header: anonymous or presigned; nothing to verify
  Unsigned,                  // UNSIGNED-PAYLOAD
  Sha256,                    // 64 hex digits of the whole body
  StreamingSigned,           // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  StreamingSignedTrailer,    // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  StreamingUnsignedTrailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

struct Payload {
  PayloadKind kind = PayloadKind::Absent;
  std::string sha256;  // raw, for Sha256

  bool is_streaming() const { return kind >= PayloadKind::StreamingSigned; }
  bool has_signed_chunks() const {
    return kind == PayloadKind::StreamingSigned || kind == PayloadKind::StreamingSignedTrailer;
  }
  bool has_trailer() const { return kind >= PayloadKind::StreamingSignedTrailer; }
};

// 501 for SigV4A's values, 400 InvalidArgument for anything else that is unknown. A presigned request may
// carry it in the query.
S3Result<Payload> parse_payload(const RequestView&, const Query&);

// The number of bytes of the object: x-amz-decoded-content-length of a streaming body, Content-Length of a
// plain one. Without it: 411 MissingContentLength, closing; `content_length` is nothing for a chunked body.
S3Result<std::uint64_t> declared_length(const RequestView&, const Payload&,
                                        std::optional<std::uint64_t> content_length);

}  // namespace beffroi::s3
