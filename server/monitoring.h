// SPDX-License-Identifier: EUPL-1.2
// Monitoring: the handler of the plain listener that Prometheus and load balancers read.
//
//   GET /healthz   200 while the process answers, whatever the phase
//   GET /readyz    200 only while the store serves, else 503 with the phase and the reason
//   GET /metrics   the text format of Prometheus
//
// It needs no credentials and says nothing of content: collectivities appear by slug, with bytes and objects.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/appliance.h"
#include "server/disk_pool.h"
#include "server/http/handler.h"
#include "server/http/stats.h"
#include "server/http/tls_context.h"
#include "server/metrics.h"
#include "storage/io/clock.h"

namespace beffroi {

class Monitoring final : public http::Handler {
 public:
  // References outlive this.
  Monitoring(const Appliance&, const Metrics&, DiskPool&, const storage::Clock&);

  // Before the listener that uses this handler starts.
  void watch(std::string listener, const http::ConnectionStats&);
  void watch_certificates(std::function<std::vector<http::CertificateLife>()> certificates);  // any thread

  boost::asio::awaitable<void> handle(http::Request&, http::BodySource&, http::ResponseSink&) override;
  boost::asio::awaitable<void> refuse(http::Refusal, const http::Peer&, http::ResponseSink&) override;

 private:
  std::string scrape() const;
  void collect_process(Exposition&) const;
  void collect_connections(Exposition&) const;
  void collect_store(Exposition&, const storage::Engine&) const;
  void collect_commits(Exposition&, const storage::Engine&) const;
  void collect_collectivities(Exposition&, const storage::Engine&) const;

  struct Watched {
    std::string listener;
    const http::ConnectionStats* stats;
  };
  const Appliance& appliance_;
  const Metrics& metrics_;
  DiskPool& pool_;
  const storage::Clock& clock_;
  const std::int64_t started_ms_;
  std::vector<Watched> watched_;
  std::function<std::vector<http::CertificateLife>()> certificates_;
};

}  // namespace beffroi
