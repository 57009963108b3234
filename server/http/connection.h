// SPDX-License-Identifier: EUPL-1.2
// Connection: one client, from its handshake to its end. A serial loop: read a head, have it answered, pass over what is
// left of the body, begin again. A task of its worker: everything happens on the worker's thread.
#pragma once

#include <memory>
#include <optional>

#include "server/http/handler.h"
#include "server/http/limits.h"
#include "server/http/stats.h"
#include "server/http/stream.h"
#include "server/http/worker.h"

namespace beffroi::http {

class Answer;
class HttpBody;

class Connection final : public Stoppable {
 public:
  // All references outlive the connection. `overloaded`: the first request is refused with Refusal::Overload.
  Connection(std::unique_ptr<Stream> stream, Peer peer, Worker& worker, Handler& handler,
             const Limits& limits, ConnectionStats& stats, bool overloaded);
  ~Connection();

  boost::asio::awaitable<void> run();
  void stop(Stop how) override;

 private:
  // What read_head() found: a head of that size in memory_, or a reason to refuse it, or neither: the client is gone.
  struct Arrival {
    std::size_t head_size = 0;
    std::optional<Refusal> refusal;
  };
  // How the connection goes on: another request, an end, or an end that lets the client read the answer first.
  enum class Then { Next, Close, Linger };

  boost::asio::awaitable<bool> handshake();
  boost::asio::awaitable<Arrival> read_head();
  boost::asio::awaitable<Then> serve(std::size_t head_size);
  boost::asio::awaitable<void> call_handler(Request& request, HttpBody& body, Answer& answer);
  boost::asio::awaitable<void> refuse(Refusal refusal, Answer& answer);
  boost::asio::awaitable<Then> conclude(HttpBody& body, Answer& answer);
  boost::asio::awaitable<void> end(Then then);
  void give_memory_back();
  void count_bytes();

  std::unique_ptr<Stream> stream_;
  Peer peer_;
  Worker& worker_;
  Handler& handler_;
  const Limits& limits_;
  ConnectionStats& stats_;
  bool overloaded_;
  bool draining_ = false;
  bool idle_ = false;                      // waiting for the first byte of a request
  std::unique_ptr<RequestMemory> memory_;  // absent while idle
  std::size_t filled_ = 0;                 // bytes in memory_->buffer
  std::uint64_t counted_in_ = 0, counted_out_ = 0;
};

}  // namespace beffroi::http
