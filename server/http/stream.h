// SPDX-License-Identifier: EUPL-1.2
// Stream: the bytes of one connection, in clear (PlainStream) or under TLS (tls_stream.h), over any stream socket. It owns
// the socket, its deadline and the waiting; one coroutine at a time, on the worker's thread.
//
// Reading never waits: try_read() takes what is there, and the caller waits with wait_readable() once it has given its
// buffers back. Writing returns when every byte is with the kernel. Its pace is watched by itself (Limits::progress), the
// time of a wait for reading is the caller's: set a deadline on deadline() before.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "server/http/deadline.h"
#include "server/http/errors.h"
#include "server/http/limits.h"

namespace beffroi::http {

using Socket = boost::asio::generic::stream_protocol::socket;

// A slow counterpart may take Limits::progress for each Limits::progress_bytes, counted only while we wait for it.
class Pace {
 public:
  explicit Pace(const Limits& limits) : limits_(limits), left_(limits.progress) {}
  void begin_wait(Deadline& deadline);
  void end_wait(Deadline& deadline);
  void moved(std::size_t bytes);

 private:
  const Limits& limits_;
  Deadline::Clock::duration left_;
  Deadline::Clock::time_point since_;
  std::size_t bytes_ = 0;
};

class Stream {
 public:
  // `socket` is connected. `limits` and `deadlines` outlive the stream.
  Stream(Socket socket, Deadlines& deadlines, const Limits& limits);
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  virtual boost::asio::awaitable<Result<void>> handshake() = 0;

  // Bytes that are there; 0 at the end of the stream. asio::error::would_block, or Closed, Tls otherwise.
  virtual Result<std::size_t> try_read(MutableBytes into) = 0;
  // Until try_read() may succeed. Timeout when deadline() passed, Closed after close().
  boost::asio::awaitable<Result<void>> wait_readable();

  // Sends `head`, then `body`, as if they were one.
  virtual boost::asio::awaitable<Result<void>> write(BytesView head, BytesView body) = 0;

  // Says that nothing more will be written, and nothing more.
  virtual void shutdown_write() = 0;
  // Reads and forgets what the client still sends until it closes, Limits::linger passes, or the stream is closed.
  boost::asio::awaitable<void> linger();
  // Ends the stream: a wait under way returns Closed, the client sees an end. Idempotent.
  void close();
  // The same, but the client sees a reset: what it received is not an answer.
  void reset();

  // SHA-256 of the verified client certificate, lower-case hex; empty without one.
  virtual std::string client_certificate() const { return {}; }
  // The handshake continued an earlier session.
  virtual bool resumed() const { return false; }

  Deadline& deadline() { return deadline_; }
  std::uint64_t bytes_in() const { return bytes_in_; }  // of the transport, TLS included
  std::uint64_t bytes_out() const { return bytes_out_; }

 protected:
  // What recv() and send() did: would_block, Closed, or a number of bytes (0 from receive() is the end).
  Result<std::size_t> receive(MutableBytes into);
  Result<std::size_t> send(BytesView first, BytesView second = {});
  boost::asio::awaitable<Result<void>> wait_writable();               // paced
  boost::asio::awaitable<Result<void>> wait(Socket::wait_type what);  // under whatever deadline is set
  void end_write();                                                   // the socket's own end of stream

 private:
  void expire();

  Socket socket_;
  const Limits& limits_;
  Deadline deadline_;
  Pace write_pace_;
  bool expired_ = false, closed_ = false;
  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;
};

class PlainStream final : public Stream {
 public:
  using Stream::Stream;
  boost::asio::awaitable<Result<void>> handshake() override;
  Result<std::size_t> try_read(MutableBytes into) override { return receive(into); }
  boost::asio::awaitable<Result<void>> write(BytesView head, BytesView body) override;
  void shutdown_write() override;
};

}  // namespace beffroi::http
