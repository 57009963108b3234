// SPDX-License-Identifier: EUPL-1.2
// GetObject, HeadObject, GetObjectAttributes. Nothing leaves that did not authenticate: a chunk that fails in the middle closes the connection, so
// that the client sees a failure and never a short success.
#include "server/log.h"
#include "server/s3/call.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/object_attributes.h"
#include "server/s3/range.h"
#include "server/s3/sosapi.h"
#include "server/s3/upload_call.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::Tier;

struct Plan {
  unsigned status = 200;
  std::uint64_t first = 0, length = 0;
  std::string content_range;
  bool whole = true;               // all bytes of the object
  std::size_t parts = 0;           // of the upload that one of them is sent of
  storage::Checksum part_checksum;
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
  plan.whole = false;
  plan.first = range->first;
  plan.length = range->length;
  plan.content_range = content_range(*range, object.size);
  return plan;
}

// The bytes of one part, counted from 1 in the order of the upload. An object that was put whole is one part.
awaitable<S3Result<Plan>> plan_part(Call& call, storage::ObjectReader& reader) {
  const auto number = part_number_of(call.query());
  if (!number) co_return number.error();
  auto read_parts = [&](Tier tier) { return reader.parts(tier); };
  const auto parts = co_await cached_or_disk(call.services.pool, read_parts);
  if (!parts) co_return to_s3(parts.error());
  const std::size_t count = std::max<std::size_t>(parts->size(), 1);
  if (*number > count) {
    co_return S3Error(Code::InvalidPartNumber)
        .with("PartNumberRequested", std::to_string(*number))
        .with("ActualPartCount", std::to_string(count));
  }
  const std::uint64_t size = reader.object().size;
  Plan plan{.status = 206, .length = size};
  if (!parts->empty()) {
    const std::size_t at = *number - std::size_t{1};
    auto read_checksum = [&](Tier tier) { return reader.part_checksum(at, tier); };
    auto checksum = co_await cached_or_disk(call.services.pool, read_checksum);
    if (!checksum) co_return to_s3(checksum.error());
    const auto& place = (*parts)[at];
    plan.first = place.begin;
    plan.length = place.end - place.begin;
    plan.whole = false;
    plan.parts = count;
    plan.part_checksum = std::move(*checksum);
  }
  // No range means no bytes: an empty object is answered whole, and the empty last part of another without its place.
  if (plan.length != 0) plan.content_range = content_range({plan.first, plan.length}, size);
  else if (size == 0) plan.status = 200;
  co_return std::move(plan);
}

// The error document of a website, which is sent for another page and not for what was asked of that.
bool of_error(const Call& call) { return call.page != nullptr && call.page->status != 200; }

bool wants_checksums(const Call& call) {
  const auto mode = find_header(call.view().headers, "x-amz-checksum-mode");
  return mode && lower_case(*mode) == "enabled";
}

