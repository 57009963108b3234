// SPDX-License-Identifier: EUPL-1.2
// Handler: what answers requests. One per listener, shared by all its connections and called on all their
// threads; it outlives the listener. server/s3 and admin/api implement it; this room knows nothing else of
// them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>

#include "server/http/body_source.h"
#include "server/http/request_head.h"
#include "server/http/response_sink.h"

namespace beffroi::http {

// The process at the other end of a Unix socket, as the kernel attests it.
struct UnixPeer {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;
};

// The other end of a connection. Never taken from a header: X-Forwarded-For is not believed.
struct Peer {
  boost::asio::ip::address address;  // unspecified for a Unix socket
  std::string text;                  // the address as text, "unix" for a Unix socket
  std::uint16_t port = 0;
  bool secure = false;  // over TLS
  std::optional<UnixPeer> unix_peer;
  std::string
      client_certificate;  // SHA-256 of a verified client certificate, lower-case hex; empty without one
};

// One request. The head is a view into the connection's buffer and lives until handle() returns, as does the
// arena.
struct Request {
  const RequestHead& head;
  const Peer& peer;
  std::pmr::memory_resource& arena;  // kArenaBytes without a heap call; freed whole after the answer
};

// Why the connection itself must answer: there is no request that a handler could understand.
enum class Refusal {
  BadRequest,          // 400: the head or the framing is malformed
  HeadTooLarge,        // 400 (431 in HTTP's own words): head or number of fields over the limit
  TargetTooLong,       // 400 (414)
  VersionUnsupported,  // 505
  HeadTimeout,         // 408: the head did not end in time
  Overload,            // 503: too many connections
  Internal,            // 500: the handler threw
};

class Handler {
 public:
  virtual ~Handler() = default;

  // Answers one request. Parameters live until it returns. Serial: the next request of the connection waits.
  // If it returns without having started an answer, or throws before that, the connection answers through
  // refuse(Internal).
  virtual boost::asio::awaitable<void> handle(Request& request, BodySource& body, ResponseSink& sink) = 0;

  // Sends the answer of a refusal, and audits it. The connection closes afterwards.
  virtual boost::asio::awaitable<void> refuse(Refusal refusal, const Peer& peer, ResponseSink& sink) = 0;
};

}  // namespace beffroi::http
