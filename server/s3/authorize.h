// SPDX-License-Identifier: EUPL-1.2
// authorize: from a verified request to one that may be carried out. The only maker of AuthorizedRequest. Resolves the collectivity
// and the bucket that the address names, applies the key's narrowing, then asks judge(). Nothing is allowed by default.
//
// Existence (docs/architecture.md "Tenancy"): in its own collectivity a signer is told 404 for what is absent and 403 for what is
// forbidden; a stranger, signed or not, is told the same 403 whether slug, bucket or right is missing. A missing key is 404 only to
// who may list it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "server/disk_pool.h"
#include "server/s3/authenticate.h"
#include "server/s3/judge.h"
#include "server/s3/policy_cache.h"
#include "storage/engine/bucket.h"
#include "storage/engine/engine.h"

namespace beffroi::s3 {

// Where rights are looked up; outlives every request.
struct Rights {
  storage::Engine& engine;
  DiskPool& pool;
  PolicyCache& policies;
};

// A bucket, and its policy as parsed.
struct Place {
  std::shared_ptr<const storage::Bucket> bucket;
  std::shared_ptr<const Policy> policy;  // null: none
};

// What a caller would do in a bucket.
struct Deed {
  std::string_view action;
  Access access = Access::Write;
  std::optional<std::string_view> key;      // nothing: it is done to the bucket
  std::optional<std::string_view> version;  // s3:VersionId
  bool new_object = false;                  // what is done comes with an object that is written
};

class AuthorizedRequest {
 public:
  const VerifiedRequest& verified() const { return verified_; }
  const ParsedRequest& parsed() const { return verified_.parsed(); }
  const std::optional<Identity>& identity() const { return verified_.identity(); }  // nothing: anonymous
  const OperationRow& row() const { return operation_row(parsed().operation); }
  storage::CollectivityId collectivity() const { return collectivity_; }
  // The bucket addressed; null at service level and for CreateBucket.
  const storage::Bucket& bucket() const { return *place_.bucket; }
  // Whether the caller is of the collectivity addressed.
  bool at_home() const { return at_home_; }
  std::string user_id() const;  // canonical; S3's own for whoever does not sign
  bool is_admin() const;        // of the collectivity addressed
  storage::Actor actor() const;

  // May the caller do this too, in the same bucket? What hangs on an object is refused.
  bool may(const Deed&) const;
  // Whether the object that it writes may have these tags, which no header said: of a form, or of a copy's source.
  bool may_tag(const storage::Tags&) const;
  // Of a PutObjectTagging: what the body puts. Until then may_have() refuses where a policy asks for them.
  void set_tags(storage::Tags tags) { tags_ = std::move(tags); }
  // Whether it may be told that a key, or a version of it, is not there.
  bool may_see_absence(std::string_view key, bool version) const;
  // For whoever reads an object: the verdict may hang on its list or its tags, and then on this version and no other.
  bool may_have(const storage::ObjectFields&) const;

 private:
  friend boost::asio::awaitable<S3Result<AuthorizedRequest>> authorize(
      Rights, VerifiedRequest, std::optional<storage::CollectivityId>);
  explicit AuthorizedRequest(VerifiedRequest verified) : verified_(std::move(verified)) {}

  VerifiedRequest verified_;
  storage::CollectivityId collectivity_{0};
  Place place_;
  bool at_home_ = false;
  bool hangs_on_object_ = false;
  std::optional<storage::Tags> tags_;
};

// The collectivity whose namespace an address names; nothing when it names none that exists. `signer` is who signs (or claims to).
std::optional<storage::CollectivityId> addressed(const storage::Engine&, const Address&,
                                                 std::optional<storage::CollectivityId> signer,
                                                 std::optional<storage::CollectivityId> default_collectivity);

// May wait for a device, where the verdict hangs on the object.
boost::asio::awaitable<S3Result<AuthorizedRequest>> authorize(
    Rights, VerifiedRequest, std::optional<storage::CollectivityId> namespace_of);

// The version that the address names. On failure `absent` says whether it names none that can be read: then the error is what is told of
// it to who may know.
boost::asio::awaitable<S3Result<storage::ObjectReader>> read_version(Rights, const AuthorizedRequest&, bool want_body, bool& absent);

// Whether the key's narrowing lets it touch this key of this bucket. An empty key: the bucket itself.
bool within_narrowing(const Identity&, const storage::Bucket&, std::string_view key, Access);

// The buckets of a collectivity that ListBuckets shows: the caller's by its role, and those of which a statement or a grant names it.
std::vector<std::shared_ptr<const storage::Bucket>> listed_buckets(Rights, const VerifiedRequest&,
                                                                   storage::CollectivityId);

// The object that a copy reads, authorized in its own right: 403 or 404 as `authorize` answers.
class AuthorizedSource {
 public:
  const storage::Bucket& bucket() const { return *place_.bucket; }
  bool may_have(const VerifiedRequest&, const storage::ObjectFields&) const;
  bool may_see_absence(const VerifiedRequest&) const;
  bool may_have_tags(const VerifiedRequest&, const storage::ObjectFields&) const;  // a right of its own

 private:
  friend S3Result<AuthorizedSource> authorize_source(Rights, const AuthorizedRequest&, const CopySource&,
                                                     std::optional<storage::CollectivityId>);
  Question question_of(const VerifiedRequest&, std::string_view action) const;

  Place place_;
  std::string key_;
  std::optional<std::string> version_;
};
// `default_collectivity`: for `:bucket`. What hangs on the object's list or tags is not decided yet: may_have() is asked once it is read.
S3Result<AuthorizedSource> authorize_source(Rights, const AuthorizedRequest&, const CopySource&,
                                            std::optional<storage::CollectivityId> default_collectivity);

}  // namespace beffroi::s3
