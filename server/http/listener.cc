// SPDX-License-Identifier: EUPL-1.2
#include "server/http/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "crypto/check.h"
#include "server/http/connection.h"
#include "server/http/tls_stream.h"
#include "server/log.h"

namespace beffroi::http {
namespace asio = boost::asio;
namespace {

// After an accept that failed for want of descriptors or memory: time for some to come back.
constexpr std::chrono::milliseconds kPause{100};

using Endpoint = asio::generic::stream_protocol::endpoint;

// The endpoint as an IP one, or nothing for a Unix socket.
std::optional<asio::ip::tcp::endpoint> ip_endpoint(const Endpoint& endpoint) {
  const int family = endpoint.data()->sa_family;
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  asio::ip::tcp::endpoint ip;
  CHECK(endpoint.size() <= ip.capacity());
  std::memcpy(ip.data(), endpoint.data(), endpoint.size());
  return ip;
}

UnixPeer unix_peer(Socket& socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  CHECK(::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0);
  return {credentials.uid, credentials.gid, credentials.pid};
}

Peer peer_of(Socket& socket, const Endpoint& endpoint, bool secure) {
  Peer peer;
  peer.secure = secure;
  const std::optional<asio::ip::tcp::endpoint> ip = ip_endpoint(endpoint);
  if (!ip) {
    peer.text = "unix";
    peer.unix_peer = unix_peer(socket);
    return peer;
  }
  peer.address = ip->address();
  if (peer.address.is_v6() && peer.address.to_v6().is_v4_mapped()) {
    peer.address = asio::ip::make_address_v4(asio::ip::v4_mapped, peer.address.to_v6());
  }
  peer.text = peer.address.to_string();
  peer.port = ip->port();
  return peer;
}

// What counts as one client: an IPv4 address, the /64 of an IPv6 one, nothing for a Unix socket.
std::string source_of(const Peer& peer) {
  if (peer.unix_peer) return {};
  if (peer.address.is_v4()) return peer.text;
  const asio::ip::address_v6::bytes_type bytes = peer.address.to_v6().to_bytes();
  return std::string(reinterpret_cast<const char*>(bytes.data()), 8);
}

// What a connection occupies, from its acceptance to its end: a place at the listener, and one at its worker.
class Place {
 public:
  Place(Admission admission, Worker& worker) : admission_(std::move(admission)), worker_(&worker) {
    worker_->connections.fetch_add(1, std::memory_order_relaxed);
  }
  Place(Place&& other) noexcept
      : admission_(std::move(other.admission_)), worker_(std::exchange(other.worker_, nullptr)) {}
  ~Place() {
    if (worker_) worker_->connections.fetch_sub(1, std::memory_order_relaxed);
  }
  Worker& worker() const { return *worker_; }
  bool overloaded() const { return admission_.overloaded(); }

 private:
  Admission admission_;
  Worker* worker_;  // null once moved from
};

asio::awaitable<void> run(std::unique_ptr<Connection> connection, Place) {
  co_await connection->run();
}

}  // namespace

Listener::Listener(int descriptor, Workers& workers, Handler& handler, const Limits& limits,
                   std::shared_ptr<const TlsContext> tls)
    : workers_(workers),
      handler_(handler),
      limits_(limits),
      admissions_(std::make_shared<Admissions>(limits)),
      acceptor_(workers[0].io),
      tls_(std::move(tls)) {
  Endpoint local;
  socklen_t size = static_cast<socklen_t>(local.capacity());
  CHECK(::getsockname(descriptor, local.data(), &size) == 0);
  local.resize(size);
  if (const auto ip = ip_endpoint(local)) port_ = ip->port();
  acceptor_.assign(local.protocol(), descriptor);
}

Listener::~Listener() = default;

void Listener::start() {
  workers_[0].tasks.spawn("listener", accept(), this);
}

void Listener::stop_accepting() {
  asio::dispatch(workers_[0].io, [this] {
    error_code ignored;
    acceptor_.close(ignored);
  });
}

void Listener::stop(Stop) {
  stop_accepting();
}

void Listener::use(std::shared_ptr<const TlsContext> tls) {
  asio::dispatch(workers_[0].io, [this, tls = std::move(tls)]() mutable { tls_ = std::move(tls); });
}

asio::awaitable<void> Listener::accept() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer pause(workers_[0].io);
  while (acceptor_.is_open()) {
    Worker& worker = workers_.least_busy();
    auto [error, socket] = co_await acceptor_.async_accept(worker.io, asio::as_tuple(asio::use_awaitable));
    if (!error) {
      admit(worker, std::move(socket));
      continue;
    }
    if (!acceptor_.is_open()) break;
    if (error == asio::error::connection_aborted) continue;
    log_warning("accept failed", {{"error", error.message()}});
    pause.expires_after(kPause);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Listener::admit(Worker& worker, Socket socket) {
  error_code error;
  const Endpoint remote = socket.remote_endpoint(error);
  if (error) return;
  Peer peer = peer_of(socket, remote, tls_ != nullptr);
  std::optional<Admission> admission = admissions_->admit(source_of(peer));
  if (!admission) return;
  Place place(std::move(*admission), worker);
  asio::post(worker.io, [this, socket = std::move(socket), peer = std::move(peer), place = std::move(place),
                         tls = tls_]() mutable {
    Worker& own = place.worker();
    std::unique_ptr<Stream> stream;
    if (tls) stream = std::make_unique<TlsStream>(std::move(tls), std::move(socket), own.deadlines, limits_);
    if (!stream) stream = std::make_unique<PlainStream>(std::move(socket), own.deadlines, limits_);
    auto connection = std::make_unique<Connection>(std::move(stream), std::move(peer), own, handler_, limits_,
                                                   admissions_->stats, place.overloaded());
    Connection* const stoppable = connection.get();
    own.tasks.spawn("connection", run(std::move(connection), std::move(place)), stoppable);
  });
}

}  // namespace beffroi::http
