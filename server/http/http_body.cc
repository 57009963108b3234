// SPDX-License-Identifier: EUPL-1.2
#include "server/http/http_body.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cstring>
#include <utility>

namespace beffroi::http {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::optional<std::uint64_t> length_of(const RequestHead& head) {
  if (head.chunked()) return std::nullopt;
  return head.content_length().value_or(0);
}

}  // namespace

HttpBody::HttpBody(Stream& stream, Worker& worker, const Limits& limits, const RequestHead& head,
                   MutableBytes early)
    : stream_(stream),
      worker_(worker),
      limits_(limits),
      length_(length_of(head)),
      left_(length_.value_or(0)),
      expects_(head.expects_continue()),
      raw_(early),
      pace_(limits) {
  asked_ = !raw_.empty();
}

HttpBody::~HttpBody() {
  worker_.bodies.give_back(std::move(memory_));
}

asio::awaitable<Result<BytesView>> HttpBody::read() {
  if (failure_) co_return failure_;
  if (must_ask()) {
    const Result<void> sent = co_await stream_.write(kContinue, {});
    if (!sent) failure_ = sent.error();
    if (failure_) co_return failure_;
  }
  asked_ = true;
  while (!consumed()) {
    if (raw_.empty()) {
      const Result<void> filled = co_await fill();
      if (!filled) failure_ = filled.error();
      if (failure_) co_return failure_;
    }
    const Result<BytesView> piece = decode();
    if (!piece) failure_ = piece.error();
    if (failure_) co_return failure_;
    if (!piece->empty()) co_return *piece;
  }
  co_return BytesView();
}

Result<BytesView> HttpBody::decode() {
  if (!length_) return decode_chunks();
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, raw_.size()));
  const MutableBytes piece = raw_.first(size);
  raw_ = raw_.subspan(size);
  left_ -= size;
  return BytesView(piece.data(), piece.size());
}

// Moves the data of small chunks together, so that a client that sends many is read as fast as one that sends few.
Result<BytesView> HttpBody::decode_chunks() {
  char* data = raw_.data();
  std::size_t size = 0;
  while (!raw_.empty() && !chunks_.done()) {
    const Result<ChunkedBody::Step> step = chunks_.next({raw_.data(), raw_.size()});
    if (!step) return step.error();
    char* const found = raw_.data() + step->consumed - step->data.size();
    if (size == 0) data = found;
    if (data + size != found) std::memmove(data + size, found, step->data.size());
    size += step->data.size();
    raw_ = raw_.subspan(step->consumed);
  }
  return BytesView(data, size);
}

asio::awaitable<Result<void>> HttpBody::fill() {
  for (;;) {
    if (!memory_) memory_ = worker_.bodies.take();
    // Of a chunked body no more than the next head's buffer can hold, should its end be among the bytes.
    const std::size_t wanted =
        length_ ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, kBodyBufferBytes))
                : kReadBufferBytes;
    const MutableBytes room = MutableBytes(memory_->buffer).first(wanted);
    const Result<std::size_t> read = stream_.try_read(room);
    if (read && *read == 0) co_return Errc::Truncated;
    if (read) {
      raw_ = room.first(*read);
      pace_.moved(*read);
      drained_ += drain_end_ ? *read : 0;
      co_return Result<void>();
    }
    if (read.error() != asio::error::would_block) co_return read.error();
    worker_.bodies.give_back(std::move(memory_));
    const Result<void> waited = co_await wait();
    if (!waited) co_return waited.error();
  }
}

asio::awaitable<Result<void>> HttpBody::wait() {
  if (drain_end_) {
    stream_.deadline().set(*drain_end_ - Deadline::Clock::now());
    const Result<void> waited = co_await stream_.wait_readable();
    stream_.deadline().clear();
    co_return waited;
  }
  pace_.begin_wait(stream_.deadline());
  const Result<void> waited = co_await stream_.wait_readable();
  pace_.end_wait(stream_.deadline());
  co_return waited;
}

bool HttpBody::can_be_passed() const {
  if (expects_ && !asked_) return false;
  if (consumed()) return true;
  if (failure_) return false;
  return !length_ || left_ <= limits_.drain_bytes;
}

asio::awaitable<bool> HttpBody::drain() {
  drain_end_ = Deadline::Clock::now() + limits_.drain;
  while (!consumed()) {
    if (drained_ > limits_.drain_bytes || Deadline::Clock::now() >= *drain_end_) co_return false;
    const Result<BytesView> piece = co_await read();
    if (!piece) co_return false;
  }
  co_return true;
}

}  // namespace beffroi::http
