// SPDX-License-Identifier: EUPL-1.2
// The XML documents of what decides access: access control lists, object ownership, PublicAccessBlock. Written in answers.h.
#pragma once

#include <string>
#include <string_view>

#include "server/s3/errors.h"
#include "storage/engine/bucket.h"

namespace beffroi::s3 {

// AccessControlPolicy: the owner that it names (empty: none) and at most 32 grants to users or groups. 400 MalformedACLError,
// InvalidArgument for an id or a group that is none, UnresolvableGrantByEmailAddress.
struct AccessControlPolicy {
  std::string owner;
  storage::Acl grants;
};
S3Result<AccessControlPolicy> parse_acl(std::string_view body);

// OwnershipControls: one rule.
S3Result<storage::ObjectOwnership> parse_ownership(std::string_view body);
// PublicAccessBlockConfiguration: what is not said is false.
S3Result<storage::PublicAccessBlock> parse_public_access_block(std::string_view body);

}  // namespace beffroi::s3
