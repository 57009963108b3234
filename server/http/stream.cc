// SPDX-License-Identifier: EUPL-1.2
#include "server/http/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

namespace beffroi::http {
namespace asio = boost::asio;

void Pace::begin_wait(Deadline& deadline) {
  since_ = Deadline::Clock::now();
  deadline.set(left_);
}

void Pace::end_wait(Deadline& deadline) {
  deadline.clear();
  left_ -= std::min(left_, Deadline::Clock::now() - since_);
}

void Pace::moved(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ < limits_.progress_bytes) return;
  bytes_ = 0;
  left_ = limits_.progress;
}

Stream::Stream(Socket socket, Deadlines& deadlines, const Limits& limits)
    : socket_(std::move(socket)),
      limits_(limits),
      deadline_(
          deadlines, [](void* self) { static_cast<Stream*>(self)->expire(); }, this),
      write_pace_(limits) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  // An answer is one send(): waiting for more to fill a segment would only meet the client's delayed acknowledgement.
  // It fails on a Unix socket, where there is nothing to delay.
  const int on = 1;
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Without it the kernel keeps up to 4 MiB of an answer for each client that does not read: no memory of ours, but as real.
  const int unsent = static_cast<int>(kUnsentBytesMax);
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

void Stream::expire() {
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Stream::close() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

void Stream::reset() {
  if (closed_) return;
  const ::linger now{1, 0};
  (void)::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

asio::awaitable<Result<void>> Stream::wait(Socket::wait_type what) {
  if (closed_) co_return Errc::Closed;
  expired_ = false;
  const auto [error] = co_await socket_.async_wait(what, asio::as_tuple(asio::use_awaitable));
  if (closed_) co_return Errc::Closed;
  if (expired_) co_return Errc::Timeout;
  if (error) co_return Errc::Closed;
  co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::wait_readable() {
  return wait(Socket::wait_read);
}

asio::awaitable<Result<void>> Stream::wait_writable() {
  write_pace_.begin_wait(deadline_);
  const Result<void> waited = co_await wait(Socket::wait_write);
  write_pace_.end_wait(deadline_);
  co_return waited;
}

Result<std::size_t> Stream::receive(MutableBytes into) {
  if (closed_) return Errc::Closed;
  const ssize_t n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
  if (n >= 0) {
    bytes_in_ += static_cast<std::uint64_t>(n);
    return static_cast<std::size_t>(n);
  }
  if (errno == EAGAIN || errno == EINTR) return error_code(asio::error::would_block);
  return Errc::Closed;
}

Result<std::size_t> Stream::send(BytesView first, BytesView second) {
  if (closed_) return Errc::Closed;
  std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                             iovec{const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = second.empty() ? 1 : 2;
  const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (n >= 0) {
    bytes_out_ += static_cast<std::uint64_t>(n);
    write_pace_.moved(static_cast<std::size_t>(n));
    return static_cast<std::size_t>(n);
  }
  if (errno == EAGAIN || errno == EINTR) return error_code(asio::error::would_block);
  return Errc::Closed;
}

void Stream::end_write() {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

asio::awaitable<void> Stream::linger() {
  static thread_local std::array<char, 16 * 1024> forgotten;
  deadline_.set(limits_.linger);
  for (;;) {
    const Result<void> waited = co_await wait(Socket::wait_read);
    if (!waited) break;
    const Result<std::size_t> read = receive(forgotten);
    if (read ? *read == 0 : read.error() != asio::error::would_block) break;
  }
  deadline_.clear();
}

asio::awaitable<Result<void>> PlainStream::handshake() {
  co_return Result<void>();
}

asio::awaitable<Result<void>> PlainStream::write(BytesView head, BytesView body) {
  while (!head.empty() || !body.empty()) {
    const Result<std::size_t> sent = head.empty() ? send(body) : send(head, body);
    if (sent) {
      const std::size_t of_head = std::min(*sent, head.size());
      head.remove_prefix(of_head);
      body.remove_prefix(*sent - of_head);
      continue;
    }
    if (sent.error() != asio::error::would_block) co_return sent.error();
    const Result<void> waited = co_await wait_writable();
    if (!waited) co_return waited.error();
  }
  co_return Result<void>();
}

void PlainStream::shutdown_write() {
  end_write();
}

}  // namespace beffroi::http
