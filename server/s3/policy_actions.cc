// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/policy_actions.h"

#include <algorithm>
#include <array>
#include <string>

namespace beffroi::s3 {
namespace {

constexpr std::string_view kService = "s3:";
constexpr unsigned char kOnVersion = kVersionKey | kExistingTags;

// Amazon's service authorization reference, but for what is no bucket's and no object's.
constexpr std::array<PolicyAction, kPolicyActions> kActions = {{
    {"AbortMultipartUpload", true, 0},
    {"BypassGovernanceRetention", true, 0},
    {"DeleteObject", true, 0},
    {"DeleteObjectTagging", true, kExistingTags},
    {"DeleteObjectVersion", true, kVersionKey},
    {"DeleteObjectVersionTagging", true, kOnVersion},
    {"GetObject", true, kExistingTags},
    {"GetObjectAcl", true, kExistingTags},
    {"GetObjectAttributes", true, kExistingTags},
    {"GetObjectLegalHold", true, 0},
    {"GetObjectRetention", true, 0},
    {"GetObjectTagging", true, kExistingTags},
    {"GetObjectTorrent", true, 0},
    {"GetObjectVersion", true, kOnVersion},
    {"GetObjectVersionAcl", true, kOnVersion},
    {"GetObjectVersionAttributes", true, kOnVersion},
    {"GetObjectVersionForReplication", true, 0},
    {"GetObjectVersionTagging", true, kOnVersion},
    {"GetObjectVersionTorrent", true, kVersionKey},
    {"InitiateReplication", true, 0},
    {"ListMultipartUploadParts", true, 0},
    {"ObjectOwnerOverrideToBucketOwner", true, 0},
    {"PutObject", true, kAclKeys | kRequestTags | kWriteKeys},
    {"PutObjectAcl", true, kAclKeys | kExistingTags},
    {"PutObjectLegalHold", true, 0},
    {"PutObjectRetention", true, 0},
    {"PutObjectTagging", true, kExistingTags | kRequestTags},
    {"PutObjectVersionAcl", true, kAclKeys | kOnVersion},
    {"PutObjectVersionTagging", true, kOnVersion | kRequestTags},
    {"ReplicateDelete", true, 0},
    {"ReplicateObject", true, 0},
    {"ReplicateTags", true, 0},
    {"RestoreObject", true, 0},
    {"CreateBucket", false, kAclKeys},
    {"DeleteBucket", false, 0},
    {"DeleteBucketPolicy", false, 0},
    {"DeleteBucketWebsite", false, 0},
    {"GetAccelerateConfiguration", false, 0},
    {"GetAnalyticsConfiguration", false, 0},
    {"GetBucketAcl", false, 0},
    {"GetBucketCORS", false, 0},
    {"GetBucketLocation", false, 0},
    {"GetBucketLogging", false, 0},
    {"GetBucketNotification", false, 0},
    {"GetBucketObjectLockConfiguration", false, 0},
    {"GetBucketOwnershipControls", false, 0},
    {"GetBucketPolicy", false, 0},
    {"GetBucketPolicyStatus", false, 0},
    {"GetBucketPublicAccessBlock", false, 0},
    {"GetBucketRequestPayment", false, 0},
    {"GetBucketTagging", false, 0},
    {"GetBucketVersioning", false, 0},
    {"GetBucketWebsite", false, 0},
    {"GetEncryptionConfiguration", false, 0},
    {"GetIntelligentTieringConfiguration", false, 0},
    {"GetInventoryConfiguration", false, 0},
    {"GetLifecycleConfiguration", false, 0},
    {"GetMetricsConfiguration", false, 0},
    {"GetReplicationConfiguration", false, 0},
    {"ListBucket", false, kListingKeys},
    {"ListBucketMultipartUploads", false, 0},
    {"ListBucketVersions", false, kListingKeys},
    {"PutAccelerateConfiguration", false, 0},
    {"PutAnalyticsConfiguration", false, 0},
    {"PutBucketAcl", false, kAclKeys},
    {"PutBucketCORS", false, 0},
    {"PutBucketLogging", false, 0},
    {"PutBucketNotification", false, 0},
    {"PutBucketObjectLockConfiguration", false, 0},
    {"PutBucketOwnershipControls", false, 0},
    {"PutBucketPolicy", false, 0},
    {"PutBucketPublicAccessBlock", false, 0},
    {"PutBucketRequestPayment", false, 0},
    {"PutBucketTagging", false, 0},
    {"PutBucketVersioning", false, 0},
    {"PutBucketWebsite", false, 0},
    {"PutEncryptionConfiguration", false, 0},
    {"PutIntelligentTieringConfiguration", false, 0},
    {"PutInventoryConfiguration", false, 0},
    {"PutLifecycleConfiguration", false, 0},
    {"PutMetricsConfiguration", false, 0},
    {"PutReplicationConfiguration", false, 0},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Behind the character that starts at `at`.
std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

}  // namespace

std::span<const PolicyAction, kPolicyActions> policy_actions() { return kActions; }

std::optional<std::size_t> action_index(std::string_view action) {
  if (!action.starts_with(kService)) return std::nullopt;
  action.remove_prefix(kService.size());
  for (std::size_t i = 0; i < kPolicyActions; ++i) {
    if (kActions[i].name == action) return i;
  }
  return std::nullopt;
}

ActionSet matching_actions(std::string_view pattern) {
  ActionSet set;
  if (pattern == "*") return set.set();
  const std::string wanted = lower(pattern);
  if (!wanted.starts_with(kService)) return set;
  const std::string_view name = std::string_view(wanted).substr(kService.size());
  for (std::size_t i = 0; i < kPolicyActions; ++i) set[i] = wildcard_match(name, lower(kActions[i].name));
  return set;
}

// After a `*` the shortest run is tried first, and only the last `*` is ever reopened: what an earlier one could gain, it gains too.
bool wildcard_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t = next_character(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = resume = next_character(text, resume);
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace beffroi::s3
