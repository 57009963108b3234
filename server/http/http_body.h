// SPDX-License-Identifier: EUPL-1.2
// HttpBody: the BodySource of a connection. It first reads what came with the head, then the socket; its buffer is held
// only while there are bytes in it, so that a slow upload holds none. What it read beyond the end is leftover().
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "server/http/body_source.h"
#include "server/http/chunked_body.h"
#include "server/http/request_head.h"
#include "server/http/stream.h"
#include "server/http/worker.h"

namespace beffroi::http {

class HttpBody final : public BodySource {
 public:
  // `early`: the bytes after the head, in the request's own memory; chunked framing is taken off them in place.
  HttpBody(Stream& stream, Worker& worker, const Limits& limits, const RequestHead& head, MutableBytes early);
  ~HttpBody() override;

  std::optional<std::uint64_t> length() const override { return length_; }
  bool expects_continue() const override { return expects_; }
  boost::asio::awaitable<Result<BytesView>> read() override;
  bool consumed() const override { return length_ ? left_ == 0 : chunks_.done(); }

  // Whether the connection can go on after an answer given now: the body was read, or is short enough to be swallowed,
  // and the client does not hold it back until a "100 Continue" that never came (an empty one too: botocore, refused before its 100,
  // misreads the next answer on that connection).
  bool can_be_passed() const;
  // Swallows the rest. False when it is too long, too slow or malformed.
  boost::asio::awaitable<bool> drain();

  // The bytes after the end of the body: the next request. Valid while this lives, once consumed().
  BytesView leftover() const { return {raw_.data(), raw_.size()}; }
  // Why read() failed, if it did.
  error_code failure() const { return failure_; }

 private:
  // An empty body is asked for too: botocore, when it gets 200 before 100, misreads the connection's next answer.
  bool must_ask() const { return expects_ && !asked_ && raw_.empty() && (!consumed() || length_ == 0); }
  Result<BytesView> decode();
  Result<BytesView> decode_chunks();
  boost::asio::awaitable<Result<void>> fill();
  boost::asio::awaitable<Result<void>> wait();

  Stream& stream_;
  Worker& worker_;
  const Limits& limits_;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_;  // of length_
  ChunkedBody chunks_;
  bool expects_;
  bool asked_ = false;  // "100 Continue" was sent, or the client did not wait for it
  MutableBytes raw_;    // read from the socket, not yet decoded
  std::unique_ptr<BodyMemory> memory_;
  Pace pace_;
  std::optional<Deadline::Clock::time_point> drain_end_;
  std::size_t drained_ = 0;
  error_code failure_;
};

}  // namespace beffroi::http
