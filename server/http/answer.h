// SPDX-License-Identifier: EUPL-1.2
// Answer: the ResponseSink of a connection. It frames the body, adds the fields that only a connection can know (Date,
// Content-Length or Transfer-Encoding, Connection), and remembers whether the answer was whole.
#pragma once

#include <cstdint>
#include <string>

#include "server/http/http_body.h"
#include "server/http/response_sink.h"
#include "server/http/stream.h"
#include "server/http/worker.h"

namespace beffroi::http {

class Answer final : public ResponseSink {
 public:
  // To a request. `draining` is the connection's flag, read when the head is written.
  Answer(Stream& stream, Worker& worker, const RequestHead& head, const HttpBody& body, const bool& draining);
  // To what is not a request: the connection closes afterwards.
  Answer(Stream& stream, Worker& worker);

  boost::asio::awaitable<Result<void>> send(ResponseHead head, BytesView body) override;
  boost::asio::awaitable<Result<void>> start(ResponseHead head, std::uint64_t content_length) override;
  boost::asio::awaitable<Result<void>> start_chunked(ResponseHead head) override;
  boost::asio::awaitable<Result<void>> write(BytesView bytes) override;
  boost::asio::awaitable<Result<void>> finish() override;
  void abort() override;
  void close_after() override { keep_ = false; }
  bool started() const override { return mode_ != Mode::None; }
  std::uint64_t body_bytes() const override { return body_bytes_; }

  // Every byte of the answer was sent, its end included.
  bool complete() const;
  // The client was told that the connection stays open.
  bool keeps() const { return keep_; }
  error_code failure() const { return failure_; }

 private:
  enum class Mode { None, Sized, Chunked, UntilClose };
  void begin(ResponseHead head, Mode mode, std::uint64_t length);
  boost::asio::awaitable<Result<void>> put(BytesView bytes);

  Stream& stream_;
  Worker& worker_;
  const HttpBody* body_ = nullptr;
  const bool* draining_ = nullptr;
  bool head_only_ = false;   // HEAD
  bool old_client_ = false;  // HTTP/1.0
  bool keep_ = false;
  Mode mode_ = Mode::None;
  bool swallow_ = false;  // the answer has no body, whatever is written
  bool finished_ = false;
  std::string head_;        // not yet sent
  std::uint64_t left_ = 0;  // of a Sized body
  std::uint64_t body_bytes_ = 0;
  error_code failure_;
};

}  // namespace beffroi::http
