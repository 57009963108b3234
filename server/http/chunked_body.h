// SPDX-License-Identifier: EUPL-1.2
// ChunkedBody: takes "Transfer-Encoding: chunked" off a body, as a byte-fed machine. It accepts only this:
//
//   body  = *( size CRLF size*BYTE CRLF ) 1*15"0" CRLF CRLF      size = 1-15 hexadecimal digits, not all "0"
//
// No chunk extension, no trailer field, no bare LF, no space. Errors are sticky. Not thread-safe.
#pragma once

#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "server/http/errors.h"
#include "server/http/limits.h"

namespace beffroi::http {

class ChunkedBody {
 public:
  // What one call found: the bytes of `in` it used up, and a view of the data among them.
  struct Step {
    std::size_t consumed = 0;
    BytesView data;
  };

  // Reads until it has found some data, `in` is used up, or the body ends. Bytes after the end stay.
  // BadFraming is the only error.
  Result<Step> next(BytesView in);

  bool done() const { return state_ == State::Done; }

 private:
  enum class State { Size, SizeLf, Data, DataCr, DataLf, EndCr, EndLf, Done, Failed };
  bool take(char c);

  State state_ = State::Size;
  std::uint64_t left_ = 0;  // of the chunk
  std::size_t digits_ = 0;  // of its size, so far
};

}  // namespace beffroi::http
