// SPDX-License-Identifier: EUPL-1.2
#include "server/http/answer.h"

#include <array>
#include <charconv>
#include <utility>

#include "crypto/check.h"

namespace beffroi::http {
namespace asio = boost::asio;

Answer::Answer(Stream& stream, Worker& worker, const RequestHead& head, const HttpBody& body,
               const bool& draining)
    : stream_(stream),
      worker_(worker),
      body_(&body),
      draining_(&draining),
      head_only_(head.method() == "HEAD"),
      old_client_(head.version_minor() == 0),
      keep_(head.keep_alive()) {}

Answer::Answer(Stream& stream, Worker& worker) : stream_(stream), worker_(worker) {}

void Answer::begin(ResponseHead head, Mode mode, std::uint64_t length) {
  CHECK(mode_ == Mode::None);
  mode_ = mode;
  left_ = length;
  swallow_ = head_only_ || head.bodyless();
  keep_ = keep_ && mode != Mode::UntilClose && !*draining_ && body_->can_be_passed();
  const bool framed = !head.bodyless();
  if (framed && mode == Mode::Sized) head.add("Content-Length", length);
  if (framed && mode == Mode::Chunked) head.add("Transfer-Encoding", "chunked");
  head.add("Date", worker_.date());
  if (!keep_) head.add("Connection", "close");
  if (keep_ && old_client_) head.add("Connection", "keep-alive");
  head_ = std::move(head).take();
  head_ += "\r\n";
}

asio::awaitable<Result<void>> Answer::send(ResponseHead head, BytesView body) {
  begin(std::move(head), Mode::Sized, body.size());
  co_return co_await write(body);
}

asio::awaitable<Result<void>> Answer::start(ResponseHead head, std::uint64_t content_length) {
  begin(std::move(head), Mode::Sized, content_length);
  if (swallow_ || content_length == 0) co_return co_await put({});
  co_return Result<void>();
}

asio::awaitable<Result<void>> Answer::start_chunked(ResponseHead head) {
  begin(std::move(head), old_client_ ? Mode::UntilClose : Mode::Chunked, 0);
  co_return co_await put({});
}

asio::awaitable<Result<void>> Answer::write(BytesView bytes) {
  CHECK(started() && !finished_);
  if (mode_ == Mode::Sized) {
    CHECK(bytes.size() <= left_);
    left_ -= bytes.size();
  }
  if (swallow_) co_return co_await put({});
  body_bytes_ += bytes.size();
  if (mode_ != Mode::Chunked) co_return co_await put(bytes);
  if (bytes.empty()) co_return Result<void>();  // it would read as the end
  std::array<char, 16> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
  std::string chunk(digits.data(), static_cast<std::size_t>(end - digits.data()));
  chunk.append("\r\n").append(bytes).append("\r\n");
  co_return co_await put(chunk);
}

asio::awaitable<Result<void>> Answer::finish() {
  CHECK(mode_ == Mode::Chunked || mode_ == Mode::UntilClose);
  CHECK(!finished_);
  finished_ = true;
  if (swallow_ || mode_ == Mode::UntilClose) co_return Result<void>();
  co_return co_await put("0\r\n\r\n");
}

// Sends the head, if it was held back, and the bytes.
asio::awaitable<Result<void>> Answer::put(BytesView bytes) {
  if (failure_) co_return failure_;
  const Result<void> sent = co_await stream_.write(head_, bytes);
  if (!sent) failure_ = sent.error();
  head_.clear();
  co_return sent;
}

void Answer::abort() {
  if (!failure_) failure_ = Errc::Closed;
  stream_.reset();
}

bool Answer::complete() const {
  if (failure_ || !head_.empty()) return false;
  if (mode_ == Mode::Sized) return swallow_ || left_ == 0;
  return finished_;
}

}  // namespace beffroi::http
