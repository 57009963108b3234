// SPDX-License-Identifier: EUPL-1.2
// Access control lists: what a request asks for (a canned list, x-amz-grant-* headers), what a new object gets, and whom a list
// allows what. Pure. The list itself is storage/engine/acl.h's; its XML is read in xml.h and written in answers.h.
//
// A list that is not there is `private`: the owner alone. The owner may always read and replace the list. Under BucketOwnerEnforced
// lists are ignored; `private` and `bucket-owner-full-control` are then accepted and change nothing, others are refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/s3/errors.h"
#include "server/s3/request.h"
#include "storage/engine/bucket.h"
#include "storage/tenant/user.h"

namespace beffroi::s3 {

// S3's well-known canonical id of whoever does not sign.
inline constexpr std::string_view kAnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";

enum class CannedAcl : std::uint8_t {
  Private,
  PublicRead,
  PublicReadWrite,
  AuthenticatedRead,
  BucketOwnerRead,
  BucketOwnerFullControl
};

// What the headers of a request ask for; nothing at all when both are empty.
struct AclWish {
  std::optional<CannedAcl> canned;
  std::optional<storage::Acl> grants;

  bool any() const { return canned || grants; }
  // What BucketOwnerEnforced takes: it changes nothing there.
  bool is_plain() const {
    return !grants &&
           (!canned || *canned == CannedAcl::Private || *canned == CannedAcl::BucketOwnerFullControl);
  }
};

// x-amz-acl, x-amz-grant-read, -write, -read-acp, -write-acp, -full-control: id="..." and uri="...", separated by commas.
// 400 InvalidArgument; InvalidRequest for both kinds at once; UnresolvableGrantByEmailAddress.
S3Result<AclWish> read_acl_headers(HeaderSpan);

// The grants of a canned list; nothing for those that say no more than `private` does.
std::optional<storage::Acl> canned_grants(CannedAcl, const std::string& owner,
                                          const std::string& bucket_owner);

// S3's address of a group, as in uri="..." and <URI>; nothing for another.
std::optional<storage::Grantee> group_of(std::string_view uri);
std::string_view group_uri(storage::Grantee);
std::string_view permission_name(storage::Permission);
std::optional<storage::Permission> permission_from_name(std::string_view);

// Whether a list grants to one of the groups: S3 calls such a list public.
bool is_public(const std::optional<storage::Acl>&);

// Whom a list is asked about.
struct AclCaller {
  bool anonymous = true;
  std::string_view user_id;
};
// `ignore_groups`: PublicAccessBlock's ignore_public_acls. `named_only`: by a grant to the user, not to a group.
bool acl_allows(const std::optional<storage::Acl>&, std::string_view owner, const AclCaller&,
                storage::Permission, bool ignore_groups, bool named_only = false);

std::string_view ownership_name(storage::ObjectOwnership);  // "BucketOwnerEnforced" ...
std::optional<storage::ObjectOwnership> ownership_from_name(std::string_view);
storage::ObjectOwnership ownership_of(const storage::Bucket&);  // as S3 acts: ObjectWriter when none is set

// What whoever writes an object settles about it: whose it is, and who else may read it.
struct ObjectRights {
  std::string owner;
  std::optional<storage::Acl> acl;
};
// 400 AccessControlListNotSupported; 403 AccessDenied for a public list where PublicAccessBlock forbids it.
S3Result<ObjectRights> object_rights(const AclWish&, const storage::Bucket&, const std::string& writer);

// A list that replaces another: of the bucket itself, or of an object of it. The same refusals. Nothing: `private`.
S3Result<std::optional<storage::Acl>> replacing_acl(const AclWish&, const storage::Bucket&,
                                                    const std::string& owner);

}  // namespace beffroi::s3
