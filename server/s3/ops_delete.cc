// SPDX-License-Identifier: EUPL-1.2
// DeleteObject, and DeleteObjects as so many deletes of their own: each with its claims, its outcome and its audit record.
#include "server/s3/commit_prepared.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/xml.h"

namespace beffroi::s3 {
namespace {

storage::Conditions conditions_of(const ObjectToDelete& object) {
  storage::Conditions conditions;
  if (object.etag) conditions.if_match = storage::EtagList{.any = *object.etag == "*", .tags = {*object.etag}};
  conditions.if_match_size = object.size;
  if (object.modified_ms) conditions.if_match_modified_s = *object.modified_ms / 1000;
  return conditions;
}

Deed removal_of(const ObjectToDelete& object) {
  Deed deed{.action = "s3:DeleteObject", .access = Access::Write, .key = object.key};
  if (object.version_id && !object.version_id->empty()) {
    deed.version = *object.version_id;
    deed.action = action_on_version(deed.action);
  }
  return deed;
}

}  // namespace

Answer delete_object(Call& call) {
  auto version = version_of(call.query());
  if (!version) co_return version.error();
  auto conditions = delete_conditions(call.view().headers);
  if (!conditions) co_return conditions.error();
  const storage::Engine::Removal removal{std::move(*version), call.user_id(), *conditions, bypasses_governance(call, call.key())};
  storage::QuotaRefusal refusal;
  auto prepare = [&] {
    return call.engine().remove(call.collectivity(), call.bucket().id, call.key(), removal, call.request.actor(), call.record, &refusal);
  };
  const auto committed = co_await commit_prepared(call, PreparedOn::ThisThread, prepare, &refusal);
  if (!committed) {
    if (committed.error().code == Code::PreconditionFailed) co_return precondition_failed(*conditions);
    co_return committed.error();
  }
  auto head = call.head(204);
  if (removal.version.empty()) {
    add_version_fields(head, *committed);
  } else {  // one that was not there is gone all the same
    head.add("x-amz-version-id", removal.version);
    if (committed->delete_marker) head.add("x-amz-delete-marker", "true");
  }
  (void)co_await call.sink.send(std::move(head), {});
  co_return S3Result<void>();
}

Answer delete_objects(Call& call) {
  const auto document = co_await call.document();
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
    const std::string version = object.version_id.value_or("");
    S3Result<void> fine;
    if (!version.empty() && !is_version_id(version)) fine = S3Error(Code::NoSuchVersion);
    if (fine && object.key.size() > kKeyBytesMax) fine = S3Error(Code::KeyTooLongError);
    if (fine && !call.request.may(removal_of(object))) fine = S3Error(Code::AccessDenied);
    Result<storage::Prepared> change = storage::EngineErrc::Changed;
    if (fine) {
      storage::Engine::Removal removal{version, call.user_id(), conditions_of(object), bypasses_governance(call, object.key)};
      change = call.engine().remove(call.collectivity(), call.bucket().id, object.key, std::move(removal), call.request.actor(), record);
      if (!change) fine = to_s3(change.error());
    }
    if (!fine) {
      record.outcome = fine.error().code == Code::AccessDenied ? storage::AuditOutcome::Denied : storage::AuditOutcome::Failed;
      record.error = code_row(fine.error().code).name;
      call.engine().note(std::move(record));
      result.errors.push_back({object.key, version, fine.error()});
      continue;
    }
    under_way.emplace_back(&object, commits.add(std::move(*change)));
  }
  call.record_taken = true;  // one record a key, above and in the changes
  co_await commits.wait();
  for (const auto& [object, ticket] : under_way) {
    const auto& committed = commits.result(ticket);
    if (!committed) {
      result.errors.push_back({object->key, object->version_id.value_or(""), to_s3(committed.error())});
    } else if (!request->quiet) {
      DeletedEntry deleted{.key = object->key, .version_id = object->version_id.value_or("")};
      if (committed->versioned && committed->delete_marker) {
        deleted.delete_marker_version_id = committed->null_version ? "null" : committed->version_id;
      }
      result.deleted.push_back(std::move(deleted));
    }
  }
  co_return co_await call.answer_xml(delete_result_xml(result));
}

}  // namespace beffroi::s3
