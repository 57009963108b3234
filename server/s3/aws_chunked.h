// SPDX-License-Identifier: EUPL-1.2
// The aws-chunked body, fed byte by byte after HTTP's own chunks are removed (their boundaries do not match).
//
//   body    = *( size [;chunk-signature=64hex] CRLF data CRLF )  "0" [;chunk-signature=64hex] CRLF
//             [trailer]  0*4( CR / LF )
//   trailer = name ":" value ( CRLF / LF )  [ 0*4( CR / LF ) "x-amz-trailer-signature:" 64hex CRLF ]
//   size    = 1-8 hex digits, chunks of any size
//
// Slices are yielded before the signature of their chunk is known: nothing that was written may become
// visible before finish() returns. Errors are sticky; malformed framing closes the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.h"
#include "server/s3/errors.h"
#include "server/s3/payload.h"
#include "server/s3/sigv4.h"

namespace beffroi::s3 {

inline constexpr std::size_t kChunkLineBytesMax = 128;
inline constexpr std::size_t kTrailerLineBytesMax = 256;
inline constexpr std::uint64_t kFramingBytesFree =
    64 * 1024;  // beyond it, framing may be a quarter of the decoded bytes

class AwsChunked {
 public:
  struct Signing {
    std::shared_ptr<const SigningKey> key;
    std::string timestamp;
    std::string scope;
    std::string seed;  // the request's own signature
  };
  struct Options {
    PayloadKind kind = PayloadKind::StreamingUnsignedTrailer;
    std::uint64_t decoded_length = 0;
    std::string trailer;             // the announced name, lower-case; empty: none
    std::optional<Signing> signing;  // exactly when the kind has signed chunks
  };
  explicit AwsChunked(Options);

  // Takes bytes from the front of `input` up to the end of the next piece of data, which it returns (a view
  // into the input; empty when the input was used up without any). Call until the input is empty.
  S3Result<std::string_view> next(std::string_view& input);

  // The body has ended: 400 IncompleteBody, 400 MalformedTrailerError, 403 SignatureDoesNotMatch, or all is
  // well.
  S3Result<void> finish();

  // The value of the announced trailer, after finish().
  const std::string& trailer_value() const { return trailer_value_; }
  std::uint64_t decoded() const { return decoded_; }

 private:
  enum class State : std::uint8_t { ChunkLine, Data, DataEnd, Trailer, End };

  S3Result<std::string_view> step(std::string_view& input);
  std::string_view take_data(std::string_view& input);
  S3Result<void> take_line(std::string_view& input);
  S3Result<void> take_end(std::string_view& input);
  S3Result<void> read_chunk_line();
  S3Result<void> end_chunk();
  S3Result<void> read_trailer_line(std::size_t end_bytes);
  bool verify(std::string_view kind, std::string_view content, std::string_view signature);

  Options options_;
  State state_ = State::ChunkLine;
  std::string line_;  // of the chunk or trailer being read
  std::uint64_t chunk_left_ = 0;
  std::uint64_t decoded_ = 0;  // bytes of data yielded
  std::uint64_t framing_ = 0;  // bytes of everything else
  std::size_t blank_ = 0;      // CR and LF since the last line that said something
  bool last_chunk_ = false;
  std::string previous_signature_;
  std::string chunk_signature_;
  std::optional<crypto::Digest> chunk_digest_;
  std::string trailer_value_;
  bool has_trailer_ = false;
  std::optional<S3Error> failed_;
};

}  // namespace beffroi::s3
