// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/service.h"

#include <chrono>

#include "server/log.h"
#include "server/s3/headers.h"
#include "server/s3/percent.h"
#include "server/s3/range.h"
#include "server/s3/router.h"
#include "server/s3/sosapi.h"
#include "server/s3/website.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::AuditOutcome;
using storage::CollectivityId;

AuditOutcome outcome_of(Code code) {
  switch (code) {
    case Code::AccessDenied:
    case Code::AccessForbidden:
    case Code::InvalidAccessKeyId:
    case Code::SignatureDoesNotMatch:
    case Code::RequestTimeTooSkewed:
    case Code::AuthorizationHeaderMalformed:
    case Code::AuthorizationQueryParametersError:
    case Code::QuotaExceeded: return AuditOutcome::Denied;
    default: return AuditOutcome::Failed;
  }
}

S3Error refusal_error(http::Refusal refusal) {
  switch (refusal) {
    case http::Refusal::BadRequest: return S3Error(Code::InvalidRequest, "The request is not well-formed HTTP.").closing();
    case http::Refusal::HeadTooLarge: return S3Error(Code::InvalidRequest, "The headers are larger than 16 KiB, or more than 100.").closing();
    case http::Refusal::TargetTooLong: return S3Error(Code::InvalidURI, "The request target is longer than 8 KiB.").closing();
    case http::Refusal::VersionUnsupported: return S3Error(Code::InvalidRequest, "HTTP/1.1 and HTTP/1.0 are spoken here.").closing();
    case http::Refusal::HeadTimeout: return S3Error(Code::RequestTimeout).closing();
    case http::Refusal::Overload: return S3Error(Code::SlowDown).closing();
    case http::Refusal::Internal: return S3Error(Code::InternalError).closing();
  }
  return S3Error(Code::InternalError).closing();
}

// Of an answer to a page of another origin; nothing when the request names none or the bucket has no rules.
HeaderLines cors_of(const storage::Engine& engine, CollectivityId where, const std::string& bucket_name, const RequestView& view) {
  HeaderLines fields;
  const auto ask = read_cors_request(view);
  if (!ask) return fields;
  const auto bucket = engine.find_bucket(where, bucket_name);
  if (!bucket || bucket->settings.cors.empty()) return fields;
  const auto rules = parse_cors(bucket->settings.cors);
  if (rules) fields = cors_fields(*rules, *ask).value_or(HeaderLines());
  fields.emplace_back("Vary", kCorsVary);
  return fields;
}

// A request of a browser on a bucket that is a website.
struct Site {
  CollectivityId collectivity;
  Website website;
  std::string path;
};

std::optional<Site> site_of(const storage::Engine* engine, const http::Request& request, const Domains& domains) {
  const RequestView view(request.head);
  const bool reads = view.method == "GET" || view.method == "HEAD";
  if (engine == nullptr || !reads || !is_website_host(view.host, domains) || has_header(view.headers, "authorization")) return std::nullopt;
  const auto parsed = parse_request(view, domains);
  if (!parsed) return std::nullopt;
  switch (parsed->operation) {
    case Operation::GetObject:
    case Operation::HeadObject:
    case Operation::HeadBucket:
    case Operation::ListObjects: break;
    default: return std::nullopt;
  }
  // Credentials in the query, or the words of a listing: no browser that looks at a page.
  for (const char* name : {"X-Amz-Signature", "X-Amz-Algorithm", "Signature", "prefix", "delimiter", "marker", "max-keys", "encoding-type", "list-type"}) {
    if (parsed->query.has(name)) return std::nullopt;
  }
  const auto owner = engine->directory().by_slug(parsed->address.slug);
  const auto bucket = owner ? engine->find_bucket(owner->id, parsed->address.bucket) : nullptr;
  if (!bucket || bucket->settings.website.empty()) return std::nullopt;
  auto website = parse_website(bucket->settings.website);
  if (!website) return std::nullopt;
  return Site{owner->id, std::move(*website), parsed->address.key};
}

// Whose key a presigned target names: nobody is believed, only a place is looked up.
std::optional<CollectivityId> presigned_by(const storage::Engine& engine, const Query& query) {
  const std::string credential = query.value("X-Amz-Credential");
  const auto key = engine.directory().access_key(credential.substr(0, credential.find('/')));
  if (!key) return std::nullopt;
  return key->collectivity;
}

