// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/authorize.h"

#include <algorithm>

#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

using storage::CollectivityId;
using storage::Role;

// A prefix that a listing asks for must lie inside the key's own.
std::string_view key_judged(const ParsedRequest& parsed) {
  if (!parsed.address.key.empty()) return parsed.address.key;
  const std::string* prefix = parsed.query.find("prefix");
  return prefix ? std::string_view(*prefix) : std::string_view();
}

S3Result<void> expected_owner(const ParsedRequest& parsed, const storage::Collectivity& owner) {
  const auto expected = find_header(parsed.view.headers, "x-amz-expected-bucket-owner");
  if (expected && *expected != owner.siren && *expected != owner.slug && *expected != "000" + owner.siren) {
    return S3Error(Code::AccessDenied, "The bucket belongs to another collectivity than x-amz-expected-bucket-owner says.");
  }
  return {};
}

}  // namespace

bool may(const Identity& who, const storage::Bucket& bucket, Access access) {
  switch (who.user->role) {
    case Role::Admin: return true;
    case Role::Member: return bucket.owner == who.user->canonical_id;
    case Role::Reader: return access == Access::List || access == Access::Read;
  }
  return false;
}

bool within_narrowing(const Identity& who, std::string_view bucket, std::string_view key, Access access) {
  const storage::Narrowing& n = who.key->narrowing;
  if (n.read_only && access != Access::List && access != Access::Read) return false;
  if (!n.buckets.empty() && std::find(n.buckets.begin(), n.buckets.end(), bucket) == n.buckets.end()) return false;
  return n.prefix.empty() || key.starts_with(n.prefix);
}

std::optional<CollectivityId> addressed(const storage::Engine& engine, const Address& address, std::optional<CollectivityId> signer,
                                        std::optional<CollectivityId> default_collectivity) {
  switch (address.scope) {
    case Scope::Signer: return signer ? signer : default_collectivity;
    case Scope::Default: return default_collectivity;
    case Scope::Named: {
      const auto named = engine.directory().by_slug(address.slug);
      if (named) return named->id;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

S3Result<AuthorizedRequest> authorize(const storage::Engine& engine, VerifiedRequest verified, std::optional<CollectivityId> namespace_of) {
  AuthorizedRequest request(std::move(verified));
  const ParsedRequest& parsed = request.parsed();
  // Until policies and ACLs come, a stranger and an anonymous caller are allowed nothing: one answer, whatever exists.
  const auto& identity = request.verified().identity();
  if (!identity || !namespace_of || identity->collectivity->id != *namespace_of) return S3Error(Code::AccessDenied);
  request.collectivity_ = *namespace_of;
  if (auto same = expected_owner(parsed, *identity->collectivity); !same) return same.error();

  const OperationRow& row = operation_row(parsed.operation);
  if (row.level == Level::Service) return request;
  if (!within_narrowing(*identity, parsed.address.bucket, key_judged(parsed), row.access)) return S3Error(Code::AccessDenied);
  if (row.operation == Operation::CreateBucket) {
    if (identity->user->role == Role::Reader) return S3Error(Code::AccessDenied);
    return request;
  }
  request.bucket_ = engine.find_bucket(*namespace_of, parsed.address.bucket);
  if (!request.bucket_) return S3Error(Code::NoSuchBucket).with("BucketName", parsed.address.bucket);
  // DeleteObjects names its keys in its body: the handler judges each against the narrowing.
  if (!may(*identity, *request.bucket_, row.access)) return S3Error(Code::AccessDenied);
  return request;
}

S3Result<std::shared_ptr<const storage::Bucket>> authorize_source(const storage::Engine& engine, const AuthorizedRequest& request,
                                                                  const CopySource& source) {
  const Identity& identity = request.identity();
  if (source.scope) {
    const Address address{.scope = *source.scope, .slug = source.slug};
    // The default collectivity is not the caller's unless it is named; strangers' data is never reached by reference.
    const auto named = addressed(engine, address, std::nullopt, std::nullopt);
    if (named != identity.collectivity->id) return S3Error(Code::AccessDenied);
  }
  if (!within_narrowing(identity, source.bucket, source.key, Access::Read)) return S3Error(Code::AccessDenied);
  auto bucket = engine.find_bucket(request.collectivity(), source.bucket);
  if (!bucket) return S3Error(Code::NoSuchBucket).with("BucketName", source.bucket);
  if (!may(identity, *bucket, Access::Read)) return S3Error(Code::AccessDenied);
  return bucket;
}

}  // namespace beffroi::s3
