// SPDX-License-Identifier: EUPL-1.2
// Call: one authorized request on its way through its operation's coroutine, with what every operation needs. An operation
// answers through `sink` and returns success, or returns an error before it has answered; the service does the rest (error
// document, audit of what was not part of a change, metrics).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "crypto/md5.h"
#include "server/disk_pool.h"
#include "server/http/handler.h"
#include "server/s3/answers.h"
#include "server/s3/authorize.h"
#include "server/s3/body.h"
#include "server/s3/cors.h"
#include "server/s3/customer_key.h"
#include "server/s3/errors.h"
#include "server/s3/form_body.h"
#include "server/s3/website.h"
#include "storage/engine/engine.h"

namespace beffroi::s3 {

// What the operations work with; outlives every call.
struct Services {
  storage::Engine& engine;
  DiskPool& pool;
  crypto::Md5Gang& md5;  // of what the pool hashes
  const std::string& region;
  PolicyCache& policies;
  const storage::BucketSettings& bucket_defaults;                     // of new buckets
  std::optional<storage::CollectivityId> default_collectivity;        // that `:bucket` names

  Rights rights() const { return {engine, pool, policies}; }
};

struct Call {
  Services& services;
  AuthorizedRequest request;
  http::BodySource& body;
  http::ResponseSink& sink;
  const std::string& request_id;
  FormBody* form;  // of PostObject only
  const Page* page;  // of a website; else null
  const HeaderLines& cors;  // what a page of another origin may do with the answer
  storage::AuditRecord& record;
  bool& record_taken;  // it stands, or will stand, in a change's frame

  const RequestView& view() const { return request.parsed().view; }
  const Query& query() const { return request.parsed().query; }
  const std::string& key() const { return request.parsed().address.key; }
  const storage::Bucket& bucket() const { return request.bucket(); }
  storage::CollectivityId collectivity() const { return request.collectivity(); }
  storage::Engine& engine() const { return services.engine; }
  std::string user_id() const { return request.user_id(); }

