// SPDX-License-Identifier: EUPL-1.2
// DeleteObject, and DeleteObjects as so many deletes of their own: each with its claims, its outcome and its audit record.
#include "server/commit.h"
#include "server/s3/call.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/xml.h"

namespace beffroi::s3 {
namespace {

S3Result<void> refuse_version(std::string_view version_id) {
  if (version_id.empty() || version_id == "null") return {};
  return S3Error(Code::NoSuchVersion);
}

storage::Conditions conditions_of(const ObjectToDelete& object) {
  storage::Conditions conditions;
  if (object.etag) conditions.if_match = storage::EtagList{.any = *object.etag == "*", .tags = {*object.etag}};
  conditions.if_match_size = object.size;
  if (object.modified_ms) conditions.if_match_modified_s = *object.modified_ms / 1000;
  return conditions;
}

}  // namespace

Answer delete_object(Call& call) {
  if (auto fine = refuse_version(call.query().value("versionId")); !fine) co_return fine.error();
  auto conditions = delete_conditions(call.view().headers);
  if (!conditions) co_return conditions.error();
  auto change = call.engine().remove(call.collectivity(), call.bucket().id, call.key(), *conditions, call.request.actor(), call.take_record());
  const auto committed = co_await call.commit(std::move(change));
  if (!committed) {
    if (committed.error().code == Code::PreconditionFailed) co_return precondition_failed(*conditions);
    co_return committed.error();
  }
  co_return co_await call.answer(204);
}

Answer delete_objects(Call& call) {
  if (auto fine = require_integrity(call.view().headers, call.request.verified().payload()); !fine) co_return fine.error();
  const auto document = co_await read_document(call.request.verified(), call.body, call.request.row().body_bytes_max);
  if (!document) co_return document.error();
  auto request = parse_delete(*document);
  if (!request) co_return request.error();

  DeleteResult result;
  // All are with the committer at once, so that they share its frames; then each is waited for.
  std::vector<std::pair<const ObjectToDelete*, CommitAll::Ticket>> under_way;
  CommitAll commits(call.engine());
  for (const ObjectToDelete& object : request->objects) {
    storage::AuditRecord record = call.record;
    record.key = object.key;
    S3Result<void> fine = refuse_version(object.version_id.value_or(""));
    if (fine && object.key.size() > kKeyBytesMax) fine = S3Error(Code::KeyTooLongError);
    if (fine && !within_narrowing(call.request.identity(), call.bucket().name, object.key, Access::Write)) fine = S3Error(Code::AccessDenied);
    if (!fine) {
      record.outcome = fine.error().code == Code::AccessDenied ? storage::AuditOutcome::Denied : storage::AuditOutcome::Failed;
      record.error = code_row(fine.error().code).name;
      call.engine().note(std::move(record));
      result.errors.push_back({object.key, object.version_id.value_or(""), fine.error()});
      continue;
    }
    auto change = call.engine().remove(call.collectivity(), call.bucket().id, object.key, conditions_of(object), call.request.actor(), std::move(record));
    under_way.emplace_back(&object, commits.add(std::move(change)));
  }
  call.record_taken = true;  // one record a key, above and in the changes
  co_await commits.wait();
  for (const auto& [object, ticket] : under_way) {
    const auto& committed = commits.result(ticket);
    if (!committed) {
      result.errors.push_back({object->key, object->version_id.value_or(""), to_s3(committed.error())});
    } else if (!request->quiet) {
      result.deleted.push_back({object->key, object->version_id.value_or("")});
    }
  }
  co_return co_await call.answer_xml(delete_result_xml(result));
}

}  // namespace beffroi::s3
