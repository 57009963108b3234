// SPDX-License-Identifier: EUPL-1.2
// S3Service: the S3 front. Every request passes one pipeline, written once (service.cc): parse -> authenticate -> authorize ->
// operation (quota inside) -> audit and metrics. Types carry the proof from step to step. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "server/disk_pool.h"
#include "server/http/handler.h"
#include "server/metrics.h"
#include "server/s3/authenticate.h"
#include "server/s3/call.h"

namespace beffroi::s3 {

struct S3Options {
  Domains domains;
  std::string region;
  bool strict_regions = false;
  std::string default_collectivity;  // slug; empty: none
  storage::BucketSettings bucket_defaults;  // of new buckets: object ownership, PublicAccessBlock
  std::uint64_t instance = 0;        // random; makes the request ids of two lives differ
};

class S3Service final : public http::Handler {
 public:
  // `pool` and `metrics` outlive the service.
  S3Service(S3Options, DiskPool& pool, Metrics& metrics);

  // From now on requests reach this engine; before (sealed, closed, not initialised) they are answered 503. The engine outlives
  // the last request.
  void serve(storage::Engine*);

  boost::asio::awaitable<void> handle(http::Request&, http::BodySource&, http::ResponseSink&) override;
  boost::asio::awaitable<void> refuse(http::Refusal, const http::Peer&, http::ResponseSink&) override;

 private:
  struct Exchange;  // one request on its way
  boost::asio::awaitable<S3Result<void>> answer(Exchange&);
  boost::asio::awaitable<S3Result<void>> answer_site(Exchange&);
  boost::asio::awaitable<S3Result<void>> answer_preflight(Exchange&, const ParsedRequest&, std::optional<storage::CollectivityId> fallback);
  boost::asio::awaitable<void> send_error(Exchange&, const S3Error&);
  void finish(Exchange&, const S3Result<void>&);
  std::string new_request_id();

  const S3Options options_;
  DiskPool& pool_;
  crypto::Md5Gang md5_gang_;
  Metrics& metrics_;
  Authenticator authenticator_;
  PolicyCache policies_;
  std::atomic<storage::Engine*> engine_{nullptr};
  std::atomic<std::uint64_t> requests_{0};
};

// The name under which a refusal of the engine stands in audit records: the S3 code.
std::string audit_error_name(const error_code&);

}  // namespace beffroi::s3
