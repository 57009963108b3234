// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/call.h"

#include <algorithm>

#include "server/commit.h"
#include "server/log.h"
#include "server/s3/conditions.h"
#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/object_lock.h"
#include "server/s3/percent.h"

namespace beffroi::s3 {

using boost::asio::awaitable;
using storage::EngineErrc;

http::ResponseHead Call::head(unsigned status) const {
  http::ResponseHead head(status);
  head.add("x-amz-request-id", request_id);
  for (const auto& [name, value] : cors) head.add(name, value);
  return head;
}

awaitable<S3Result<void>> Call::answer(unsigned status) const {
  (void)co_await sink.send(head(status), {});
  co_return S3Result<void>();
}

awaitable<S3Result<void>> Call::answer_xml(const std::string& document) const {
  auto answer = head(200);
  answer.add("Content-Type", "application/xml");
  (void)co_await sink.send(std::move(answer), document);
  co_return S3Result<void>();
}

awaitable<S3Result<std::string>> Call::document() const {
  const OperationRow& row = request.row();
  if (row.integrity_required) {
    if (auto fine = require_integrity(view().headers, request.verified().payload()); !fine) co_return fine.error();
  }
  auto read = co_await read_document(request.verified(), body, row.body_bytes_max);
  co_return read;
}

awaitable<S3Result<storage::Committed>> Call::commit(storage::Prepared change) const {
  auto committed = co_await beffroi::commit(engine(), std::move(change));
  if (!committed) co_return to_s3(committed.error());
  co_return std::move(*committed);
}

awaitable<S3Result<void>> Call::change_bucket(SettingsEdit edit, unsigned status) {
  auto change = engine().change_bucket(collectivity(), bucket().id, std::move(edit), request.actor(), take_record());
  const auto committed = co_await commit(std::move(change));
  if (!committed) co_return committed.error();
  co_return co_await answer(status);
}

awaitable<S3Result<void>> Call::change_object(storage::Engine::ObjectEdit edit, unsigned status) {
  auto version = version_of(query());
  if (!version) co_return version.error();
  // Where the right hangs on the object's list or tags, it is that of the version which is changed, not of one seen before.
  bool denied = false;
  auto judged = [this, &denied, &edit](storage::ObjectFields& fields, std::int64_t now_ms) -> Result<void> {
    denied = !request.may_have(fields);
    if (denied) return EngineErrc::InvalidArgument;
    return edit(fields, now_ms);
  };
  auto change = engine().change_object(collectivity(), bucket().id, key(), std::move(*version), judged, request.actor(), take_record());
  const auto committed = co_await commit(std::move(change));
  if (denied) co_return S3Error(Code::AccessDenied);
  if (!committed) co_return committed.error();
  auto answer = head(status);
  add_version_fields(answer, *committed);
  (void)co_await sink.send(std::move(answer), {});
  co_return S3Result<void>();
}

S3Error to_s3(const error_code& e) {
  if (e.category() == storage::tenant_category()) {
    switch (static_cast<storage::TenantErrc>(e.value())) {
      case storage::TenantErrc::QuotaExceeded: return S3Error(Code::QuotaExceeded);
      case storage::TenantErrc::NoSuchCollectivity:
      case storage::TenantErrc::KeysExist:
      case storage::TenantErrc::KeyringCorrupt: break;
    }
  }
  if (e.category() == storage::engine_category()) {
    switch (static_cast<EngineErrc>(e.value())) {
      case EngineErrc::NoSuchBucket: return S3Error(Code::NoSuchBucket);
      case EngineErrc::BucketExists: return S3Error(Code::BucketAlreadyExists);
      case EngineErrc::BucketNotEmpty: return S3Error(Code::BucketNotEmpty);
      case EngineErrc::NoSuchKey: return S3Error(Code::NoSuchKey);
      case EngineErrc::NoSuchVersion: return S3Error(Code::NoSuchVersion);
      case EngineErrc::DeleteMarker: return S3Error(Code::MethodNotAllowed, "The specified version is a delete marker.");
      case EngineErrc::Locked: return S3Error(Code::AccessDenied, "Access Denied because object protected by object lock.");
      case EngineErrc::NoSuchUpload: return S3Error(Code::NoSuchUpload);
      case EngineErrc::InvalidPart: return S3Error(Code::InvalidPart);
      case EngineErrc::ChecksumMismatch: return S3Error(Code::BadDigest);
      case EngineErrc::InvalidPartOrder: return S3Error(Code::InvalidPartOrder);
      case EngineErrc::EntityTooSmall: return S3Error(Code::EntityTooSmall);
      case EngineErrc::EntityTooLarge: return S3Error(Code::EntityTooLarge);
      case EngineErrc::PreconditionFailed: return S3Error(Code::PreconditionFailed);
      case EngineErrc::CollectivityInactive: return collectivity_inactive();
      case EngineErrc::KeyRevoked: return S3Error(Code::InvalidAccessKeyId);
      case EngineErrc::InvalidArgument: return S3Error(Code::InvalidRequest);
      case EngineErrc::Changed: return S3Error(Code::SlowDown, "The object kept changing while it was read: try again.");
      case EngineErrc::SlowDown: return S3Error(Code::SlowDown);
      case EngineErrc::NoSpace: return S3Error(Code::InsufficientStorage);
      case EngineErrc::Stopped:
      case EngineErrc::Closed: return S3Error(Code::ServiceUnavailable);
      case EngineErrc::Damaged:
        log_error("damaged", {{"what", e.message()}});
        return S3Error(Code::InternalError);
      // Answers of other fronts, or what was answered before storage could: an S3 operation that lets one through is wrong.
      case EngineErrc::WrongCustomerKey:
      case EngineErrc::NotModified:
      case EngineErrc::NotFound:
      case EngineErrc::AlreadyExists: break;
    }
  }
  log_error("unexpected storage error", {{"category", e.category().name()}, {"what", e.message()}});
  return S3Error(Code::InternalError);
}

S3Error quota_exceeded(const storage::QuotaRefusal& refusal) {
  const bool bytes = refusal.which == storage::QuotaRefusal::Which::Bytes;
  return S3Error(Code::QuotaExceeded, bytes ? "The collectivity's quota of bytes would be exceeded: delete objects or ask your operator for more."
                                            : "The collectivity's quota of objects would be exceeded: delete objects or ask your operator for more.")
      .with("Quota", bytes ? "bytes" : "objects")
      .with("Used", std::to_string(refusal.used))
      .with("Limit", std::to_string(refusal.limit));
}

S3Error absence_error(const std::string& key, const error_code& absence) {
  S3Error error = to_s3(absence);
  if (error.code == Code::NoSuchKey) error = S3Error(Code::NoSuchKey).with("Key", key);
  return error;
}

S3Result<void> check_grantees(const Call& call, const storage::Acl& acl) {
  for (const storage::Grant& grant : acl) {
    if (grant.grantee == storage::Grantee::User && !call.services.engine.directory().user_by_canonical_id(grant.user)) {
      return S3Error(Code::InvalidArgument, "Invalid id").with("ArgumentName", "CanonicalUser/ID").with("ArgumentValue", grant.user);
    }
  }
  return {};
}

S3Result<ObjectRights> object_rights(const Call& call) {
  const auto wish = read_acl_headers(call.view().headers);
  if (!wish) return wish.error();
  if (wish->grants) {
    if (auto known = check_grantees(call, *wish->grants); !known) return known.error();
  }
  return object_rights(*wish, call.bucket(), call.user_id());
}

Owner owner_of(const storage::Engine& engine, const std::string& canonical_id) {
  const auto user = engine.directory().user_by_canonical_id(canonical_id);
  return {canonical_id, user ? user->name : std::string()};
}

S3Result<std::size_t> page_size(const Query& query, std::string_view name) {
  const std::string* text = query.find(name);
  if (text == nullptr || text->empty()) return std::size_t{1000};
  const auto number = parse_decimal(*text);
  if (!number || *number > 2'147'483'647) {
    return S3Error(Code::InvalidArgument, "Provided " + std::string(name) + " not an integer or within integer range")
        .with("ArgumentName", std::string(name))
        .with("ArgumentValue", *text);
  }
  return std::min<std::size_t>(*number, 1000);
}

S3Result<bool> url_encoding(const Query& query) {
  const std::string* text = query.find("encoding-type");
  if (text == nullptr) return S3Result<bool>(boost::system::in_place_value, false);
  if (*text == "url") return S3Result<bool>(boost::system::in_place_value, true);
  return S3Error(Code::InvalidArgument, "Invalid Encoding Method specified in Request").with("ArgumentName", "encoding-type").with("ArgumentValue", *text);
}

S3Result<Bytes> upload_id_of(const Query& query) {
  auto id = from_base32(query.value("uploadId"));
  if (!id || id->size() != storage::kUploadIdBytes) return S3Error(Code::NoSuchUpload).with("UploadId", query.value("uploadId"));
  return std::move(*id);
}

S3Result<std::string> version_of(const Query& query) {
  const std::string* id = query.find("versionId");
  if (id == nullptr) return std::string();
  if (!is_version_id(*id)) {
    return S3Error(Code::InvalidArgument, id->empty() ? "Version id cannot be the empty string" : "Invalid version id specified")
        .with("ArgumentName", "versionId")
        .with("ArgumentValue", *id);
  }
  return *id;
}

bool is_version_id(std::string_view id) { return id == "null" || (id.size() == storage::kVersionIdChars && from_base32(id)); }

bool is_versioned(const storage::Bucket& bucket) { return bucket.settings.versioning != storage::Versioning::Off; }

bool bypasses_governance(const Call& call, const std::string& key) {
  const auto asked = find_header(call.view().headers, "x-amz-bypass-governance-retention");
  return asked && http::same_name(*asked, "true") && call.request.may({"s3:BypassGovernanceRetention", Access::Write, std::string_view(key)});
}

// Whether an absence may be told is the service's to say.
awaitable<S3Result<storage::ObjectReader>> open_object(Call& call, bool want_body) {
  bool absent = false;
  auto reader = co_await read_version(call.services.rights(), call.request, want_body, absent);
  if (reader && !call.request.may_have(reader->object())) co_return S3Error(Code::AccessDenied);
  co_return reader;
}

S3Result<void> unlock(storage::ObjectReader& reader, const std::optional<CustomerKey>& given) {
  if (given && !reader.object().customer_check.empty() && reader.unlock(given->key)) return {};
  return check_customer_key(given, reader.object());
}

std::string shown_version(const storage::Object& object) { return object.null_version ? "null" : object.version_id; }

void add_version_fields(http::ResponseHead& head, const storage::Committed& committed) {
  if (!committed.versioned || committed.version_id.empty()) return;
  if (committed.null_version && !committed.delete_marker) return;  // S3 tells of the null version to readers only
  head.add("x-amz-version-id", committed.null_version ? std::string_view("null") : std::string_view(committed.version_id));
  if (committed.delete_marker) head.add("x-amz-delete-marker", "true");
}

void add_expiration(http::ResponseHead& head, const Call& call, std::uint64_t size, const storage::Tags& tags, std::int64_t modified_ms) {
  const auto expiration = storage::expiration_of(call.bucket().settings.lifecycle, call.key(), size, tags, modified_ms);
  constexpr std::int64_t kYear10000Ms = 253'402'300'800'000;  // HTTP's dates have four digits for the year
  if (!expiration || expiration->at_ms >= kYear10000Ms) return;
  head.add("x-amz-expiration", "expiry-date=\"" + http::http_date(expiration->at_ms / 1000) + "\", rule-id=\"" +
                                   percent_encode(expiration->rule, Slash::Encode) + "\"");
}

S3Error delete_marker_error(const storage::Object& marker, const std::string& key, bool named) {
  S3Error error = named ? S3Error(Code::MethodNotAllowed).with("Method", "GET").with("ResourceType", "DeleteMarker").with("Allow", "DELETE")
                        : S3Error(Code::NoSuchKey).with("Key", key);
  if (named) error.headers.push_back({"Last-Modified", http::http_date(marker.modified_ms / 1000)});
  error.headers.push_back({"x-amz-delete-marker", "true"});
  error.headers.push_back({"x-amz-version-id", shown_version(marker)});
  return error;
}

void add_encryption_fields(http::ResponseHead& head, const std::optional<CustomerKey>& customer) {
  if (customer) {
    head.add("x-amz-server-side-encryption-customer-algorithm", "AES256");
    head.add("x-amz-server-side-encryption-customer-key-MD5", customer->md5);
  } else {
    head.add("x-amz-server-side-encryption", "AES256");
  }
}

std::size_t parts_of(const std::string& etag) {
  const auto dash = etag.find('-');
  return dash == std::string::npos ? 0 : parse_decimal(std::string_view(etag).substr(dash + 1)).value_or(0);
}

void add_checksum_fields(http::ResponseHead& head, const storage::Checksum& checksum, const std::string& etag) {
  if (checksum.algorithm == ChecksumAlgorithm::None || checksum.value.empty()) return;
  head.add(checksum_header(checksum.algorithm), checksum_text(checksum, parts_of(etag)));
  head.add("x-amz-checksum-type", checksum_type_name(checksum.type));
}

void add_object_fields(http::ResponseHead& head, const storage::Object& object, const storage::ObjectHeaders& shown, bool versioned, bool checksums) {
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) head.add(name, value);
  };
  head.add("ETag", quoted(object.etag));
  head.add("Last-Modified", http::http_date(object.modified_ms / 1000));
  head.add("Accept-Ranges", "bytes");
  head.add("X-Content-Type-Options", "nosniff");
  if (versioned) head.add("x-amz-version-id", shown_version(object));
  head.add("Content-Type", shown.content_type.empty() ? std::string_view("binary/octet-stream") : std::string_view(shown.content_type));
  add("Content-Encoding", shown.content_encoding);
  add("Content-Disposition", shown.content_disposition);
  add("Content-Language", shown.content_language);
  add("Cache-Control", shown.cache_control);
  add("Expires", shown.expires);
  add("x-amz-website-redirect-location", shown.website_redirect);
  if (object.retention.mode != storage::LockMode::None) {
    head.add("x-amz-object-lock-mode", lock_mode_name(object.retention.mode));
    head.add("x-amz-object-lock-retain-until-date", iso8601(object.retention.until_ms));
  }
  if (object.legal_hold != storage::LegalHold::None) head.add("x-amz-object-lock-legal-hold", legal_hold_name(object.legal_hold));
  add("x-amz-tagging-count", object.tags.empty() ? std::string() : std::to_string(object.tags.size()));
  for (const auto& [name, value] : shown.metadata) head.add("x-amz-meta-" + name, value);
  if (checksums) add_checksum_fields(head, object.checksum, object.etag);
}

}  // namespace beffroi::s3
