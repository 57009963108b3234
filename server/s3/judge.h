// SPDX-License-Identifier: EUPL-1.2
// judge: who may do what. One pure function over roles, the bucket's policy, access control lists, object ownership and
// PublicAccessBlock; no other place decides.
//
//   allowed = not denied by the policy, and (the role allows, or the policy allows, or a list allows)
//
// Roles: an admin may do everything in its collectivity, a member in the buckets that it owns, a reader list and read. What decides
// access itself (policy, ownership, PublicAccessBlock) is changed by role alone: no policy can give that away. An admin may always
// read and replace the policy, so that no Deny locks a bucket for ever. Narrowing of keys is not judged here: it is applied first
// (authorize.h), and always restricts further.
#pragma once

#include <optional>
#include <string_view>

#include "server/s3/acl.h"
#include "server/s3/operation.h"
#include "server/s3/policy.h"
#include "storage/engine/bucket.h"
#include "storage/tenant/user.h"

namespace beffroi::s3 {

enum class Verdict : std::uint8_t {
  Allowed,
  Denied,
  NeedsObject,  // hangs on the list or the tags of the object: read it and ask again
  NeedsBody,    // hangs on tags that the body gives (PutObjectTagging): read it and ask again
};

// The object as its row says; nothing: there is none, and its list and tags allow nothing.
struct JudgedObject {
  std::string_view owner;
  const std::optional<storage::Acl>* acl = nullptr;
};

struct Question {
  PolicyRequest request;  // who, what, and the values of condition keys
  // Who, beside the names that a policy knows.
  storage::CollectivityId collectivity{0};
  storage::Role role = storage::Role::Reader;
  std::string_view user_id;
  Access access = Access::Write;  // what a role must allow
  bool new_object =
      false;  // the ACL of an object that the caller writes: whoever may write it may say who reads it
  // Where.
  const storage::Bucket* bucket = nullptr;
  const Policy* policy = nullptr;  // the bucket's; none: nothing denied, nothing allowed
  // request.object_known says whether this was looked for.
  std::optional<JudgedObject> object;
};

Verdict judge(const Question&);

// Whether one of these actions could be allowed on some key: for an operation whose keys stand in a body that is read later. Each key
// is judged then.
bool could_allow(const Question&, std::initializer_list<std::string_view> actions);

// What a role alone allows. `bucket` is of the user's collectivity.
bool role_allows(storage::Role, std::string_view user_id, const storage::Bucket& bucket, Access);

}  // namespace beffroi::s3