// An error as the caller may hear it (authorize.h, "Existence"). Copies have done so themselves: theirs is of two objects.
S3Error as_told(const Call& call, const S3Error& error) {
  const OperationRow& row = call.request.row();
  const bool copy = row.operation == Operation::CopyObject || row.operation == Operation::UploadPartCopy;
  const bool absent = error.code == Code::NoSuchKey || error.code == Code::NoSuchVersion || error.code == Code::MethodNotAllowed;
  if (row.level == Level::Object && !copy && absent && !call.request.may_see_absence(call.key(), call.query().has("versionId"))) {
    return S3Error(Code::AccessDenied);
  }
  if (!call.request.at_home() && (error.code == Code::NoSuchBucket || error.code == Code::AccessDenied)) return S3Error(Code::AccessDenied);
  return error;
}

}  // namespace

struct S3Service::Exchange {
  http::Request* request = nullptr;
  http::BodySource* body = nullptr;
  http::ResponseSink& sink;
  storage::Engine* engine = nullptr;
  std::string request_id;
  std::string resource;
  bool is_head = false;
  storage::AuditRecord record;
  bool record_taken = false;
  bool untraced = false;
  std::optional<Operation> operation;
  std::optional<FormBody> form;
  std::optional<Page> page;
  bool answered = false;  // by another page than the one that failed
  HeaderLines cors;
  unsigned status = 200;
};

S3Service::S3Service(S3Options options, DiskPool& pool, Metrics& metrics)
    : options_(std::move(options)),
      pool_(pool),
      metrics_(metrics),
      authenticator_({options_.region, options_.strict_regions}) {
  for (const OperationRow& row : operation_table()) metrics_.add_operation(std::string(row.name));
}

void S3Service::serve(storage::Engine* engine) { engine_ = engine; }

