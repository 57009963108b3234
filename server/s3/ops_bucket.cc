// SPDX-License-Identifier: EUPL-1.2
// Operations on the service and on buckets as a whole.
#include "server/s3/call.h"
#include "server/s3/headers.h"
#include "server/s3/list_token.h"
#include "server/s3/xml.h"

namespace beffroi::s3 {
namespace {

// The installation's defaults, and what the headers ask for: object ownership, a list.
S3Result<storage::BucketSettings> new_settings(const Call& call) {
  storage::BucketSettings settings = call.services.bucket_defaults;
  const HeaderSpan headers = call.view().headers;
  if (const auto asked = find_header(headers, "x-amz-object-ownership")) {
    const auto ownership = ownership_from_name(*asked);
    if (!ownership) return S3Error(Code::InvalidArgument).with("ArgumentName", "x-amz-object-ownership").with("ArgumentValue", std::string(*asked));
    const bool lowers = settings.ownership == storage::ObjectOwnership::BucketOwnerEnforced && ownership != settings.ownership;
    if (lowers && !call.request.is_admin()) {
      return S3Error(Code::AccessDenied, "Only an administrator of the collectivity may make a bucket without BucketOwnerEnforced.");
    }
    settings.ownership = *ownership;
  }
  const auto wish = read_acl_headers(headers);
  if (!wish) return wish.error();
  if (wish->grants) {
    if (auto known = check_grantees(call, *wish->grants); !known) return known.error();
  }
  const storage::Bucket bucket{.owner = call.user_id(), .settings = settings};
  if (ownership_of(bucket) == storage::ObjectOwnership::BucketOwnerEnforced && !wish->is_plain()) {
    return S3Error(Code::InvalidBucketAclWithObjectOwnership);
  }
  auto acl = replacing_acl(*wish, bucket, bucket.owner);
  if (acl.has_error()) return acl.error();
  settings.acl = std::move(*acl);
  return settings;
}

}  // namespace

Answer list_buckets(Call& call) {
  const auto max = page_size(call.query(), "max-buckets");
  if (!max) co_return max.error();
  std::string after;
  if (const std::string* token = call.query().find("continuation-token")) {
    auto decoded = decode_list_token(*token);
    if (!decoded) co_return decoded.error();
    after = std::move(*decoded);
  }
  BucketListing listing;
  listing.owner = owner_of(call.engine(), call.user_id());
  listing.prefix = call.query().value("prefix");
  for (const auto& bucket : listed_buckets(call.services.rights(), call.request.verified(), call.collectivity())) {
    if (!bucket->name.starts_with(listing.prefix) || bucket->name <= after) continue;
    if (listing.buckets.size() == *max) {
      listing.continuation_token = encode_list_token(listing.buckets.empty() ? "" : listing.buckets.back().name);
      break;
    }
    listing.buckets.push_back({bucket->name, bucket->created_ms});
  }
  co_return co_await call.answer_xml(list_buckets_xml(listing));
}

Answer create_bucket(Call& call) {
  const std::string& name = call.request.parsed().address.bucket;
  if (!is_valid_bucket_name(name)) co_return S3Error(Code::InvalidBucketName).with("BucketName", name);
  if (auto fine = check_write_headers(call.view().headers, Writes::Bucket); !fine) co_return fine.error();
  std::string document;
  if (call.body.length() != std::optional<std::uint64_t>(0)) {
    auto read = co_await read_document(call.request.verified(), call.body, call.request.row().body_bytes_max);
    if (!read) co_return read.error();
    document = std::move(*read);
  }
  auto location = parse_create_bucket(document);
  if (!location) co_return location.error();
  auto settings = new_settings(call);
  if (!settings) co_return settings.error();
  const auto lock = find_header(call.view().headers, "x-amz-bucket-object-lock-enabled");
  if (lock && lower_case(*lock) == "true") {
    settings->object_lock = true;
    settings->versioning = storage::Versioning::Enabled;
  }
  storage::Engine::NewBucket bucket{
      .name = name, .owner = call.user_id(), .location = std::move(*location), .settings = std::move(*settings)};
  auto change = call.engine().create_bucket(call.collectivity(), std::move(bucket), call.request.actor(), call.take_record());
  const auto committed = co_await call.commit(std::move(change));
  if (!committed) {
    if (committed.error().code != Code::BucketAlreadyExists) co_return committed.error();
    const auto existing = call.engine().find_bucket(call.collectivity(), name);
    const bool own = existing && existing->owner == call.user_id();
    co_return S3Error(own ? Code::BucketAlreadyOwnedByYou : Code::BucketAlreadyExists).with("BucketName", name);
  }
  auto head = call.head(200);
  head.add("Location", "/" + name);
  (void)co_await call.sink.send(std::move(head), {});
  co_return S3Result<void>();
}

Answer head_bucket(Call& call) {
  auto head = call.head(200);
  head.add("x-amz-bucket-region", call.services.region);
  head.add("Content-Type", "application/xml");
  (void)co_await call.sink.send(std::move(head), {});
  co_return S3Result<void>();
}

Answer delete_bucket(Call& call) {
  auto change = call.engine().delete_bucket(call.collectivity(), call.bucket().id, call.bucket().name, call.request.actor(), call.take_record());
  const auto committed = co_await call.commit(std::move(change));
  if (!committed) co_return committed.error();
  co_return co_await call.answer(204);
}

Answer get_bucket_location(Call& call) {
  const std::string& stored = call.bucket().location;
  const std::string& location = stored.empty() ? call.services.region : stored;
  const std::string document = location_xml(location == "us-east-1" ? std::string() : location);
  co_return co_await call.answer_xml(document);
}

}  // namespace beffroi::s3
