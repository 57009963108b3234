// SPDX-License-Identifier: EUPL-1.2
// ResponseSink: the answer to one request. Exactly one of send(), start() and start_chunked() is called, once
// (CHECK).
//
// Returned views and buffers belong to the caller again when the call completes; bytes are encrypted straight
// from them. HEAD, 204 and 304 have no body: the sink then sends the head with the length it was given (none
// for 204 and 304) and swallows what is written. An error means that the client is gone or too slow: stop,
// release everything, return.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "server/http/errors.h"
#include "server/http/response_head.h"

namespace beffroi::http {

class ResponseSink {
 public:
  virtual ~ResponseSink() = default;

  // The whole answer, in one send() when it fits kOutputBytes.
  virtual boost::asio::awaitable<Result<void>> send(ResponseHead head, BytesView body) = 0;

  // An answer of exactly `content_length` bytes. Its head leaves with the first write(), so that both share a
  // record. More bytes than announced are a CHECK; a handler that returns before the last of them closes the
  // connection, as abort() does.
  virtual boost::asio::awaitable<Result<void>> start(ResponseHead head, std::uint64_t content_length) = 0;

  // An answer of unknown length, sent at once. HTTP/1.1: chunked; HTTP/1.0: ended by closing. Ended by
  // finish().
  virtual boost::asio::awaitable<Result<void>> start_chunked(ResponseHead head) = 0;

  virtual boost::asio::awaitable<Result<void>> write(
      BytesView bytes) = 0;                                   // after start() or start_chunked()
  virtual boost::asio::awaitable<Result<void>> finish() = 0;  // after start_chunked(), once

  // Closes the connection so that the client sees a failure, never a short success. For an answer that cannot
  // be continued.
  virtual void abort() = 0;

  // The answer that follows says that the connection closes, and it does.
  virtual void close_after() = 0;

  // A head was given: another answer can no longer be sent.
  virtual bool started() const = 0;
  // Bytes of body handed over so far, for audit and metering.
  virtual std::uint64_t body_bytes() const = 0;

 protected:
  ResponseSink() = default;
  ResponseSink(const ResponseSink&) = delete;
  ResponseSink& operator=(const ResponseSink&) = delete;
};

}  // namespace beffroi::http
