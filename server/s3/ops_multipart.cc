// SPDX-License-Identifier: EUPL-1.2
// Multipart uploads, but for UploadPartCopy (ops_copy.cc).
#include "server/s3/commit_prepared.h"
#include "server/s3/conditions.h"
#include "server/s3/headers.h"
#include "server/s3/ingest.h"
#include "server/s3/object_fields.h"
#include "server/s3/percent.h"
#include "server/s3/upload_call.h"
#include "server/s3/xml.h"

namespace beffroi::s3 {
using boost::asio::awaitable;

S3Result<std::uint16_t> part_number_of(const Query& query) {
  const auto number = parse_decimal(query.value("partNumber"));
  if (!number || *number < 1 || *number > kPartNumberMax) {
    return S3Error(Code::InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
        .with("ArgumentName", "partNumber")
        .with("ArgumentValue", query.value("partNumber"));
  }
  return static_cast<std::uint16_t>(*number);
}

awaitable<S3Result<storage::Upload>> find_upload(Call& call, const Bytes& upload_id) {
  auto read = [&](storage::Tier tier) {
    return call.engine().find_upload(call.collectivity(), call.bucket().id, call.key(), upload_id, tier);
  };
  auto upload = co_await cached_or_disk(call.services.pool, read);
  if (!upload) {
    S3Error error = to_s3(upload.error());
    if (error.code == Code::NoSuchUpload) error = S3Error(Code::NoSuchUpload).with("UploadId", call.query().value("uploadId"));
    co_return error;
  }
  co_return std::move(*upload);
}

awaitable<S3Result<storage::Committed>> commit_part(Call& call, storage::PutSession& session, const Bytes& upload_id, storage::BodyDigests digests) {
  auto finish = [&] {
    return session.finish_part(call.bucket().id, call.key(), upload_id, std::move(digests), call.request.actor(), call.record);
  };
  auto change = co_await finish_session(call, session, finish);
  if (!change) co_return change.error();
  call.record_taken = true;
  co_return co_await call.commit(std::move(*change));
}

ChecksumAlgorithm checksum_kept(const storage::Upload& upload) {
  return upload.checksum_algorithm == ChecksumAlgorithm::None ? ChecksumAlgorithm::Crc64Nvme : upload.checksum_algorithm;
}

Answer create_multipart_upload(Call& call) {
  const HeaderSpan headers = call.view().headers;
  auto fields = object_fields(call);
  if (!fields) co_return fields.error();
  const auto customer = read_customer_key(headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  if (*customer) fields->customer_check = crypto::customer_check((*customer)->key);
  const auto checksum = upload_checksum(headers);
  if (!checksum) co_return checksum.error();
  storage::NewUpload upload{.fields = std::move(*fields),
                            .checksum_algorithm = checksum->algorithm,
                            .checksum_type = checksum->type};
  auto change = call.engine().create_upload(call.collectivity(), call.bucket().id, call.key(), std::move(upload), call.request.actor(), call.take_record());
  const auto committed = co_await call.commit(std::move(change));
  if (!committed) co_return committed.error();
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  add_encryption_fields(head, *customer);
  if (has_header(headers, "x-amz-checksum-algorithm")) {
    head.add("x-amz-checksum-algorithm", checksum_name(checksum->algorithm));
    head.add("x-amz-checksum-type", checksum_type_name(checksum->type));
  }
  (void)co_await call.sink.send(std::move(head), initiate_multipart_xml(call.bucket().name, call.key(), to_base32(committed->upload_id)));
  co_return S3Result<void>();
}

Answer upload_part(Call& call) {
  const auto number = part_number_of(call.query());
  if (!number) co_return number.error();
  const auto upload_id = upload_id_of(call.query());
  if (!upload_id) co_return upload_id.error();
  const auto upload = co_await find_upload(call, *upload_id);
  if (!upload) co_return upload.error();
  const auto customer = read_customer_key(call.view().headers, KeyOf::Object);
  if (customer.has_error()) co_return customer.error();
  if (auto fine = check_customer_key(*customer, upload->fields); !fine) co_return fine.error();
  auto body = ObjectBody::open(call.request.verified(), call.body, checksum_kept(*upload), call.request.row().body_bytes_max);
  if (!body) co_return body.error();
  call.record.bytes = body->size();
  auto session = co_await begin_part(call, upload->blob, *number, body->size(), *customer);
  if (!session) co_return session.error();
  auto digests = co_await ingest(call, *body, *session);
  if (!digests) co_return digests.error();
  const auto committed = co_await commit_part(call, *session, *upload_id, std::move(*digests));
  if (!committed) co_return committed.error();
  auto head = call.head(200);
  head.add("ETag", quoted(committed->etag));
  add_checksum_fields(head, committed->checksum, committed->etag);
  add_encryption_fields(head, *customer);
  (void)co_await call.sink.send(std::move(head), {});
  co_return S3Result<void>();
}

Answer complete_multipart_upload(Call& call) {
  const HeaderSpan headers = call.view().headers;
  const auto upload_id = upload_id_of(call.query());
  if (!upload_id) co_return upload_id.error();
  auto conditions = write_conditions(headers);
  if (!conditions) co_return conditions.error();
  auto whole = complete_checksum(headers);
  if (!whole) co_return whole.error();
  const auto document = co_await read_document(call.request.verified(), call.body, call.request.row().body_bytes_max);
  if (!document) co_return document.error();
  auto parsed = parse_complete(*document);
  if (!parsed) co_return parsed.error();

  storage::CompleteRequest request;
  for (PartToComplete& part : parsed->parts) {
    std::optional<Bytes> checksum;
    if (part.checksum.algorithm != ChecksumAlgorithm::None) checksum = std::move(part.checksum.value);
    request.parts.push_back({part.number, std::move(part.etag), std::move(checksum)});
  }
  if (whole->algorithm != ChecksumAlgorithm::None) request.checksum = storage::Checksum{whole->algorithm, {}, whole->value};
  if (const auto size = find_header(headers, "x-amz-mp-object-size")) {
    request.size = parse_decimal(*size);
    if (!request.size) co_return S3Error(Code::InvalidArgument).with("ArgumentName", "x-amz-mp-object-size");
  }
  auto prepare = [&] {
    return call.engine().complete_upload(call.collectivity(), call.bucket().id, call.key(), *upload_id, request, *conditions,
                                         call.request.actor(), call.record);
  };
  const auto committed = co_await commit_prepared(call, PreparedOn::Pool, prepare);
  if (!committed) {
    if (committed.error().code == Code::PreconditionFailed) co_return precondition_failed(*conditions);
    co_return committed.error();
  }
  CompletedUpload done{.location = "https://" + std::string(call.view().host) + "/" + call.bucket().name + "/" + percent_encode(call.key(), Slash::Keep),
                       .bucket = call.bucket().name,
                       .key = call.key(),
                       .etag = committed->etag,
                       .checksum = committed->checksum,
                       .parts = parts_of(committed->etag)};
  auto head = call.head(200);
  head.add("Content-Type", "application/xml");
  add_version_fields(head, *committed);
  const std::string answer = complete_multipart_xml(done);
  (void)co_await call.sink.send(std::move(head), answer);
  co_return S3Result<void>();
}

Answer abort_multipart_upload(Call& call) {
  const auto upload_id = upload_id_of(call.query());
  if (!upload_id) co_return upload_id.error();
  auto prepare = [&] {
    return call.engine().abort_upload(call.collectivity(), call.bucket().id, call.key(), *upload_id, call.request.actor(), call.record);
  };
  const auto committed = co_await commit_prepared(call, PreparedOn::Pool, prepare);
  if (!committed) co_return committed.error();
  co_return co_await call.answer(204);
}

Answer list_parts(Call& call) {
  const auto upload_id = upload_id_of(call.query());
  if (!upload_id) co_return upload_id.error();
  const auto max = page_size(call.query(), "max-parts");
  if (!max) co_return max.error();
  const std::string marker = call.query().value("part-number-marker");
  const auto after = marker.empty() ? std::optional<std::uint64_t>(0) : parse_decimal(marker);
  if (!after || *after > 0xFFFE) co_return S3Error(Code::InvalidArgument).with("ArgumentName", "part-number-marker");
  auto work = [&] {
    return call.engine().list_parts(call.collectivity(), call.bucket().id, call.key(), *upload_id, static_cast<std::uint16_t>(*after), *max);
  };
  auto page = co_await call.services.pool.run(work);
  if (!page) co_return to_s3(page.error());
  PartListing listing{.bucket = call.bucket().name, .key = call.key(), .upload_id = call.query().value("uploadId")};
  listing.owner = listing.initiator = owner_of(call.engine(), page->upload.fields.owner);
  listing.part_number_marker = static_cast<std::uint32_t>(*after);
  listing.max_parts = *max;
  listing.truncated = page->truncated;
  listing.checksum_algorithm = page->upload.checksum_algorithm;
  listing.checksum_type = page->upload.checksum_type;
  for (auto& part : page->parts) {
    listing.next_part_number_marker = part.number;
    listing.parts.push_back({part.number, part.modified_ms, std::move(part.etag), part.size, std::move(part.checksum)});
  }
  co_return co_await call.answer_xml(list_parts_xml(listing));
}

Answer list_multipart_uploads(Call& call) {
  const auto max = page_size(call.query(), "max-uploads");
  if (!max) co_return max.error();
  const auto encoded = url_encoding(call.query());
  if (encoded.has_error()) co_return encoded.error();
  UploadListing listing{.bucket = call.bucket().name,
                        .key_marker = call.query().value("key-marker"),
                        .upload_id_marker = call.query().value("upload-id-marker"),
                        .prefix = call.query().value("prefix"),
                        .delimiter = call.query().value("delimiter")};
  listing.max_uploads = *max;
  listing.url_encoded = *encoded;
  storage::UploadQuery query{.collectivity = call.collectivity(),
                             .bucket = call.bucket().id,
                             .prefix = listing.prefix,
                             .delimiter = listing.delimiter,
                             .after_key = listing.key_marker,
                             .after_upload = from_base32(listing.upload_id_marker).value_or(Bytes()),
                             .max = *max};
  auto work = [&] { return call.engine().list_uploads(query); };
  auto page = co_await call.services.pool.run(work);
  if (!page) co_return to_s3(page.error());
  listing.truncated = page->truncated;
  listing.common_prefixes = std::move(page->prefixes);
  if (page->truncated) {
    listing.next_key_marker = page->last_key;
    if (!page->last_upload.empty()) listing.next_upload_id_marker = to_base32(page->last_upload);
  }
  for (auto& entry : page->uploads) {
    UploadEntry upload{.key = std::move(entry.key), .upload_id = to_base32(entry.upload_id)};
    upload.owner = upload.initiator = owner_of(call.engine(), entry.upload.fields.owner);
    upload.started_ms = entry.upload.started_ms;
    upload.checksum_algorithm = entry.upload.checksum_algorithm;
    upload.checksum_type = entry.upload.checksum_type;
    listing.uploads.push_back(std::move(upload));
  }
  co_return co_await call.answer_xml(list_uploads_xml(listing));
}

}  // namespace beffroi::s3
