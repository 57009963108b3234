// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/ingest.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kBlockBytes = 128 * 1024;  // two an upload

// `begin(may_wait)` here first, then on the pool.
template <class Begin>
awaitable<S3Result<storage::PutSession>> begin_session(Call& call, const std::optional<CustomerKey>& customer, Begin begin) {
  storage::QuotaRefusal refusal;
  auto session = begin(false, refusal);
  if (!session && would_block(session.error())) {
    auto work = [&] { return begin(true, refusal); };
    session = co_await call.services.pool.run(work);
  }
  if (session) {
    if (customer) session->encrypt_for(customer->key);
    co_return std::move(*session);
  }
  if (session.error() == make_error_code(storage::TenantErrc::QuotaExceeded)) co_return quota_exceeded(refusal);
  co_return to_s3(session.error());
}

S3Error write_error(const error_code& e) {
  S3Error error = to_s3(e);
  error.close = true;  // the rest of the body is not read
  return error;
}

}  // namespace

awaitable<S3Result<storage::PutSession>> begin_put(Call& call, std::uint64_t size, const std::optional<CustomerKey>& customer) {
  auto begin = [&call, size](bool may_wait, storage::QuotaRefusal& refusal) {
    return call.engine().begin_put(call.collectivity(), call.bucket().id, size, may_wait, &refusal);
  };
  auto session = co_await begin_session(call, customer, begin);
  co_return session;
}

awaitable<S3Result<storage::PutSession>> begin_part(Call& call, storage::BlobId blob, std::uint16_t number, std::uint64_t size,
                                                    const std::optional<CustomerKey>& customer) {
  auto begin = [&call, blob, number, size](bool may_wait, storage::QuotaRefusal& refusal) {
    return call.engine().begin_part(call.collectivity(), blob, number, size, may_wait, &refusal);
  };
  auto session = co_await begin_session(call, customer, begin);
  co_return session;
}

namespace {

// A form's file is shorter than what was set aside for it: now that its end is in sight, the session learns where it is. While
// nothing is written.
void settle_size(const ObjectBody& body, storage::PutSession& session) {
  if (body.size_is_final() && body.size() < session.size()) session.shrink(body.size());
}

// In memory, on this thread.
awaitable<S3Result<void>> ingest_small(ObjectBody& body, storage::PutSession& session) {
  while (true) {
    const auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    settle_size(body, session);
    if (piece->empty()) co_return S3Result<void>();
    body.digest(*piece);
    if (auto written = session.write(*piece); !written) co_return write_error(written.error());
  }
}

// The next block of a body, whole but for the last; empty at the end.
awaitable<S3Result<void>> gather(ObjectBody& body, std::string& block) {
  block.clear();
  while (block.size() < kBlockBytes) {
    const auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    block += *piece;
  }
  co_return S3Result<void>();
}

// One block is digested, sealed and written on the pool while the next is read.
awaitable<S3Result<void>> ingest_large(Call& call, ObjectBody& body, storage::PutSession& session) {
  const auto executor = co_await boost::asio::this_coro::executor;
  DiskPool::Beside<Result<void>> storing(call.services.pool, executor);
  std::string read, stored;
  while (true) {
    const auto gathered = co_await gather(body, read);
    const auto written = co_await storing.wait();
    if (!gathered) co_return gathered.error();
    if (written && !*written) co_return write_error(written->error());
    settle_size(body, session);
    if (read.empty()) co_return S3Result<void>();
    std::swap(read, stored);
    storing.start([&]() -> Result<void> {
      body.digest(stored, &call.services.md5);
      return session.write(stored);
    });
  }
}

}  // namespace

awaitable<S3Result<storage::BodyDigests>> ingest(Call& call, ObjectBody& body, storage::PutSession& session) {
  S3Result<void> taken;
  if (session.blocking()) taken = co_await ingest_large(call, body, session);
  else taken = co_await ingest_small(body, session);
  if (!taken) co_return taken.error();
  co_return body.finish();
}

}  // namespace beffroi::s3
