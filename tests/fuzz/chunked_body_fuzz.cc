// SPDX-License-Identifier: EUPL-1.2
// ChunkedBody on any bytes: whole and in pieces (whose sizes come from the input) it gives the same data and verdict.
// sources: server/http/chunked_body.cc server/http/errors.cc
// links: crypto
#include <algorithm>
#include <cstdint>
#include <string>

#include "crypto/check.h"
#include "server/http/chunked_body.h"

using namespace beffroi;
using http::ChunkedBody;

namespace {

struct Outcome {
  std::string data;
  std::size_t consumed = 0;
  bool failed = false, done = false;
  bool operator==(const Outcome&) const = default;
};

// `piece`: the bytes given at a time.
Outcome read(BytesView in, std::size_t piece) {
  ChunkedBody body;
  Outcome outcome;
  while (!in.empty() && !body.done()) {
    const BytesView some = in.substr(0, piece);
    const Result<ChunkedBody::Step> step = body.next(some);
    if (!step) {
      CHECK(step.error() == http::Errc::BadFraming && !body.next("0\r\n\r\n"));
      outcome.failed = true;
      return outcome;
    }
    CHECK(step->consumed > 0 && step->consumed <= some.size());
    CHECK(step->data.empty() || step->data.data() + step->data.size() == some.data() + step->consumed);
    outcome.data += step->data;
    outcome.consumed += step->consumed;
    in.remove_prefix(step->consumed);
  }
  outcome.done = body.done();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in(reinterpret_cast<const char*>(data + 1), size - 1);
  Outcome whole = read(in, in.size()), pieces = read(in, 1 + data[0] % 16);
  if (whole.failed) {  // how much was found before the error depends on the pieces
    CHECK(pieces.failed);
    return 0;
  }
  CHECK(whole == pieces);
  CHECK(whole.data.size() < whole.consumed || whole.consumed == 0);
  return 0;
}
