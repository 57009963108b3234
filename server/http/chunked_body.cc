// SPDX-License-Identifier: EUPL-1.2
#include "server/http/chunked_body.h"

#include <algorithm>

namespace beffroi::http {
namespace {

// The value of a hexadecimal digit, or 16.
unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

}  // namespace

Result<ChunkedBody::Step> ChunkedBody::next(BytesView in) {
  std::size_t at = 0;
  while (at < in.size() && state_ != State::Done && state_ != State::Data) {
    if (!take(in[at])) state_ = State::Failed;
    if (state_ == State::Failed) break;
    ++at;
  }
  if (state_ == State::Failed) return Errc::BadFraming;
  if (state_ != State::Data) return Step{at, {}};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - at));
  left_ -= size;
  if (left_ == 0) state_ = State::DataCr;
  return Step{at + size, in.substr(at, size)};
}

// One byte of framing; false when it has no place there.
bool ChunkedBody::take(char c) {
  switch (state_) {
    case State::Size: {
      if (c == '\r' && digits_ > 0) {
        state_ = State::SizeLf;
        return true;
      }
      const unsigned digit = hex_digit(c);
      if (digit == 16 || digits_ == kChunkSizeDigitsMax) return false;
      left_ = left_ * 16 + digit;
      ++digits_;
      return true;
    }
    case State::SizeLf:
      digits_ = 0;
      state_ = left_ == 0 ? State::EndCr : State::Data;
      return c == '\n';
    case State::DataCr:
      state_ = State::DataLf;
      return c == '\r';
    case State::DataLf:
      state_ = State::Size;
      return c == '\n';
    case State::EndCr:
      state_ = State::EndLf;
      return c == '\r';
    case State::EndLf:
      state_ = State::Done;
      return c == '\n';
    case State::Data:
    case State::Done:
    case State::Failed:
      return false;
  }
  return false;
}

}  // namespace beffroi::http
