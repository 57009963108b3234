// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/aws_chunked.h"

#include <algorithm>
#include <charconv>

#include "crypto/check.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kSignatureMark = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr std::size_t kBlankBytesMax = 4;
constexpr std::size_t kSizeDigitsMax = 8;
// SHA-256 of nothing, which the string to sign of a chunk contains.
constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

S3Error bad_framing(const char* why) {
  return S3Error(Code::InvalidRequest, std::string("The aws-chunked body is malformed: ") + why).closing();
}

S3Error incomplete() {
  return S3Error(Code::IncompleteBody,
                 "The request body does not hold the number of bytes of x-amz-decoded-content-length.");
}

S3Error bad_signature(const char* of) {
  return S3Error(Code::SignatureDoesNotMatch,
                 std::string("The signature of the ") + of + " does not match what the server calculated.");
}

}  // namespace

AwsChunked::AwsChunked(Options options) : options_(std::move(options)) {
  const bool signs =
      options_.kind == PayloadKind::StreamingSigned || options_.kind == PayloadKind::StreamingSignedTrailer;
  CHECK(signs == options_.signing.has_value());
  if (signs) previous_signature_ = options_.signing->seed;
}

S3Result<std::string_view> AwsChunked::next(std::string_view& input) {
  if (failed_) return *failed_;
  while (!input.empty()) {
    S3Result<std::string_view> data = step(input);
    if (!data) failed_ = data.error();
    if (!data || !data->empty()) return data;
  }
  return std::string_view();
}

S3Result<std::string_view> AwsChunked::step(std::string_view& input) {
  if (state_ == State::Data) return take_data(input);
  S3Result<void> good = state_ == State::End ? take_end(input) : take_line(input);
  if (good && framing_ > decoded_ / 4 + kFramingBytesFree) {
    good = bad_framing("more framing than a quarter of its data.");
  }
  if (!good) return good.error();
  return std::string_view();
}

std::string_view AwsChunked::take_data(std::string_view& input) {
  const std::string_view data = input.substr(0, std::min<std::uint64_t>(input.size(), chunk_left_));
  input.remove_prefix(data.size());
  chunk_left_ -= data.size();
  decoded_ += data.size();
  if (chunk_digest_) chunk_digest_->update(data);
  if (chunk_left_ == 0) state_ = State::DataEnd;
  return data;
}

S3Result<void> AwsChunked::take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::size_t taken = end == std::string_view::npos ? input.size() : end + 1;
  const std::size_t most = state_ == State::Trailer ? kTrailerLineBytesMax : kChunkLineBytesMax;
  if (line_.size() + taken > most) return bad_framing("a chunk or trailer line is too long.");
  line_ += input.substr(0, taken);
  input.remove_prefix(taken);
  framing_ += taken;
  if (end == std::string_view::npos) return {};

  line_.pop_back();
  const bool has_cr = line_.ends_with('\r');
  if (has_cr) line_.pop_back();
  S3Result<void> good;
  if (state_ == State::Trailer) {
    good = read_trailer_line(has_cr ? 2 : 1);
  } else if (!has_cr) {
    good = bad_framing("a chunk line ends without CR.");
  } else if (state_ == State::ChunkLine) {
    good = read_chunk_line();
  } else {
    good = line_.empty() ? end_chunk() : bad_framing("a chunk is longer than its size.");
  }
  line_.clear();
  return good;
}

