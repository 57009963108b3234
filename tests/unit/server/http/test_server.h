// SPDX-License-Identifier: EUPL-1.2
// A server on loopback with short limits, and a handler that does what the path of its request says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/handler.h"
#include "server/http/listener.h"
#include "server/http/worker.h"
#include "tests/unit/server/http/raw_client.h"

namespace beffroi::http {
namespace asio = boost::asio;
using namespace std::chrono_literals;

// Byte i of every sized answer.
inline char pattern(std::size_t i) {
  return static_cast<char>('a' + i % 23);
}

class TestHandler final : public Handler {
 public:
  asio::awaitable<void> handle(Request& request, BodySource& body, ResponseSink& sink) override {
    const std::string path(request.head.path());
    note(std::string(request.head.method()) + " " + path);
    if (path == "/echo")
      co_await echo(body, sink);
    else if (path.starts_with("/size/"))
      co_await sized(std::stoul(path.substr(6)), sink);
    else if (path == "/chunked")
      co_await chunked(sink);
    else if (path == "/refuse")
      (void)co_await sink.send(ResponseHead(403), "no");
    else if (path == "/sleep")
      co_await sleep(sink);
    else if (path == "/peer")
      co_await peer(request, sink);
    else if (path == "/short")
      (void)co_await sink.start(ResponseHead(200), 100);
    else if (path == "/abort")
      co_await abort(sink);
    else if (path == "/204")
      (void)co_await sink.send(ResponseHead(204), "dropped");
    else if (path == "/304")
      (void)co_await sink.start(ResponseHead(304), 17);
    else if (path == "/throw")
      throw std::runtime_error("as told");
    else if (path != "/nothing")
      (void)co_await sink.send(ResponseHead(200), path);
  }

  asio::awaitable<void> refuse(Refusal refusal, const Peer&, ResponseSink& sink) override {
    static constexpr std::array<unsigned, kRefusals> kStatus{400, 431, 414, 505, 408, 503, 500};
    note("refused " + std::to_string(static_cast<int>(refusal)));
    (void)co_await sink.send(ResponseHead(kStatus.at(static_cast<std::size_t>(refusal))), "refused");
  }

  std::vector<std::string> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    seen_.clear();
  }

 private:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::move(what));
  }

  asio::awaitable<void> echo(BodySource& body, ResponseSink& sink) {
    std::string all;
    for (;;) {
      const Result<BytesView> piece = co_await body.read();
      if (!piece) note("body: " + piece.error().message());
      if (!piece) (void)co_await sink.send(ResponseHead(400), "bad body");
      if (!piece) co_return;
      if (piece->empty()) break;
      all += *piece;
    }
    EXPECT_TRUE(body.consumed());
    (void)co_await sink.send(ResponseHead(200), all);
  }

  static asio::awaitable<void> sized(std::size_t size, ResponseSink& sink) {
    constexpr std::size_t kPiece = 100'000;
    std::string piece;
    (void)co_await sink.start(ResponseHead(200), size);
    for (std::size_t at = 0; at < size; at += kPiece) {
      piece.resize(std::min(kPiece, size - at));
      for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = pattern(at + i);
      const Result<void> written = co_await sink.write(piece);
      if (!written) co_return;
    }
  }

  static asio::awaitable<void> chunked(ResponseSink& sink) {
    (void)co_await sink.start_chunked(ResponseHead(200));
    for (const char* piece : {" ", "hello, ", "world, this is sixteen or more"})
      (void)co_await sink.write(piece);
    (void)co_await sink.finish();
  }

  static asio::awaitable<void> sleep(ResponseSink& sink) {
    asio::steady_timer timer(co_await asio::this_coro::executor, 300ms);
    co_await timer.async_wait(asio::use_awaitable);
    (void)co_await sink.send(ResponseHead(200), "awake");
  }

  static asio::awaitable<void> peer(Request& request, ResponseSink& sink) {
    std::string text = request.peer.text + (request.peer.secure ? " secure" : " clear");
    if (request.peer.unix_peer) text += " uid " + std::to_string(request.peer.unix_peer->uid);
    if (!request.peer.client_certificate.empty()) text += " " + request.peer.client_certificate;
    (void)co_await sink.send(ResponseHead(200), text);
  }

  static asio::awaitable<void> abort(ResponseSink& sink) {
    (void)co_await sink.start(ResponseHead(200), 100);
    (void)co_await sink.write("0123456789");
    sink.abort();
  }

  std::mutex mutex_;
  std::vector<std::string> seen_;
};

// The limits of a test: short enough to be met, long enough for a loaded machine.
inline Limits short_limits() {
  Limits limits;
  limits.drain = 300ms;
  limits.linger = 300ms;
  limits.tick = 20ms;
  return limits;
}

class Server {
 public:
  explicit Server(const Limits& limits = short_limits(), bool secure = false)
      : Server(limits, secure ? own_certificate() : nullptr, "127.0.0.1:0") {}
  Server(const Limits& limits, std::shared_ptr<const TlsContext> tls, const std::string& address)
      : workers_(2, clock_, limits.tick), tls_(std::move(tls)) {
    listener_.emplace(listen_on(address).value(), workers_, handler, limits, tls_);
    listener_->start();
    workers_.start();
  }
  ~Server() { workers_.stop(2s); }

  int port() const { return listener_->port(); }
  const ConnectionStats& stats() const { return listener_->stats(); }
  Listener& listener() { return *listener_; }
  Workers& workers() { return workers_; }
  std::unique_ptr<RawClient> client() {
    return tls_ ? std::make_unique<RawClient>(port(), "commune.d.test") : std::make_unique<RawClient>(port());
  }

  TestHandler handler;

 private:
  static std::shared_ptr<const TlsContext> own_certificate() {
    static const TestCertificate files;
    const CertificateFiles pair{files.certificate, files.key};
    return *TlsContext::build({&pair, 1});
  }

  storage::SystemClock clock_;
  Workers workers_;
  std::shared_ptr<const TlsContext> tls_;
  std::optional<Listener> listener_;
};

inline std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: d.test\r\n" + fields + "\r\n";
}

inline std::string put(const std::string& path, const std::string& fields, const std::string& body = "") {
  return "PUT " + path + " HTTP/1.1\r\nHost: d.test\r\n" + fields + "\r\n" + body;
}

inline std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}
inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace beffroi::http
