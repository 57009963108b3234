// SPDX-License-Identifier: EUPL-1.2
#include "server/http/connection.h"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstring>
#include <exception>
#include <memory_resource>
#include <utility>

#include "server/http/answer.h"
#include "server/http/http_body.h"
#include "server/log.h"

namespace beffroi::http {
namespace asio = boost::asio;
namespace {

Refusal refusal_of(const error_code& error) {
  if (error == Errc::HeadTooLarge) return Refusal::HeadTooLarge;
  if (error == Errc::TargetTooLong) return Refusal::TargetTooLong;
  if (error == Errc::VersionUnsupported) return Refusal::VersionUnsupported;
  return Refusal::BadRequest;
}

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream, Peer peer, Worker& worker, Handler& handler,
                       const Limits& limits, ConnectionStats& stats, bool overloaded)
    : stream_(std::move(stream)),
      peer_(std::move(peer)),
      worker_(worker),
      handler_(handler),
      limits_(limits),
      stats_(stats),
      overloaded_(overloaded) {}

Connection::~Connection() {
  give_memory_back();
  count_bytes();
}

asio::awaitable<void> Connection::run() {
  // A hard stop closes the stream, so that every call returns an error: no coroutine is torn down by an exception while
  // the engine still holds a pointer into its frame.
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool ready = co_await handshake();
  if (!ready) co_return;
  Then then = Then::Next;
  while (then == Then::Next) {
    const Arrival arrival = co_await read_head();
    if (arrival.refusal) {
      Answer answer(*stream_, worker_);
      co_await refuse(*arrival.refusal, answer);
      then = Then::Linger;
    } else if (arrival.head_size == 0) {
      then = Then::Close;
    } else {
      then = co_await serve(arrival.head_size);
    }
    count_bytes();
  }
  co_await end(then);
}

void Connection::stop(Stop how) {
  draining_ = true;
  if (how == Stop::Gentle && !idle_) return;
  if (how == Stop::Gentle) stream_->shutdown_write();
  stream_->close();
}

asio::awaitable<bool> Connection::handshake() {
  stream_->deadline().set(limits_.handshake);
  const Result<void> done = co_await stream_->handshake();
  stream_->deadline().clear();
  if (!done) {
    count(stats_.handshakes_failed);
    co_return false;
  }
  if (peer_.secure) count(stats_.handshakes);
  if (stream_->resumed()) count(stats_.handshakes_resumed);
  peer_.client_certificate = stream_->client_certificate();
  co_return true;
}

asio::awaitable<Connection::Arrival> Connection::read_head() {
  bool begun = filled_ > 0;  // a pipelined request
  stream_->deadline().set(begun ? limits_.head : limits_.idle);
  for (bool fresh = begun;; fresh = true) {
    if (fresh) {
      const Result<std::size_t> parsed = memory_->head.parse({memory_->buffer.data(), filled_});
      if (!parsed || *parsed > 0) stream_->deadline().clear();
      if (!parsed) co_return Arrival{0, refusal_of(parsed.error())};
      if (*parsed > 0 && overloaded_) co_return Arrival{0, Refusal::Overload};
      if (*parsed > 0) co_return Arrival{*parsed, std::nullopt};
    }
    Result<std::size_t> read = Errc::Closed;
    for (;;) {
      if (!memory_) memory_ = worker_.requests.take();
      read = stream_->try_read(MutableBytes(memory_->buffer).subspan(filled_));
      if (read || read.error() != asio::error::would_block) break;
      if (!begun) {
        if (draining_) co_return Arrival{};
        give_memory_back();
        idle_ = true;
      }
      const Result<void> waited = co_await stream_->wait_readable();
      idle_ = false;
      if (!waited && waited.error() == Errc::Timeout && begun) co_return Arrival{0, Refusal::HeadTimeout};
      if (!waited) co_return Arrival{};
    }
    if (!read || *read == 0) co_return Arrival{};
    filled_ += *read;
    if (!begun) stream_->deadline().set(limits_.head);
    begun = true;
  }
}

asio::awaitable<Connection::Then> Connection::serve(std::size_t head_size) {
  count(stats_.requests);
  RequestMemory& memory = *memory_;
  HttpBody body(*stream_, worker_, limits_, memory.head,
                MutableBytes(memory.buffer).subspan(head_size, filled_ - head_size));
  Answer answer(*stream_, worker_, memory.head, body, draining_);
  std::pmr::monotonic_buffer_resource arena(memory.arena.data(), memory.arena.size());
  Request request{memory.head, peer_, arena};
  co_await call_handler(request, body, answer);
  if (!answer.started()) co_await refuse(Refusal::Internal, answer);
  const Then then = co_await conclude(body, answer);
  if (then == Then::Next) {
    const BytesView leftover = body.leftover();
    std::memmove(memory.buffer.data(), leftover.data(), leftover.size());
    filled_ = leftover.size();
  }
  co_return then;
}

asio::awaitable<void> Connection::call_handler(Request& request, HttpBody& body, Answer& answer) {
  try {
    co_await handler_.handle(request, body, answer);
  } catch (const std::exception& exception) {
    log_error("handler failed", {{"error", exception.what()}});
  }
}

asio::awaitable<void> Connection::refuse(Refusal refusal, Answer& answer) {
  count(stats_.refused[static_cast<std::size_t>(refusal)]);
  answer.close_after();
  try {
    co_await handler_.refuse(refusal, peer_, answer);
  } catch (const std::exception& exception) {
    log_error("refusal failed", {{"error", exception.what()}});
  }
}

asio::awaitable<Connection::Then> Connection::conclude(HttpBody& body, Answer& answer) {
  if (answer.failure() == Errc::Timeout || body.failure() == Errc::Timeout) count(stats_.timed_out);
  if (!answer.complete()) {
    count(stats_.aborted);
    stream_->reset();
    co_return Then::Close;
  }
  if (!answer.keeps()) {
    const bool all_read = body.consumed() && body.leftover().empty();
    co_return all_read ? Then::Close : Then::Linger;
  }
  const bool passed = co_await body.drain();
  co_return passed ? Then::Next : Then::Linger;
}

asio::awaitable<void> Connection::end(Then then) {
  give_memory_back();
  stream_->shutdown_write();
  if (then == Then::Linger) co_await stream_->linger();
  stream_->close();
}

void Connection::give_memory_back() {
  worker_.requests.give_back(std::move(memory_));
  filled_ = 0;
}

void Connection::count_bytes() {
  count(stats_.bytes_in, stream_->bytes_in() - std::exchange(counted_in_, stream_->bytes_in()));
  count(stats_.bytes_out, stream_->bytes_out() - std::exchange(counted_out_, stream_->bytes_out()));
}

}  // namespace beffroi::http
