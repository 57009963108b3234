// SPDX-License-Identifier: EUPL-1.2
// CopyObject and UploadPartCopy. Inside a collectivity a copy is one commit whatever the size: the blob is shared. Only an inline
// payload, which has no blob to share, a part, which has a key of its own, and what a customer's key reads are sealed anew.
#include <chrono>

#include "server/s3/commit_prepared.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/ingest.h"
#include "server/s3/object_fields.h"
#include "server/s3/upload_call.h"
#include "server/s3/range.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::Tier;

constexpr std::uint64_t kSliceBytes = 16 << 20;                  // re-sealed in one turn on the pool
constexpr std::chrono::seconds kPatience{10};                    // of a client that hears nothing

struct Source {
  storage::Engine::CopySource place;
  storage::ObjectReader reader;
  bool versioned;   // its bucket
  bool foreign;     // of another collectivity than the copy
  bool tags;        // whether the caller may have its tags
};

using Customer = std::optional<CustomerKey>;

// Data that leaves its collectivity stands in the log of the one that it leaves, too.
void note_read(const Call& call, const storage::Bucket& bucket, const std::string& key) {
  storage::AuditRecord record = call.record;
  record.collectivity = bucket.collectivity;
  record.bucket = bucket.name;
  record.key = key;
  call.engine().note(std::move(record));
}

awaitable<S3Result<Source>> open_source(Call& call) {
  const auto parsed = parse_copy_source(find_header(call.view().headers, "x-amz-copy-source").value_or(""));
  if (!parsed) co_return parsed.error();
  const auto customer = read_customer_key(call.view().headers, KeyOf::CopySource);
  if (customer.has_error()) co_return customer.error();
  const std::string version = parsed->version_id.value_or("");
  if (parsed->version_id && !is_version_id(version)) co_return S3Error(Code::InvalidArgument, "Invalid version id specified");
  const auto authorized = authorize_source(call.services.rights(), call.request, *parsed, call.services.default_collectivity);
  if (!authorized) co_return authorized.error();
  const storage::Bucket& bucket = authorized->bucket();
  const VerifiedRequest& verified = call.request.verified();
  storage::Object marker;
  auto read = [&](Tier tier) { return call.engine().open_object(bucket.collectivity, bucket.id, parsed->key, tier, true, version, &marker); };
  auto reader = co_await cached_or_disk(call.services.pool, read);
  if (!reader) {
    if (!authorized->may_see_absence(verified)) co_return S3Error(Code::AccessDenied);
    if (reader.error() == make_error_code(storage::EngineErrc::DeleteMarker)) {
      if (version.empty()) co_return delete_marker_error(marker, parsed->key, false);
      co_return S3Error(Code::InvalidRequest, "The source of a copy request may not specifically refer to a delete marker by version id.");
    }
    co_return absence_error(parsed->key, reader.error());
  }
  if (!authorized->may_have(verified, reader->object())) co_return S3Error(Code::AccessDenied);
  if (auto fine = unlock(*reader, *customer); !fine) co_return fine.error();
  auto conditions = copy_source_conditions(call.view().headers);
  if (!check_copy_source(conditions, reader->object())) co_return copy_precondition_failed(conditions);
  const bool foreign = bucket.collectivity != call.collectivity();
  if (foreign) note_read(call, bucket, parsed->key);
  const bool tags = authorized->may_have_tags(verified, reader->object());
  Source source{{bucket.id, parsed->key, version, std::move(conditions)}, std::move(*reader), is_versioned(bucket), foreign, tags};
  co_return std::move(source);
}

http::ResponseHead copy_head(const Call& call, const Source& source, const Customer& customer) {
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  add_encryption_fields(head, customer);
  if (source.versioned) head.add("x-amz-copy-source-version-id", shown_version(source.reader.object()));
  return head;
}

