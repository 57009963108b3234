// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/judge.h"

#include <algorithm>

namespace beffroi::s3 {
namespace {

using storage::Permission;
using storage::Role;

// By role alone; the bypass is an administrator's: a member may write the policy of its bucket, and would give it to itself.
constexpr std::string_view kBypass = "s3:BypassGovernanceRetention";
constexpr std::string_view kByRoleAlone[] = {
    kBypass,
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPublicAccessBlock",
};
constexpr std::string_view kPolicyOfAdmin[] = {"s3:DeleteBucketPolicy", "s3:GetBucketPolicy",
                                               "s3:GetBucketPolicyStatus", "s3:PutBucketPolicy"};

// What each permission of a list allows, after Amazon's table of permissions and actions.
struct ListRow {
  std::string_view action;
  Permission permission;
};
constexpr ListRow kOnBucket[] = {
    {"s3:ListBucket", Permission::Read},
    {"s3:ListBucketVersions", Permission::Read},
    {"s3:ListBucketMultipartUploads", Permission::Read},
    {"s3:PutObject", Permission::Write},
    {"s3:DeleteObject", Permission::Write},
    {"s3:AbortMultipartUpload", Permission::Write},
    {"s3:ListMultipartUploadParts", Permission::Write},
    {"s3:GetBucketAcl", Permission::ReadAcp},
    {"s3:PutBucketAcl", Permission::WriteAcp},
};
constexpr ListRow kOnObject[] = {
    {"s3:GetObject", Permission::Read},        {"s3:GetObjectVersion", Permission::Read},
    {"s3:GetObjectAcl", Permission::ReadAcp},  {"s3:GetObjectVersionAcl", Permission::ReadAcp},
    {"s3:PutObjectAcl", Permission::WriteAcp}, {"s3:PutObjectVersionAcl", Permission::WriteAcp},
};

template <class Range>
bool contains(const Range& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

template <class Range>
std::optional<Permission> permission_for(const Range& rows, std::string_view action) {
  for (const ListRow& row : rows) {
    if (row.action == action) return row.permission;
  }
  return std::nullopt;
}

bool own(const Question& q) {
  return !q.request.anonymous && q.collectivity == q.bucket->collectivity;
}

// A public policy under restrict_public_buckets allows nothing to anybody outside of the bucket's collectivity.
bool policy_counts(const Question& q) {
  const auto& block = q.bucket->settings.public_access_block;
  return own(q) || !block || !block->restrict_public_buckets || !is_public(*q.policy);
}

Verdict by_list(const Question& q) {
  if (ownership_of(*q.bucket) == storage::ObjectOwnership::BucketOwnerEnforced) return Verdict::Denied;
  const auto& block = q.bucket->settings.public_access_block;
  const bool ignore_groups = block && block->ignore_public_acls;
  const AclCaller caller{q.request.anonymous, q.user_id};
  const auto on_bucket =
      q.new_object ? std::optional(Permission::Write) : permission_for(kOnBucket, q.request.action);
  if (on_bucket) {
    const bool allowed = acl_allows(q.bucket->settings.acl, q.bucket->owner, caller, *on_bucket,
                                    ignore_groups, q.request.named_only);
    return allowed ? Verdict::Allowed : Verdict::Denied;
  }
  const auto on_object = permission_for(kOnObject, q.request.action);
  if (!on_object || (caller.anonymous && ignore_groups)) return Verdict::Denied;
  if (!q.request.object_known) return Verdict::NeedsObject;
  if (!q.object) return Verdict::Denied;
  return acl_allows(*q.object->acl, q.object->owner, caller, *on_object, ignore_groups) ? Verdict::Allowed
                                                                                        : Verdict::Denied;
}

}  // namespace

bool role_allows(Role role, std::string_view user_id, const storage::Bucket& bucket, Access access) {
  switch (role) {
    case Role::Admin:
      return true;
    case Role::Member:
      return bucket.owner == user_id;
    case Role::Reader:
      return access == Access::List || access == Access::Read;
  }
  return false;
}

bool could_allow(const Question& q, std::initializer_list<std::string_view> actions) {
  if (own(q) && role_allows(q.role, q.user_id, *q.bucket, q.access)) return true;
  if (q.policy && policy_counts(q) && may_allow(*q.policy, q.request, actions)) return true;
  return by_list(q) == Verdict::Allowed;
}

Verdict judge(const Question& q) {
  // What a Maybe hangs on.
  const Verdict undecided = !q.request.object_known ? Verdict::NeedsObject : Verdict::NeedsBody;
  const PolicyVerdict policy = q.policy ? evaluate(*q.policy, q.request) : PolicyVerdict::None;
  const bool admin = own(q) && q.role == Role::Admin;
  if (policy == PolicyVerdict::Deny && !(admin && contains(kPolicyOfAdmin, q.request.action)))
    return Verdict::Denied;
  if (policy == PolicyVerdict::MaybeDeny) return undecided;
  const bool of_role = admin || q.request.action != kBypass;
  if (of_role && own(q) && role_allows(q.role, q.user_id, *q.bucket, q.access)) return Verdict::Allowed;
  if (contains(kByRoleAlone, q.request.action)) return Verdict::Denied;
  if (policy == PolicyVerdict::Allow && policy_counts(q)) return Verdict::Allowed;
  const Verdict list = by_list(q);
  if (list != Verdict::Denied) return list;
  return policy == PolicyVerdict::MaybeAllow && policy_counts(q) ? undecided : Verdict::Denied;
}

}  // namespace beffroi::s3
