// SPDX-License-Identifier: EUPL-1.2
// TlsStream: a Stream under TLS, on OpenSSL directly. OpenSSL reads from the socket itself and writes into one flat buffer
// of kOutputBytes that all connections of a thread share: it is filled and sent without a pause between, so it stays in
// the cache; only what the kernel did not take is kept, by the connection that waits. Head and first bytes of a body share
// a record and a send(). Measured against OpenSSL's memory buffers, which are cleared whole at each reset.
#pragma once

#include <memory>

#include "server/http/stream.h"
#include "server/http/tls_context.h"

struct ssl_st;
struct bio_st;
struct bio_method_st;

namespace beffroi::http {

class TlsStream final : public Stream {
 public:
  TlsStream(std::shared_ptr<const TlsContext> context, Socket socket, Deadlines& deadlines,
            const Limits& limits);
  ~TlsStream() override;

  boost::asio::awaitable<Result<void>> handshake() override;
  Result<std::size_t> try_read(MutableBytes into) override;
  boost::asio::awaitable<Result<void>> write(BytesView head, BytesView body) override;
  void shutdown_write() override;
  std::string client_certificate() const override;
  bool resumed() const override;

 private:
  friend struct TlsBio;
  static bio_method_st* bio_method();
  void seal(BytesView& head, BytesView& body);
  Result<std::size_t> push();

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
  std::string unsent_;  // sealed bytes that the kernel did not take
  std::size_t unsent_at_ = 0;
  bool may_receive_ = true;  // false while a recv() of this call has emptied the socket
  bool ended_ = false;       // the socket is at its end
  bool failed_ = false;      // no SSL call may follow
};

}  // namespace beffroi::http