std::string S3Service::new_request_id() {
  Bytes id;
  // An odd multiplier is a bijection: ids of one life never repeat.
  append_be(id, options_.instance ^ (++requests_ * 0x9E3779B97F4A7C15ull));
  std::string text = to_hex(id);
  for (char& c : text) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

awaitable<void> S3Service::handle(http::Request& request, http::BodySource& body, http::ResponseSink& sink) {
  const auto began = std::chrono::steady_clock::now();
  Exchange exchange{.request = &request, .body = &body, .sink = sink, .engine = engine_.load(), .request_id = new_request_id()};
  exchange.resource = request.head.path();
  exchange.is_head = request.head.method() == "HEAD";
  const S3Result<void> outcome = co_await answer_site(exchange);
  finish(exchange, outcome);
  if (!outcome) {
    if (sink.started() && !exchange.answered) sink.abort();
    else if (!exchange.answered) co_await send_error(exchange, outcome.error());
    exchange.status = outcome.error().status();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (exchange.operation) {
    metrics_.request(static_cast<std::size_t>(*exchange.operation), exchange.status, took.count(), exchange.record.bytes, sink.body_bytes());
  }
}

// The pipeline. Each step gives what only the next one can take.
awaitable<S3Result<void>> S3Service::answer(Exchange& x) {
  x.record.source = x.request->peer.text;
  x.record.request_id = x.request_id;
  x.record.collectivity = storage::kAppliance;
  if (x.engine == nullptr) co_return S3Error(Code::ServiceUnavailable);
  const storage::Engine& engine = *x.engine;

  auto parsed = parse_request(RequestView(x.request->head), options_.domains);
  if (!parsed) co_return parsed.error();
  if (x.page) parsed->operation = x.is_head ? Operation::HeadObject : Operation::GetObject;
  const OperationRow& row = operation_row(parsed->operation);
  x.operation = row.operation;
  x.record.operation = row.name;
  x.record.bucket = parsed->address.bucket;
  if (x.page) parsed->address.key = x.page->key;
  if (row.operation == Operation::PostObject) {
    // The form's fields, and nothing of its file: they say who asks, and for which key.
    auto form = co_await FormBody::open(parsed->view, *x.body);
    if (!form) co_return form.error();
    x.form.emplace(std::move(*form));
    auto key = form_key(x.form->form());
    if (!key) co_return key.error();
    parsed->address.key = std::move(*key);
  }
  const Address address = parsed->address;
  x.record.key = address.key;

  std::optional<CollectivityId> fallback;
  if (!options_.default_collectivity.empty()) {
    if (const auto c = engine.directory().by_slug(options_.default_collectivity)) fallback = c->id;
  }
  if (row.operation == Operation::CorsPreflight) co_return co_await answer_preflight(x, *parsed, fallback);
  Claimed claimed;
  auto verified = x.form ? authenticator_.authenticate_form(engine, std::move(*parsed), *x.form, x.request->peer, claimed)
                         : authenticator_.authenticate(engine, std::move(*parsed), x.request->peer, claimed);
  x.record.access_key = claimed.access_key_id;
  const auto namespace_of = addressed(engine, address, claimed.collectivity, fallback);
  if (namespace_of) x.record.collectivity = *namespace_of;
  else if (claimed.collectivity) x.record.collectivity = *claimed.collectivity;
  // A page must be able to read what its request was refused for.
  if (namespace_of) x.cors = cors_of(engine, *namespace_of, address.bucket, RequestView(x.request->head));
  if (!verified) co_return verified.error();
  if (const auto& identity = verified->identity()) {
    x.record.user = identity->user->name;
    x.record.user_id = identity->user->canonical_id;
  }
  if (auto admitted = engine.admission(); !admitted) co_return to_s3(admitted.error());

  const Rights rights{*x.engine, pool_, policies_};
  auto authorized = co_await authorize(rights, std::move(*verified), namespace_of);
  if (!authorized) co_return authorized.error();
  if (row.access == Access::Write && is_system_document(address.key)) {
    co_return S3Error(Code::AccessDenied, "This key is the appliance's own, and cannot be written.");
  }
  if (row.needs_room) {
    if (const auto room = engine.room(); !room) co_return to_s3(room.error());
  }
  Services services{*x.engine, pool_, md5_gang_, options_.region, policies_, options_.bucket_defaults, fallback};
  Call call{services, std::move(*authorized), *x.body, x.sink, x.request_id, x.form ? &*x.form : nullptr, x.page ? &*x.page : nullptr, x.cors, x.record,
            x.record_taken};
  auto outcome = co_await dispatch(row.operation, call);
  // Who reads what is public is nobody's business: it is counted, not written down.
  x.untraced = outcome && row.audit == AuditClass::Read && !call.request.identity();
  if (!outcome) co_return as_told(call, outcome.error());
  co_return outcome;
}

// A browser on <bucket>.<slug>.D, without credentials, where the bucket is a website: each page it is given passes the pipeline of a
// GetObject of that key. Who may not read the pages is told what anyone is told, so that a site that is not public is no secret less.
awaitable<S3Result<void>> S3Service::answer_site(Exchange& x) {
  const auto site = site_of(x.engine, *x.request, options_.domains);
  if (!site) co_return co_await answer(x);
  if (site->website.redirect_all) {
    x.record.source = x.request->peer.text;
    x.record.request_id = x.request_id;
    x.record.collectivity = site->collectivity;
    x.record.operation = operation_row(Operation::GetObject).name;
    x.untraced = true;
    http::ResponseHead head(301);
    head.add("x-amz-request-id", x.request_id);
    head.add("Location", redirect_target(*site->website.redirect_all, x.request->peer.secure, site->path));
    (void)co_await x.sink.send(std::move(head), {});
    co_return S3Result<void>();
  }
  x.page = Page{.key = page_key(site->website, site->path)};
  const S3Result<void> outcome = co_await answer(x);
  const bool missing = outcome.has_error() && (outcome.error().code == Code::NoSuchKey || outcome.error().code == Code::AccessDenied);
  if (!missing || x.sink.started()) co_return outcome;
  const storage::AuditRecord record = x.record;
  const std::string folder = site->path + "/";
  if (!site->path.empty() && !site->path.ends_with('/')) {
    x.page = Page{.key = page_key(site->website, folder), .only_look = true};
    const S3Result<void> found = co_await answer(x);
    if (found) {
      http::ResponseHead head(302);
      head.add("x-amz-request-id", x.request_id);
      head.add("Location", "/" + percent_encode(folder, Slash::Keep));
      (void)co_await x.sink.send(std::move(head), {});
      co_return S3Result<void>();
    }
  }
  if (!site->website.error_key.empty()) {
    x.page = Page{.key = site->website.error_key, .status = outcome.error().status()};
    const S3Result<void> shown = co_await answer(x);
    x.answered = shown.has_value();
  }
  x.record = record;
  x.untraced = false;  // the page that failed is written down like any request that did
  if (!x.answered && outcome.error().code == Code::NoSuchKey) {
    const S3Error& error = outcome.error();
    http::ResponseHead head(error.status());
    head.add("x-amz-request-id", x.request_id);
    head.add("Content-Type", "text/html; charset=utf-8");
    head.add("X-Content-Type-Options", "nosniff");
    const std::string document = error_page(error.status(), code_row(error.code).name, error.message, x.request_id);
    (void)co_await x.sink.send(std::move(head), x.is_head ? std::string_view() : std::string_view(document));
    x.answered = true;
  }
  co_return outcome;
}

// A browser asks without credentials, and with the target of the request that it means to send, signature and all: the address and
// the bucket's rules decide, nothing else is read. What is no bucket is answered like a bucket without rules.
awaitable<S3Result<void>> S3Service::answer_preflight(Exchange& x, const ParsedRequest& parsed, std::optional<CollectivityId> fallback) {
  const auto ask = read_preflight(parsed.view.headers);
  if (!ask) co_return ask.error();
  const auto where = addressed(*x.engine, parsed.address, presigned_by(*x.engine, parsed.query), fallback);
  if (where) x.record.collectivity = *where;
  const auto bucket = where ? x.engine->find_bucket(*where, parsed.address.bucket) : nullptr;
  if (!bucket || bucket->settings.cors.empty()) co_return cors_refusal(false, ask->method);
  const auto rules = parse_cors(bucket->settings.cors);
  const auto fields = rules ? cors_fields(*rules, *ask) : std::optional<HeaderLines>();
  if (!fields) co_return cors_refusal(true, ask->method);
  http::ResponseHead head(200);
  head.add("x-amz-request-id", x.request_id);
  for (const auto& [name, value] : *fields) head.add(name, value);
  head.add("Vary", kCorsVary);
  (void)co_await x.sink.send(std::move(head), {});
  co_return S3Result<void>();
}

// What no change carries is noted here: reads, and refusals of every kind.
void S3Service::finish(Exchange& x, const S3Result<void>& outcome) {
  if (x.record_taken || x.untraced || x.engine == nullptr) return;
  if (x.record.operation.empty()) x.record.operation = "Unknown";
  if (!outcome) {
    x.record.outcome = outcome_of(outcome.error().code);
    x.record.error = code_row(outcome.error().code).name;
  }
  x.engine->note(x.record);
}

awaitable<void> S3Service::send_error(Exchange& x, const S3Error& error) {
  if (error.status() >= 500) log_warning("request failed", {{"request_id", x.request_id}, {"operation", x.record.operation}, {"code", code_row(error.code).name}});
  http::ResponseHead head(error.status());
  head.add("x-amz-request-id", x.request_id);
  head.add("Content-Type", "application/xml");
  if (x.operation == Operation::HeadBucket) head.add("x-amz-bucket-region", options_.region);
  if (error.status() == 503) head.add("Retry-After", "1");
  for (const auto& [name, value] : x.cors) head.add(name, value);
  for (const ErrorField& field : error.fields) {
    if (error.code == Code::InvalidRange && field.name == "ActualObjectSize") head.add("Content-Range", "bytes */" + field.value);
    if (error.code == Code::MethodNotAllowed && field.name == "Allow") head.add("Allow", field.value);
  }
  for (const ErrorField& header : error.headers) head.add(header.name, header.value);
  if (error.close) x.sink.close_after();
  std::string document;
  if (!x.is_head && !head.bodyless()) document = error_xml(error, x.resource, x.request_id, options_.region);
  (void)co_await x.sink.send(std::move(head), document);
}

awaitable<void> S3Service::refuse(http::Refusal refusal, const http::Peer& peer, http::ResponseSink& sink) {
  Exchange exchange{.sink = sink, .engine = engine_.load(), .request_id = new_request_id()};
  exchange.record.source = peer.text;
  exchange.record.request_id = exchange.request_id;
  exchange.record.collectivity = storage::kAppliance;
  const S3Error error = refusal_error(refusal);
  finish(exchange, error);
  co_await send_error(exchange, error);
}

std::string audit_error_name(const error_code& e) { return std::string(code_row(to_s3(e).code).name); }

Answer dispatch(Operation operation, Call& call) {
  switch (operation) {
    case Operation::ListBuckets: return list_buckets(call);
    case Operation::CreateBucket: return create_bucket(call);
    case Operation::HeadBucket: return head_bucket(call);
    case Operation::DeleteBucket: return delete_bucket(call);
    case Operation::GetBucketLocation: return get_bucket_location(call);
    case Operation::GetBucketLogging: return get_bucket_logging(call);
    case Operation::GetBucketNotificationConfiguration: return get_bucket_notification_configuration(call);
    case Operation::GetBucketAccelerateConfiguration: return get_bucket_accelerate_configuration(call);
    case Operation::GetBucketRequestPayment: return get_bucket_request_payment(call);
    case Operation::GetBucketReplication: return get_bucket_replication(call);
    case Operation::GetBucketEncryption: return get_bucket_encryption(call);
    case Operation::PutBucketEncryption: return put_bucket_encryption(call);
    case Operation::DeleteBucketEncryption: return delete_bucket_encryption(call);
    case Operation::GetBucketTagging: return get_bucket_tagging(call);
    case Operation::PutBucketTagging: return put_bucket_tagging(call);
    case Operation::DeleteBucketTagging: return delete_bucket_tagging(call);
    case Operation::GetBucketCors: return get_bucket_cors(call);
    case Operation::PutBucketCors: return put_bucket_cors(call);
    case Operation::DeleteBucketCors: return delete_bucket_cors(call);
    case Operation::GetBucketWebsite: return get_bucket_website(call);
    case Operation::PutBucketWebsite: return put_bucket_website(call);
    case Operation::DeleteBucketWebsite: return delete_bucket_website(call);
    case Operation::CorsPreflight: break;  // answered before anyone is authenticated
    case Operation::GetBucketVersioning: return get_bucket_versioning(call);
    case Operation::PutBucketVersioning: return put_bucket_versioning(call);
    case Operation::GetBucketLifecycleConfiguration: return get_bucket_lifecycle_configuration(call);
    case Operation::PutBucketLifecycleConfiguration: return put_bucket_lifecycle_configuration(call);
    case Operation::DeleteBucketLifecycle: return delete_bucket_lifecycle(call);
    case Operation::GetObjectLockConfiguration: return get_object_lock_configuration(call);
    case Operation::PutObjectLockConfiguration: return put_object_lock_configuration(call);
    case Operation::GetBucketAcl: return get_bucket_acl(call);
    case Operation::ListObjects: return list_objects(call);
    case Operation::ListObjectsV2: return list_objects_v2(call);
    case Operation::ListObjectVersions: return list_object_versions(call);
    case Operation::PutObject: return put_object(call);
    case Operation::PostObject: return post_object(call);
    case Operation::CopyObject: return copy_object(call);
    case Operation::GetObject: return get_object(call);
    case Operation::HeadObject: return head_object(call);
    case Operation::GetObjectAcl: return get_object_acl(call);
    case Operation::GetObjectRetention: return get_object_retention(call);
    case Operation::PutObjectRetention: return put_object_retention(call);
    case Operation::GetObjectLegalHold: return get_object_legal_hold(call);
    case Operation::PutObjectLegalHold: return put_object_legal_hold(call);
    case Operation::GetObjectTagging: return get_object_tagging(call);
    case Operation::PutObjectTagging: return put_object_tagging(call);
    case Operation::DeleteObjectTagging: return delete_object_tagging(call);
    case Operation::GetObjectAttributes: return get_object_attributes(call);
    case Operation::DeleteObject: return delete_object(call);
    case Operation::DeleteObjects: return delete_objects(call);
    case Operation::CreateMultipartUpload: return create_multipart_upload(call);
    case Operation::UploadPart: return upload_part(call);
    case Operation::UploadPartCopy: return upload_part_copy(call);
    case Operation::CompleteMultipartUpload: return complete_multipart_upload(call);
    case Operation::AbortMultipartUpload: return abort_multipart_upload(call);
    case Operation::ListParts: return list_parts(call);
    case Operation::ListMultipartUploads: return list_multipart_uploads(call);
    case Operation::GetBucketPolicy: return get_bucket_policy(call);
    case Operation::PutBucketPolicy: return put_bucket_policy(call);
    case Operation::DeleteBucketPolicy: return delete_bucket_policy(call);
    case Operation::GetBucketPolicyStatus: return get_bucket_policy_status(call);
    case Operation::GetPublicAccessBlock: return get_public_access_block(call);
    case Operation::PutPublicAccessBlock: return put_public_access_block(call);
    case Operation::DeletePublicAccessBlock: return delete_public_access_block(call);
    case Operation::GetBucketOwnershipControls: return get_bucket_ownership_controls(call);
    case Operation::PutBucketOwnershipControls: return put_bucket_ownership_controls(call);
    case Operation::DeleteBucketOwnershipControls: return delete_bucket_ownership_controls(call);
    case Operation::PutBucketAcl: return put_bucket_acl(call);
    case Operation::PutObjectAcl: return put_object_acl(call);
  }
  __builtin_unreachable();  // the table and the enum have the same values (operation_test)
}

}  // namespace beffroi::s3
