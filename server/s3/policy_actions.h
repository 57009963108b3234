// SPDX-License-Identifier: EUPL-1.2
// S3's actions on buckets and objects, as a bucket policy names them: a closed list, so that a misspelt name is refused when the
// policy is put, and a statement keeps a set of numbers instead of patterns.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <string_view>

namespace beffroi::s3 {

// Condition keys that say something only for some actions; for others they are absent, as on Amazon.
enum ConditionScope : unsigned char {
  kListingKeys = 1,   // s3:prefix, s3:delimiter, s3:max-keys
  kVersionKey = 2,    // s3:VersionId
  kAclKeys = 4,       // s3:x-amz-acl, s3:x-amz-grant-*
  kExistingTags = 8,  // s3:ExistingObjectTag/*
  kRequestTags = 16,  // s3:RequestObjectTag/*
  kWriteKeys = 32,    // s3:x-amz-copy-source and others that tell how an object is written
};

struct PolicyAction {
  std::string_view name;  // without "s3:"
  bool on_object;         // its resource is an object, not the bucket
  unsigned char scope;    // of ConditionScope
};

inline constexpr std::size_t kPolicyActions = 82;
using ActionSet = std::bitset<kPolicyActions>;

std::span<const PolicyAction, kPolicyActions> policy_actions();

// Of an action as an operation names it ("s3:GetObject"); nothing for one that no bucket policy can name.
std::optional<std::size_t> action_index(std::string_view action);
// Those that a pattern of a policy means, in any case; none for a pattern of another service or a misspelt name.
ActionSet matching_actions(std::string_view pattern);

// IAM's wildcards: `*` any characters, `/` included; `?` exactly one character, of however many bytes.
bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace beffroi::s3
