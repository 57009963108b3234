// SPDX-License-Identifier: EUPL-1.2
// authorize: from a verified request to one that may be carried out. The only maker of AuthorizedRequest. Resolves the
// collectivity and the bucket that the address names, then judges by the caller's role and its key's narrowing
// (docs/architecture.md §4). Nothing is allowed by default.
//
// Existence (docs/architecture.md "Tenancy"): in its own collectivity a signer is told 404 for what is absent and 403 for what is
// forbidden; a stranger is told the same 403 whether slug, bucket or right is missing.
#pragma once

#include <memory>

#include "server/s3/authenticate.h"
#include "storage/engine/bucket.h"
#include "storage/engine/engine.h"

namespace beffroi::s3 {

class AuthorizedRequest {
 public:
  const VerifiedRequest& verified() const { return verified_; }
  const ParsedRequest& parsed() const { return verified_.parsed(); }
  const Identity& identity() const { return *verified_.identity(); }
  const OperationRow& row() const { return operation_row(parsed().operation); }
  storage::CollectivityId collectivity() const { return collectivity_; }
  // The bucket addressed; null at service level and for CreateBucket.
  const storage::Bucket& bucket() const { return *bucket_; }
  storage::Actor actor() const { return {identity().key->id, identity().key->generation}; }

 private:
  friend S3Result<AuthorizedRequest> authorize(const storage::Engine&, VerifiedRequest, std::optional<storage::CollectivityId>);
  explicit AuthorizedRequest(VerifiedRequest verified) : verified_(std::move(verified)) {}

  VerifiedRequest verified_;
  storage::CollectivityId collectivity_{0};
  std::shared_ptr<const storage::Bucket> bucket_;
};

// The collectivity whose namespace an address names; nothing when it names none that exists. `signer` is who signs (or claims to).
std::optional<storage::CollectivityId> addressed(const storage::Engine&, const Address&, std::optional<storage::CollectivityId> signer,
                                                 std::optional<storage::CollectivityId> default_collectivity);

S3Result<AuthorizedRequest> authorize(const storage::Engine&, VerifiedRequest, std::optional<storage::CollectivityId> namespace_of);

// May the caller do `access` in a bucket of its own collectivity? For sources of copies, and lists of buckets.
bool may(const Identity&, const storage::Bucket&, Access);
// Whether the key's narrowing lets it touch this key of this bucket. An empty key: the bucket itself.
bool within_narrowing(const Identity&, std::string_view bucket, std::string_view key, Access);

// The object that a copy reads, authorized in its own right: 403 or 404 as `authorize` answers. `in`: the destination's namespace.
S3Result<std::shared_ptr<const storage::Bucket>> authorize_source(const storage::Engine&, const AuthorizedRequest&, const CopySource&);

}  // namespace beffroi::s3
