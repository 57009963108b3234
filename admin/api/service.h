// SPDX-License-Identifier: EUPL-1.2
// AdminService: the operators' API, JSON over a Unix socket whose peer the kernel attests. Verbs and their paths stand in
// route.h. A verb runs on the disk pool, because it may wait for the committer; what it did, or why not, goes to the audit under
// the name of the peer's user. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "server/appliance.h"
#include "server/disk_pool.h"
#include "server/http/handler.h"
#include "storage/io/clock.h"

namespace beffroi::admin {

struct AdminOptions {
  // Of a new collectivity, when the operator gives none.
  std::uint64_t quota_default_bytes = 10ull << 30;
  std::uint64_t quota_default_objects = 1'000'000;
};

inline constexpr std::size_t kBodyBytesMax = 64 * 1024;  // the longest body is a collectivity's description

class AdminService final : public http::Handler {
 public:
  // References outlive this.
  AdminService(AdminOptions, Appliance&, DiskPool&, const storage::Clock&);

  boost::asio::awaitable<void> handle(http::Request&, http::BodySource&, http::ResponseSink&) override;
  boost::asio::awaitable<void> refuse(http::Refusal, const http::Peer&, http::ResponseSink&) override;

 private:
  std::string new_request_id();

  const AdminOptions options_;
  Appliance& appliance_;
  DiskPool& pool_;
  const storage::Clock& clock_;
  const std::int64_t started_ms_;
  const std::string life_;  // the start; makes request ids of two lives differ
  std::atomic<std::uint64_t> requests_{0};
};

}  // namespace beffroi::admin
