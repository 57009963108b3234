// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/ingest.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kBlockBytes = 256 * 1024;

// `begin(may_wait)` here first, then on the pool.
template <class Begin>
awaitable<S3Result<storage::PutSession>> begin_session(Call& call, Begin begin) {
  storage::QuotaRefusal refusal;
  auto session = begin(false, refusal);
  if (!session && would_block(session.error())) {
    auto work = [&] { return begin(true, refusal); };
    session = co_await call.services.pool.run(work);
  }
  if (session) co_return std::move(*session);
  if (session.error() == make_error_code(storage::TenantErrc::QuotaExceeded)) co_return quota_exceeded(refusal);
  co_return to_s3(session.error());
}

S3Error write_error(const error_code& e) {
  S3Error error = to_s3(e);
  error.close = true;  // the rest of the body is not read
  return error;
}

}  // namespace

awaitable<S3Result<storage::PutSession>> begin_put(Call& call, std::uint64_t size) {
  auto begin = [&call, size](bool may_wait, storage::QuotaRefusal& refusal) {
    return call.engine().begin_put(call.collectivity(), call.bucket().id, size, may_wait, &refusal);
  };
  auto session = co_await begin_session(call, begin);
  co_return session;
}

awaitable<S3Result<storage::PutSession>> begin_part(Call& call, storage::BlobId blob, std::uint16_t number, std::uint64_t size) {
  auto begin = [&call, blob, number, size](bool may_wait, storage::QuotaRefusal& refusal) {
    return call.engine().begin_part(call.collectivity(), blob, number, size, may_wait, &refusal);
  };
  auto session = co_await begin_session(call, begin);
  co_return session;
}

awaitable<S3Result<storage::BodyDigests>> ingest(Call& call, ObjectBody& body, storage::PutSession& session) {
  std::string block;
  auto store_block = [&]() -> Result<void> {
    body.digest(block);
    return session.write(block);
  };
  while (true) {
    const auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    if (!session.blocking()) {
      if (piece->empty()) break;
      body.digest(*piece);
      if (auto written = session.write(*piece); !written) co_return write_error(written.error());
      continue;
    }
    block += *piece;
    if (block.size() < kBlockBytes && !piece->empty()) continue;
    if (!block.empty()) {
      const auto written = co_await call.services.pool.run(store_block);
      if (!written) co_return write_error(written.error());
      block.clear();
    }
    if (piece->empty()) break;
  }
  co_return body.finish();
}

}  // namespace beffroi::s3