// Reads bytes [first, first + length) of the source into the session. Answers a space every ten seconds once the client has
// waited for the first; `started` then tells that the head is sent.
awaitable<S3Result<storage::BodyDigests>> reseal(Call& call, Source& source, std::uint64_t first, std::uint64_t length,
                                                 ChecksumAlgorithm algorithm, storage::PutSession& session, const Customer& customer) {
  storage::ObjectReader& reader = source.reader;
  crypto::Md5Stream md5;
  ChecksumState checksum(algorithm);
  auto begin = [&] { return reader.start(first, first + length, Tier::Disk); };
  const auto begun = co_await call.services.pool.run(begin);
  if (!begun) co_return to_s3(begun.error());
  bool more = true;
  auto slice = [&]() -> Result<void> {
    for (std::uint64_t moved = 0; moved < kSliceBytes;) {
      const auto piece = reader.next(Tier::Disk);
      if (!piece) return piece.error();
      if (piece->empty()) {
        more = false;
        return {};
      }
      call.services.md5.update(md5, *piece);
      checksum.update(*piece);
      if (auto written = session.write(*piece); !written) return written;
      moved += piece->size();
    }
    return {};
  };
  auto heard = std::chrono::steady_clock::now();
  while (more) {
    const auto done = co_await call.services.pool.run(slice);
    if (!done) co_return to_s3(done.error());
    if (more && std::chrono::steady_clock::now() - heard >= kPatience) {
      heard = std::chrono::steady_clock::now();
      if (!call.sink.started()) {
        auto head = copy_head(call, source, customer);
        (void)co_await call.sink.start_chunked(std::move(head));
      }
      const auto sent = co_await call.sink.write(" ");
      if (!sent) co_return S3Error(Code::RequestTimeout);
    }
  }
  storage::BodyDigests digests{md5.finish(), {algorithm, ChecksumType::FullObject, checksum.finish()}};
  co_return std::move(digests);
}

// The document of a copy that may have begun to answer.
awaitable<S3Result<void>> answer_copy(Call& call, const Source& source, const Customer& customer, const storage::Committed& committed,
                                      const std::string& document) {
  if (!call.sink.started()) {
    auto head = copy_head(call, source, customer);
    add_version_fields(head, committed);
    if (call.request.parsed().operation == Operation::CopyObject) add_expiration(head, call, committed.size, committed.tags, committed.time_ms);
    (void)co_await call.sink.send(std::move(head), document);
    co_return S3Result<void>();
  }
  (void)co_await call.sink.write(document);
  (void)co_await call.sink.finish();
  co_return S3Result<void>();
}

// A body of another collectivity, or of a customer's key, has no blob to share: its bytes are sealed anew.
awaitable<S3Result<storage::Committed>> copy_bytes(Call& call, Source& source, const Customer& customer, storage::ObjectFields fields,
                                                   const storage::Conditions& conditions) {
  const storage::Object& object = source.reader.object();
  auto session = co_await begin_put(call, object.size, customer);
  if (!session) co_return session.error();
  const bool kept = object.checksum.algorithm != ChecksumAlgorithm::None;
  auto digests = co_await reseal(call, source, 0, object.size, kept ? object.checksum.algorithm : ChecksumAlgorithm::Crc64Nvme, *session, customer);
  if (!digests) co_return digests.error();
  auto finish = [&] {
    return session->finish(call.key(), std::move(*digests), std::move(fields), conditions, call.request.actor(), call.record);
  };
  auto change = co_await finish_session(call, *session, finish);
  if (!change) co_return change.error();
  call.record_taken = true;
  auto committed = co_await call.commit(std::move(*change));
  co_return committed;
}

awaitable<S3Result<storage::Committed>> copy_inline(Call& call, Source& source, storage::ObjectFields fields, const storage::Conditions& conditions) {
  const storage::Object& object = source.reader.object();
  const Customer none;
  auto session = co_await begin_put(call, object.size, none);
  if (!session) co_return session.error();
  // A copy keeps the source's ETag and checksum: its bytes are the same.
  auto begin = source.reader.start(0, object.size, Tier::CacheOnly);
  if (!begin) co_return to_s3(begin.error());
  const auto bytes = source.reader.next(Tier::CacheOnly);
  if (!bytes) co_return to_s3(bytes.error());
  if (auto written = session->write(*bytes); !written) co_return to_s3(written.error());
  auto md5 = from_hex(object.etag);
  if (!md5) co_return S3Error(Code::InternalError);
  auto change = session->finish(call.key(), {std::move(*md5), object.checksum}, std::move(fields), conditions, call.request.actor(), call.take_record());
  if (!change) co_return to_s3(change.error());
  auto committed = co_await call.commit(std::move(*change));
  co_return committed;
}

}  // namespace

