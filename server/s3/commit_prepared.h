// SPDX-License-Identifier: EUPL-1.2
// Prepares a change, commits it, and prepares it again while the answer is Changed: what it was prepared from had moved.
#pragma once

#include "server/commit.h"
#include "server/s3/call.h"

namespace beffroi::s3 {

inline constexpr int kChangedRetries = 3;

enum class PreparedOn { ThisThread, Pool };  // Pool: preparing reads

// `prepare` returns Result<storage::Prepared>; its audit record is call.record.
template <class Prepare>
boost::asio::awaitable<S3Result<storage::Committed>> commit_prepared(Call& call, PreparedOn where, Prepare prepare,
                                                                     const storage::QuotaRefusal* refusal = nullptr) {
  for (int attempt = 1;; ++attempt) {
    Result<storage::Prepared> change = storage::EngineErrc::Changed;
    if (where == PreparedOn::Pool) change = co_await call.services.pool.run(prepare);
    else change = prepare();
    if (!change) {
      if (refusal && change.error() == make_error_code(storage::TenantErrc::QuotaExceeded)) co_return quota_exceeded(*refusal);
      co_return to_s3(change.error());
    }
    auto committed = co_await beffroi::commit(call.engine(), std::move(*change));
    const bool changed = !committed && committed.error() == make_error_code(storage::EngineErrc::Changed);
    if (!changed) call.record_taken = true;
    if (committed) co_return std::move(*committed);
    if (!changed || attempt == kChangedRetries) co_return to_s3(committed.error());
  }
}

}  // namespace beffroi::s3