  // The record of this request, for the change that carries it out: it is then in that change's frame, whatever the outcome.
  storage::AuditRecord take_record() {
    record_taken = true;
    return record;
  }
  // An answer's head, with the fields that every answer has.
  http::ResponseHead head(unsigned status) const;
  boost::asio::awaitable<S3Result<void>> answer(unsigned status) const;                   // without a body
  boost::asio::awaitable<S3Result<void>> answer_xml(const std::string& document) const;   // 200
  // The whole XML body, with the integrity that the row requires.
  boost::asio::awaitable<S3Result<std::string>> document() const;
  // Submits a change and waits for it. Errors are S3's.
  boost::asio::awaitable<S3Result<storage::Committed>> commit(storage::Prepared) const;
  // Edits the bucket's settings, on the committer's thread, then answers with `status`.
  using SettingsEdit = std::function<Result<void>(storage::BucketSettings&)>;
  boost::asio::awaitable<S3Result<void>> change_bucket(SettingsEdit edit, unsigned status);
  // The same of the version that the request names.
  boost::asio::awaitable<S3Result<void>> change_object(storage::Engine::ObjectEdit edit, unsigned status);
};

// One total map from what storage answers to what a client is told. Detail goes to the log.
S3Error to_s3(const error_code&);
S3Error quota_exceeded(const storage::QuotaRefusal&);

// What is told of a key or a version that is not there, to who may know it.
S3Error absence_error(const std::string& key, const error_code&);

// Whether every user that a list names is known: 400 InvalidArgument.
S3Result<void> check_grantees(const Call&, const storage::Acl&);
// Owner and list of the object that a request writes, as its headers and the bucket's ownership have it.
S3Result<ObjectRights> object_rights(const Call&);

// Owner elements of listings: the user by canonical id; the name is left out for one that is gone.
Owner owner_of(const storage::Engine&, const std::string& canonical_id);

// max-keys and its kin: 0 to 1 000, capped; 400 InvalidArgument.
S3Result<std::size_t> page_size(const Query&, std::string_view name);
// encoding-type=url; another value is 400 InvalidArgument.
S3Result<bool> url_encoding(const Query&);
// An upload id as it stands on the wire; 404 NoSuchUpload for what is none.
S3Result<Bytes> upload_id_of(const Query&);

// versionId: empty when there is none in the query. 400 InvalidArgument for what can be no version's id.
S3Result<std::string> version_of(const Query&);
bool is_version_id(std::string_view);
bool is_versioned(const storage::Bucket&);  // or was
// x-amz-bypass-governance-retention from an administrator whom no policy denies it. From others it is nothing, and what is locked
// stays so.
bool bypasses_governance(const Call&, const std::string& key);
// The version that the request names. 404, or what is told of a delete marker.
boost::asio::awaitable<S3Result<storage::ObjectReader>> open_object(Call&, bool want_body);
// Gives a reader the customer's key that came with the request. Errors are those of check_customer_key().
S3Result<void> unlock(storage::ObjectReader&, const std::optional<CustomerKey>& given);
// As clients see it: `null` for the version written without versioning.
std::string shown_version(const storage::Object&);
// x-amz-version-id, x-amz-delete-marker of a change's answer; nothing where the bucket was never versioned.
void add_version_fields(http::ResponseHead&, const storage::Committed&);
// x-amz-expiration of the latest version of the request's key, where a lifecycle rule ends it.
void add_expiration(http::ResponseHead&, const Call&, std::uint64_t size, const storage::Tags&, std::int64_t modified_ms);
// What is told of a version that is a delete marker: 405 when it was named, else 404.
S3Error delete_marker_error(const storage::Object& marker, const std::string& key, bool named);

// Fields of an object on GET, HEAD. `versioned`: the bucket is, or was. `checksums`: x-amz-checksum-* are asked for and true of what is sent.
void add_object_fields(http::ResponseHead&, const storage::Object&, const storage::ObjectHeaders& shown, bool versioned, bool checksums);
// How the object is encrypted that was written or is read.
void add_encryption_fields(http::ResponseHead&, const std::optional<CustomerKey>&);
// x-amz-checksum-* and its type on a write's answer.
void add_checksum_fields(http::ResponseHead&, const storage::Checksum&, const std::string& etag);
// Parts of a multipart ETag; 0 for another.
std::size_t parts_of(const std::string& etag);

// --- the operations, by family
using Answer = boost::asio::awaitable<S3Result<void>>;
Answer list_buckets(Call&);            // ops_bucket.cc
Answer create_bucket(Call&);
Answer head_bucket(Call&);
Answer delete_bucket(Call&);
Answer get_bucket_location(Call&);
Answer get_bucket_logging(Call&);  // ops_bucket_settings.cc
Answer get_bucket_notification_configuration(Call&);
Answer get_bucket_accelerate_configuration(Call&);
Answer get_bucket_request_payment(Call&);
Answer get_bucket_replication(Call&);
Answer get_bucket_encryption(Call&);
Answer put_bucket_encryption(Call&);
Answer delete_bucket_encryption(Call&);
Answer get_bucket_tagging(Call&);
Answer put_bucket_tagging(Call&);
Answer delete_bucket_tagging(Call&);
Answer get_bucket_cors(Call&);
Answer put_bucket_cors(Call&);
Answer delete_bucket_cors(Call&);
Answer get_bucket_website(Call&);
Answer put_bucket_website(Call&);
Answer delete_bucket_website(Call&);
Answer list_objects(Call&);            // ops_list.cc
Answer list_objects_v2(Call&);
Answer get_bucket_versioning(Call&);   // ops_versions.cc
Answer put_bucket_versioning(Call&);
Answer list_object_versions(Call&);
Answer get_object_lock_configuration(Call&);  // ops_lock.cc
Answer put_object_lock_configuration(Call&);
Answer get_object_retention(Call&);
Answer put_object_retention(Call&);
Answer get_object_legal_hold(Call&);
Answer put_object_legal_hold(Call&);
Answer get_object_tagging(Call&);  // ops_tagging.cc
Answer put_object_tagging(Call&);
Answer delete_object_tagging(Call&);
Answer get_bucket_lifecycle_configuration(Call&);  // ops_lifecycle.cc
Answer put_bucket_lifecycle_configuration(Call&);
Answer delete_bucket_lifecycle(Call&);
Answer put_object(Call&);              // ops_put.cc
Answer post_object(Call&);  // ops_post.cc
Answer copy_object(Call&);             // ops_copy.cc
Answer upload_part_copy(Call&);
Answer get_object(Call&);              // ops_get.cc
Answer head_object(Call&);
Answer get_object_attributes(Call&);
Answer delete_object(Call&);           // ops_delete.cc
Answer delete_objects(Call&);
Answer create_multipart_upload(Call&);  // ops_multipart.cc
Answer upload_part(Call&);
Answer complete_multipart_upload(Call&);
Answer abort_multipart_upload(Call&);
Answer list_parts(Call&);
Answer list_multipart_uploads(Call&);
Answer get_bucket_policy(Call&);       // ops_access.cc
Answer put_bucket_policy(Call&);
Answer delete_bucket_policy(Call&);
Answer get_bucket_policy_status(Call&);
Answer get_public_access_block(Call&);
Answer put_public_access_block(Call&);
Answer delete_public_access_block(Call&);
Answer get_bucket_ownership_controls(Call&);
Answer put_bucket_ownership_controls(Call&);
Answer delete_bucket_ownership_controls(Call&);
Answer get_bucket_acl(Call&);
Answer put_bucket_acl(Call&);
Answer get_object_acl(Call&);
Answer put_object_acl(Call&);

// The coroutine of an operation.
Answer dispatch(Operation, Call&);

}  // namespace beffroi::s3