Answer copy_object(Call& call) {
  const HeaderSpan headers = call.view().headers;
  const auto replaced = metadata_replaced(headers);
  if (replaced.has_error()) co_return replaced.error();
  const auto tags_replaced = tagging_replaced(headers);
  if (tags_replaced.has_error()) co_return tags_replaced.error();
  const auto given = object_fields(call);
  if (!given) co_return given.error();
  const auto customer = read_customer_key(headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  auto conditions = write_conditions(headers);
  if (!conditions) co_return conditions.error();

  for (int attempt = 1;; ++attempt) {
    auto source = co_await open_source(call);
    if (!source) co_return source.error();
    const storage::Object& object = source->reader.object();
    if (object.size > kObjectPutBytesMax) {
      co_return S3Error(Code::InvalidRequest, "The source is larger than 5 GiB: copy it with UploadPartCopy.");
    }
    const bool same_place = !source->foreign && source->place.bucket == call.bucket().id && source->place.key == call.key() && source->place.version.empty();
    const bool same_fields = !*replaced && !*tags_replaced && given->headers.website_redirect == object.headers.website_redirect;
    const bool of_customer = *customer || !object.customer_check.empty();
    if (same_place && same_fields && !of_customer && conditions->empty()) {
      co_return S3Error(Code::InvalidRequest,
                        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
                        "metadata, storage class, website redirect location or encryption attributes.");
    }
    // Tags that come along are read there and put here.
    const bool takes_tags = !*tags_replaced && !object.tags.empty();
    if (takes_tags && !(source->tags && call.request.may_tag(object.tags))) co_return S3Error(Code::AccessDenied);
    call.record.bytes = object.size;
    S3Result<storage::Committed> committed;
    storage::ObjectFields fields = *given;
    if (!*replaced) fields.headers = object.headers;
    fields.headers.website_redirect = given->headers.website_redirect;  // of this object: never copied
    if (!*tags_replaced) fields.tags = object.tags;
    if (of_customer || (source->foreign && !object.is_inline())) {
      committed = co_await copy_bytes(call, *source, *customer, std::move(fields), *conditions);
    } else if (object.is_inline()) {
      committed = co_await copy_inline(call, *source, std::move(fields), *conditions);
    } else {
      storage::QuotaRefusal refusal;
      auto change = call.engine().copy(call.collectivity(), source->place, object, call.bucket().id, call.key(), std::move(fields), *conditions, call.request.actor(), call.record, &refusal);
      if (!change) {
        if (change.error() == make_error_code(storage::TenantErrc::QuotaExceeded)) co_return quota_exceeded(refusal);
        co_return to_s3(change.error());
      }
      const auto outcome = co_await beffroi::commit(call.engine(), std::move(*change));
      const bool changed = !outcome && outcome.error() == make_error_code(storage::EngineErrc::Changed);
      if (changed && attempt < kChangedRetries) continue;
      call.record_taken = !changed;
      if (outcome) committed = *outcome;
      else committed = to_s3(outcome.error());
    }
    if (!committed) {
      if (committed.error().code == Code::PreconditionFailed) co_return precondition_failed(*conditions);
      co_return committed.error();
    }
    // A named local: GCC 12 destroys twice a braced temporary of an expression that suspends.
    const CopyResult result{committed->etag, committed->time_ms, committed->checksum, parts_of(committed->etag)};
    const std::string document = copy_object_xml(result);
    co_return co_await answer_copy(call, *source, *customer, *committed, document);
  }
}

Answer upload_part_copy(Call& call) {
  const auto upload_id = upload_id_of(call.query());
  if (!upload_id) co_return upload_id.error();
  const auto number = part_number_of(call.query());
  if (!number) co_return number.error();
  auto upload = co_await find_upload(call, *upload_id);
  if (!upload) co_return upload.error();
  const auto customer = read_customer_key(call.view().headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  if (auto fine = check_customer_key(*customer, upload->fields); !fine) co_return fine.error();
  auto source = co_await open_source(call);
  if (!source) co_return source.error();
  ByteRange range{0, source->reader.object().size};
  if (const auto header = find_header(call.view().headers, "x-amz-copy-source-range")) {
    const auto parsed = parse_copy_range(*header, range.length);
    if (!parsed) co_return parsed.error();
    range = *parsed;
  }
  if (range.length > kObjectPutBytesMax) co_return S3Error(Code::EntityTooLarge);
  call.record.bytes = range.length;
  auto session = co_await begin_part(call, upload->blob, *number, range.length, *customer);
  if (!session) co_return session.error();
  auto digests = co_await reseal(call, *source, range.first, range.length, checksum_kept(*upload), *session, *customer);
  if (!digests) co_return digests.error();
  const auto committed = co_await commit_part(call, *session, *upload_id, std::move(*digests));
  if (!committed) co_return committed.error();
  const CopyResult result{committed->etag, committed->time_ms, committed->checksum, 0};
  const std::string document = copy_part_xml(result);
  co_return co_await answer_copy(call, *source, *customer, *committed, document);
}

}  // namespace beffroi::s3
