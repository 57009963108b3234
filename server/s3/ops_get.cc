// SPDX-License-Identifier: EUPL-1.2
// GetObject and HeadObject. Nothing leaves that did not authenticate: a chunk that fails in the middle closes the connection, so
// that the client sees a failure and never a short success.
#include "server/log.h"
#include "server/s3/call.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/range.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::Tier;

struct Plan {
  unsigned status = 200;
  std::uint64_t first = 0, length = 0;
  std::string content_range;
};

S3Result<Plan> plan_range(const Call& call, const storage::Object& object) {
  Plan plan{.length = object.size};
  const auto header = find_header(call.view().headers, "Range");
  if (!header) return plan;
  const auto spec = parse_range(*header);
  if (!spec) return plan;
  const auto if_range = find_header(call.view().headers, "If-Range");
  if (if_range && !if_range_holds(*if_range, object.etag, object.modified_ms)) return plan;
  const auto range = resolve_range(*spec, object.size);
  if (!range) return range.error();
  plan.status = 206;
  plan.first = range->first;
  plan.length = range->length;
  plan.content_range = content_range(*range, object.size);
  return plan;
}

// 404 only to who may list the bucket, else 403; here whoever may read may list.
awaitable<S3Result<storage::ObjectReader>> open(Call& call, bool want_body) {
  const auto version = version_of(call.query());
  if (!version) co_return version.error();
  storage::Object marker;
  auto read = [&](Tier tier) {
    return call.engine().open_object(call.collectivity(), call.bucket().id, call.key(), tier, want_body, *version, &marker);
  };
  auto reader = co_await cached_or_disk(call.services.pool, read);
  if (reader) co_return std::move(*reader);
  if (reader.error() == make_error_code(storage::EngineErrc::DeleteMarker)) {
    co_return delete_marker_error(marker, call.key(), !version->empty());
  }
  S3Error error = to_s3(reader.error());
  if (error.code == Code::NoSuchKey) error = S3Error(Code::NoSuchKey).with("Key", call.key());
  co_return error;
}

S3Result<void> refuse_unknown(const Call& call) {
  if (call.query().has("partNumber")) return S3Error(Code::NotImplemented, "partNumber on GET and HEAD is not implemented yet.");
  return {};
}

bool wants_checksums(const Call& call) {
  const auto mode = find_header(call.view().headers, "x-amz-checksum-mode");
  return mode && lower_case(*mode) == "enabled";
}

http::ResponseHead object_head(const Call& call, const storage::Object& object, const storage::ObjectHeaders& shown, const Plan& plan) {
  auto head = call.head(plan.status);
  // On a part of the object its checksum would not be that of the bytes sent.
  add_object_fields(head, object, shown, is_versioned(call.bucket()), plan.status == 200 && wants_checksums(call));
  if (!plan.content_range.empty()) head.add("Content-Range", plan.content_range);
  return head;
}

// What GET sends and HEAD tells.
struct Found {
  storage::ObjectReader reader;
  Plan plan;
  http::ResponseHead head;
};

// Nothing when the conditions said 304, which is then answered.
awaitable<S3Result<std::optional<Found>>> find_object(Call& call, bool want_body) {
  if (auto fine = refuse_unknown(call); !fine) co_return fine.error();
  auto reader = co_await open(call, want_body);
  if (!reader) co_return reader.error();
  const storage::Object& object = reader->object();
  const auto conditions = read_conditions(call.view().headers);
  if (const auto verdict = check_read(conditions, object); !verdict) {
    if (verdict.error() != make_error_code(storage::EngineErrc::NotModified)) co_return precondition_failed(conditions);
    auto head = call.head(304);
    head.add("ETag", quoted(object.etag));
    head.add("Last-Modified", http::http_date(object.modified_ms / 1000));
    (void)co_await call.sink.send(std::move(head), {});
    co_return std::optional<Found>();
  }
  auto plan = plan_range(call, object);
  if (!plan) co_return plan.error();
  const auto shown = with_response_overrides(object.headers, call.query());
  if (!shown) co_return shown.error();
  auto head = object_head(call, object, *shown, *plan);
  Found found{std::move(*reader), std::move(*plan), std::move(head)};
  co_return std::optional<Found>(std::move(found));
}

void log_damage(const Call& call, const storage::Object& object, const error_code& what) {
  log_error("object damaged", {{"bucket", call.bucket().name}, {"blob", raw(object.blob)}, {"what", what.message()}});
}

}  // namespace

Answer get_object(Call& call) {
  auto answer = co_await find_object(call, true);
  if (answer.has_error()) co_return answer.error();
  if (!answer->has_value()) co_return S3Result<void>();
  Found& found = **answer;
  storage::ObjectReader& reader = found.reader;
  const std::uint64_t length = found.plan.length;
  call.record.bytes = length;

  auto start = [&](Tier tier) { return reader.start(found.plan.first, found.plan.first + length, tier); };
  const auto started = co_await cached_or_disk(call.services.pool, start);
  if (!started) {
    log_damage(call, reader.object(), started.error());
    co_return to_s3(started.error());
  }
  const auto begun = co_await call.sink.start(std::move(found.head), length);
  auto next = [&](Tier tier) { return reader.next(tier); };
  while (begun) {
    const auto piece = co_await cached_or_disk(call.services.pool, next);
    if (!piece) {
      log_damage(call, reader.object(), piece.error());
      call.record.outcome = storage::AuditOutcome::Failed;
      call.record.error = "InternalError";
      call.sink.abort();
      break;
    }
    if (piece->empty()) break;
    const auto written = co_await call.sink.write(*piece);
    if (!written) break;
  }
  co_return S3Result<void>();
}

Answer head_object(Call& call) {
  auto answer = co_await find_object(call, false);
  if (answer.has_error()) co_return answer.error();
  if (answer->has_value()) (void)co_await call.sink.start(std::move((*answer)->head), (*answer)->plan.length);
  co_return S3Result<void>();
}

Answer get_object_acl(Call& call) {
  auto reader = co_await open(call, false);
  if (!reader) co_return reader.error();
  co_return co_await call.answer_xml(acl_xml(owner_of(call.engine(), reader->object().owner)));
}

// Tags cannot be put yet, so every object has none; aws-cli asks before it copies a large one.
Answer get_object_tagging(Call& call) {
  auto reader = co_await open(call, false);
  if (!reader) co_return reader.error();
  const std::string document = no_tags_xml();
  co_return co_await call.answer_xml(document);
}

}  // namespace beffroi::s3