http::ResponseHead object_head(const Call& call, const storage::Object& object, const storage::ObjectHeaders& shown, const Plan& plan) {
  auto head = call.head(of_error(call) ? call.page->status : plan.status);
  // On a range of the object its checksum would not be that of the bytes sent; a part has its own.
  add_object_fields(head, object, shown, is_versioned(call.bucket()), plan.whole && wants_checksums(call));
  if (plan.parts != 0) head.add("x-amz-mp-parts-count", std::uint64_t{plan.parts});
  if (wants_checksums(call) && plan.part_checksum.algorithm != ChecksumAlgorithm::None) {
    head.add(checksum_header(plan.part_checksum.algorithm), checksum_text(plan.part_checksum));
    head.add("x-amz-checksum-type", checksum_type_name(object.checksum.type));
  }
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
  if (auto fine = check_read_headers(call.view().headers); !fine) co_return fine.error();
  const bool of_part = call.query().has("partNumber");
  if (of_part && has_header(call.view().headers, "Range")) {
    co_return S3Error(Code::InvalidRequest, "Cannot specify both Range header and partNumber query parameter");
  }
  const auto customer = read_customer_key(call.view().headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  auto reader = co_await open_object(call, want_body || of_part);
  if (!reader) co_return reader.error();
  const storage::Object& object = reader->object();
  if (call.page != nullptr && call.page->only_look) co_return std::optional<Found>();
  if (call.page != nullptr && !object.headers.website_redirect.empty() && !of_error(call)) {
    auto head = call.head(301);
    head.add("Location", object.headers.website_redirect);
    (void)co_await call.sink.send(std::move(head), {});
    co_return std::optional<Found>();
  }
  if (auto fine = unlock(*reader, *customer); !fine) co_return fine.error();
  const auto conditions = of_error(call) ? storage::Conditions() : read_conditions(call.view().headers);
  if (const auto verdict = check_read(conditions, object); !verdict) {
    if (verdict.error() != make_error_code(storage::EngineErrc::NotModified)) co_return precondition_failed(conditions);
    auto head = call.head(304);
    head.add("ETag", quoted(object.etag));
    head.add("Last-Modified", http::http_date(object.modified_ms / 1000));
    (void)co_await call.sink.send(std::move(head), {});
    co_return std::optional<Found>();
  }
  S3Result<Plan> plan = Plan{.length = object.size};
  if (!of_error(call)) plan = plan_range(call, object);
  if (of_part) plan = co_await plan_part(call, *reader);
  if (!plan) co_return plan.error();
  const auto shown = with_response_overrides(object.headers, call.query());
  if (!shown) co_return shown.error();
  auto head = object_head(call, object, *shown, *plan);
  add_encryption_fields(head, *customer);
  if (!call.query().has("versionId")) add_expiration(head, call, object.size, object.tags, object.modified_ms);
  Found found{std::move(*reader), std::move(*plan), std::move(head)};
  co_return std::optional<Found>(std::move(found));
}

// Waits for a device.
Result<AttributesParts> read_attributes_parts(storage::ObjectReader& reader, const AttributesAsk& ask) {
  AttributesParts parts;
  const auto places = reader.parts(Tier::Disk);
  if (!places) return places.error();
  parts.count = places->size();
  for (std::uint64_t number = ask.part_number_marker + 1; number <= parts.count && parts.page.size() < ask.max_parts; ++number) {
    auto checksum = reader.part_checksum(number - 1, Tier::Disk);
    if (!checksum) return checksum.error();
    const auto& place = (*places)[number - 1];
    parts.page.push_back({number, place.end - place.begin, std::move(*checksum)});
  }
  return parts;
}

void log_damage(const Call& call, const storage::Object& object, const error_code& what) {
  log_error("object damaged", {{"bucket", call.bucket().name}, {"blob", raw(object.blob)}, {"what", what.message()}});
}

// The documents of sosapi.h: made as they are asked for, whole whatever range is.
Answer answer_system_document(Call& call) {
  std::string document = system_xml();
  if (call.key() == kCapacityKey) {
    const auto quota = call.engine().quotas().usage(call.collectivity());
    if (!quota) co_return S3Error(Code::NoSuchKey).with("Key", call.key());
    document = capacity_xml(quota->limits.bytes, quota->committed_bytes + quota->reserved_bytes);
  }
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  head.add("ETag", quoted(to_hex(crypto::md5(document))));
  head.add("Last-Modified", http::http_date(call.engine().now_ms() / 1000));
  call.record.bytes = document.size();
  const auto begun = co_await call.sink.start(std::move(head), document.size());
  if (begun && call.view().method != "HEAD") (void)co_await call.sink.write(document);
  co_return S3Result<void>();
}

}  // namespace

Answer get_object(Call& call) {
  if (is_system_document(call.key())) co_return co_await answer_system_document(call);
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
  if (is_system_document(call.key())) co_return co_await answer_system_document(call);
  auto answer = co_await find_object(call, false);
  if (answer.has_error()) co_return answer.error();
  if (answer->has_value()) (void)co_await call.sink.start(std::move((*answer)->head), (*answer)->plan.length);
  co_return S3Result<void>();
}

Answer get_object_attributes(Call& call) {
  const auto customer = read_customer_key(call.view().headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  const auto ask = read_attributes_ask(call.view().headers);
  if (!ask) co_return ask.error();
  auto reader = co_await open_object(call, ask->parts);
  if (!reader) co_return reader.error();
  if (auto fine = unlock(*reader, *customer); !fine) co_return fine.error();
  std::optional<AttributesParts> parts;
  if (ask->parts) {
    auto work = [&] { return read_attributes_parts(*reader, *ask); };
    auto read = co_await call.services.pool.run(work);
    if (!read) co_return to_s3(read.error());
    if (read->count != 0) parts = std::move(*read);
  }
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  head.add("Last-Modified", http::http_date(reader->object().modified_ms / 1000));
  if (is_versioned(call.bucket())) head.add("x-amz-version-id", shown_version(reader->object()));
  const std::string document = object_attributes_xml(*ask, reader->object(), parts);
  (void)co_await call.sink.send(std::move(head), document);
  co_return S3Result<void>();
}

}  // namespace beffroi::s3
