// SPDX-License-Identifier: EUPL-1.2
// Listener: one listening socket and the connections that came by it. It accepts on the first worker and hands each socket
// to the worker with the fewest connections; whoever is over a limit is closed unread, or told 503.
//
// It must outlive Workers::stop(), which also ends it. use(), stop() and stats() may be called on any thread.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "server/http/admission.h"
#include "server/http/handler.h"
#include "server/http/limits.h"
#include "server/http/stats.h"
#include "server/http/stream.h"
#include "server/http/tls_context.h"
#include "server/http/worker.h"

namespace beffroi::http {

// A listening socket for "192.0.2.1:8443", "[::]:8443" (IPv4 too) or "unix:/run/beffroi/admin.sock" (mode 0660; a stale
// socket is replaced). The caller owns the descriptor until it gives it to a Listener. The error is the system's.
Result<int> listen_on(const std::string& address);
// Whether it is one of the first two; nothing is opened.
bool is_address(const std::string& address);

class Listener final : public Stoppable {
 public:
  // Owns `descriptor`, a listening stream socket (listen_on(), or systemd's). `tls` is null for a plain listener. All
  // references outlive it.
  Listener(int descriptor, Workers& workers, Handler& handler, const Limits& limits,
           std::shared_ptr<const TlsContext> tls = nullptr);
  ~Listener();

  // Begins to accept. Once.
  void start();
  // Takes no more connections; those that are open go on.
  void stop() { stop_accepting(); }
  // The certificates of the connections to come.
  void use(std::shared_ptr<const TlsContext> tls);

  const ConnectionStats& stats() const { return admissions_->stats; }
  std::uint16_t port() const { return port_; }  // 0 for a Unix socket

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

  void stop(Stop how) override;
  void stop_accepting();
  boost::asio::awaitable<void> accept();
  void admit(Worker& worker, Socket socket);

  Workers& workers_;
  Handler& handler_;
  const Limits limits_;
  std::shared_ptr<Admissions> admissions_;
  std::uint16_t port_ = 0;
  Acceptor acceptor_;  // this and the next: the first worker's thread only
  std::shared_ptr<const TlsContext> tls_;
};

}  // namespace beffroi::http
