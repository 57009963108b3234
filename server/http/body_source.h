// SPDX-License-Identifier: EUPL-1.2
// BodySource: the body of one request, out of its HTTP framing. One reader, on the connection's own thread.
//
// The first read() of a request that expects it sends "100 Continue": whoever refuses must answer before it
// reads. A body that nobody reads to its end is handled by the connection: with Expect the connection closes
// after the answer, without it at most Limits::drain_bytes are swallowed within Limits::drain. The errors of
// read() are sticky.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "server/http/errors.h"

namespace beffroi::http {

class BodySource {
 public:
  virtual ~BodySource() = default;

  // Content-Length; 0 when the request has no body; nothing when it is chunked.
  virtual std::optional<std::uint64_t> length() const = 0;
  virtual bool expects_continue() const = 0;

  // The next bytes, at most kBodyBufferBytes, valid until the next call; empty at the end, which is then
  // authentic framing: every announced byte came. Truncated, BadFraming, Timeout, Closed, Tls otherwise.
  virtual boost::asio::awaitable<Result<BytesView>> read() = 0;

  // The end was read.
  virtual bool consumed() const = 0;

 protected:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
};

}  // namespace beffroi::http
