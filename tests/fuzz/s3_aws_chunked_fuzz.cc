// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: server/s3/aws_chunked.cc server/s3/sigv4.cc server/s3/canonical_request.cc server/s3/request.cc server/s3/headers.cc
// sources: server/s3/dates.cc server/s3/percent.cc server/s3/errors.cc server/s3/xml_writer.cc server/http/request_head.cc
// sources: server/http/errors.cc
// A body in one piece and the same body cut by its own bytes: the same data, the same end; never more data
// than was declared.
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/aws_chunked.h"

using namespace beffroi::s3;

namespace {

struct Outcome {
  std::string data, trailer;
  bool good = false;
  Code code = Code::InternalError;
};

Outcome decode(AwsChunked::Options options, std::string_view body, std::size_t piece) {
  const std::uint64_t declared = options.decoded_length;
  AwsChunked decoder(std::move(options));
  Outcome outcome;
  while (!body.empty()) {
    std::string_view input = body.substr(0, piece);
    body.remove_prefix(input.size());
    while (!input.empty()) {
      const std::size_t before = input.size();
      S3Result<std::string_view> data = decoder.next(input);
      if (!data) {
        outcome.code = data.error().code;
        return outcome;
      }
      CHECK(input.size() < before);
      outcome.data += *data;
      CHECK(outcome.data.size() <= declared);
    }
  }
  S3Result<void> end = decoder.finish();
  outcome.good = end.has_value();
  if (!end) outcome.code = end.error().code;
  CHECK(!outcome.good || outcome.data.size() == declared);
  outcome.trailer = decoder.trailer_value();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  AwsChunked::Options options;
  options.decoded_length = data[0];
  if (data[1] & 1) options.trailer = "x-amz-checksum-crc32";
  if (data[1] & 2) {
    options.kind = (data[1] & 4) ? PayloadKind::StreamingSigned : PayloadKind::StreamingSignedTrailer;
    if (options.kind == PayloadKind::StreamingSigned) options.trailer.clear();
    options.signing =
        AwsChunked::Signing{std::make_shared<SigningKey>("secret", "20130524", "r"), "t", "s", "seed"};
  }
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = decode(options, body, body.size());
  for (std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{17}}) {
    const Outcome cut = decode(options, body, piece);
    CHECK(cut.good == whole.good && cut.code == whole.code);
    CHECK(!whole.good || (cut.data == whole.data && cut.trailer == whole.trailer));
  }
  return 0;
}
