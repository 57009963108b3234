// SPDX-License-Identifier: EUPL-1.2
// ingest: moves a request's body into a PutSession. A small body stays on the I/O thread and in memory; a large one is gathered
// in blocks, of which the pool digests, seals and writes one while the next is read.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/s3/call.h"

namespace beffroi::s3 {

// Begins a session, on the pool when a device must be waited for. QuotaExceeded carries its figures.
boost::asio::awaitable<S3Result<storage::PutSession>> begin_put(Call&, std::uint64_t size, const std::optional<CustomerKey>&);
boost::asio::awaitable<S3Result<storage::PutSession>> begin_part(Call&, storage::BlobId, std::uint16_t number, std::uint64_t size,
                                                                 const std::optional<CustomerKey>&);

// Reads the body to its end; what the client said of it has been compared when the digests come back.
boost::asio::awaitable<S3Result<storage::BodyDigests>> ingest(Call&, ObjectBody&, storage::PutSession&);

// Runs a session's finish: on the pool when its last bytes are still to be written.
template <class Finish>
boost::asio::awaitable<S3Result<storage::Prepared>> finish_session(Call& call, const storage::PutSession& session, Finish finish) {
  if (session.blocking()) {
    auto waited = co_await call.services.pool.run(finish);
    if (!waited) co_return to_s3(waited.error());
    co_return std::move(*waited);
  }
  auto change = finish();
  if (!change) co_return to_s3(change.error());
  co_return std::move(*change);
}

}  // namespace beffroi::s3
