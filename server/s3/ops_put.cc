// SPDX-License-Identifier: EUPL-1.2
// PutObject. Everything that can be refused is refused before a byte of the body is asked for.
#include "server/s3/call.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/ingest.h"
#include "server/s3/object_fields.h"

namespace beffroi::s3 {

Answer put_object(Call& call) {
  const HeaderSpan headers = call.view().headers;
  auto fields = object_fields(call);
  if (!fields) co_return fields.error();
  const auto customer = read_customer_key(headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  auto conditions = write_conditions(headers);
  if (!conditions) co_return conditions.error();
  auto body = ObjectBody::open(call.request.verified(), call.body, ChecksumAlgorithm::None, call.request.row().body_bytes_max);
  if (!body) co_return body.error();
  call.record.bytes = body->size();
  auto session = co_await begin_put(call, body->size(), *customer);
  if (!session) co_return session.error();
  auto digests = co_await ingest(call, *body, *session);
  if (!digests) co_return digests.error();

  auto finish = [&] {
    return session->finish(call.key(), std::move(*digests), std::move(*fields), *conditions, call.request.actor(), call.record);
  };
  auto change = co_await finish_session(call, *session, finish);
  if (!change) co_return change.error();
  call.record_taken = true;
  const auto committed = co_await call.commit(std::move(*change));
  if (!committed) {
    if (committed.error().code == Code::PreconditionFailed) co_return precondition_failed(*conditions);
    co_return committed.error();
  }
  auto head = call.head(200);
  head.add("ETag", quoted(committed->etag));
  add_checksum_fields(head, committed->checksum, committed->etag);
  add_version_fields(head, *committed);
  add_expiration(head, call, committed->size, committed->tags, committed->time_ms);
  add_encryption_fields(head, *customer);
  (void)co_await call.sink.send(std::move(head), {});
  co_return S3Result<void>();
}

}  // namespace beffroi::s3