S3Result<void> AwsChunked::read_chunk_line() {
  std::string_view line = line_;
  const std::size_t mark = std::min(line.find(';'), line.size());
  const std::string_view digits = line.substr(0, mark);
  const std::string_view extension = line.substr(mark);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (digits.empty() || digits.size() > kSizeDigitsMax || error != std::errc() ||
      end != digits.data() + digits.size()) {
    return bad_framing("a chunk size is not 1 to 8 hexadecimal digits.");
  }
  if (options_.signing) {
    if (!extension.starts_with(kSignatureMark) || extension.size() != kSignatureMark.size() + 64) {
      return bad_framing("a chunk carries no signature.");
    }
    chunk_signature_ = extension.substr(kSignatureMark.size());
    chunk_digest_.emplace(crypto::DigestAlgorithm::Sha256);
  } else if (!extension.empty()) {
    return bad_framing("a chunk of an unsigned body has an extension.");
  }
  if (size > options_.decoded_length - decoded_) return incomplete();
  if (size > 0) {
    chunk_left_ = size;
    state_ = State::Data;
    return {};
  }
  if (decoded_ != options_.decoded_length) return incomplete();
  last_chunk_ = true;
  return end_chunk();
}

S3Result<void> AwsChunked::end_chunk() {
  if (chunk_digest_) {
    std::string content(kEmptySha256);
    content += '\n';
    content += to_hex(chunk_digest_->finish());
    chunk_digest_.reset();
    if (!verify("AWS4-HMAC-SHA256-PAYLOAD", content, chunk_signature_)) return bad_signature("chunk");
  }
  state_ = State::ChunkLine;
  if (!last_chunk_) return {};
  const bool expects_lines =
      options_.kind == PayloadKind::StreamingSignedTrailer ||
      (options_.kind == PayloadKind::StreamingUnsignedTrailer && !options_.trailer.empty());
  state_ = expects_lines ? State::Trailer : State::End;
  return {};
}

S3Result<void> AwsChunked::read_trailer_line(std::size_t end_bytes) {
  if (line_.empty()) {
    blank_ += end_bytes;
    return blank_ <= kBlankBytesMax ? S3Result<void>() : bad_framing("too many blank lines.");
  }
  blank_ = 0;
  const std::size_t colon = std::min(line_.find(':'), line_.size());
  const std::string name = lower_case(std::string_view(line_).substr(0, colon));
  const std::string value(trim(std::string_view(line_).substr(std::min(colon + 1, line_.size()))));
  const bool awaited = !options_.trailer.empty() && !has_trailer_;
  if (awaited && name == options_.trailer) {
    trailer_value_ = value;
    has_trailer_ = true;
    if (!options_.signing) state_ = State::End;
    return {};
  }
  if (awaited || !options_.signing || name != kTrailerSignature) return S3Error(Code::MalformedTrailerError);
  const std::string canonical = has_trailer_ ? options_.trailer + ":" + trailer_value_ + "\n" : std::string();
  if (!verify("AWS4-HMAC-SHA256-TRAILER", to_hex(crypto::sha256(canonical)), value)) {
    return bad_signature("trailer");
  }
  state_ = State::End;
  return {};
}

S3Result<void> AwsChunked::take_end(std::string_view& input) {
  while (!input.empty()) {
    if (input.front() != '\r' && input.front() != '\n') return bad_framing("bytes follow its end.");
    if (++blank_ > kBlankBytesMax) return bad_framing("too many blank lines.");
    input.remove_prefix(1);
    ++framing_;
  }
  return {};
}

bool AwsChunked::verify(std::string_view kind, std::string_view content, std::string_view signature) {
  const Signing& signing = *options_.signing;
  std::string text(kind);
  for (std::string_view piece : {std::string_view(signing.timestamp), std::string_view(signing.scope),
                                 std::string_view(previous_signature_), content}) {
    text += '\n';
    text += piece;
  }
  const std::string expected = signing.key->sign(text);
  if (!equal_constant_time(expected, signature)) return false;
  previous_signature_ = expected;
  return true;
}

S3Result<void> AwsChunked::finish() {
  if (failed_) return *failed_;
  if (state_ == State::End) return {};
  if (state_ != State::Trailer) return incomplete();
  if (!options_.trailer.empty() && !has_trailer_) return S3Error(Code::MalformedTrailerError);
  return bad_signature("trailer");
}

}  // namespace beffroi::s3
