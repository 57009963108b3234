// SPDX-License-Identifier: EUPL-1.2
// The policy of a browser's form (SigV4 POST): base64 of JSON, signed by whoever made the form.
//
//   {"expiration": "2026-12-01T12:00:00Z",
//    "conditions": [{"bucket": "b"}, ["starts-with", "$key", "photos/"], ["eq", "$acl", "private"], ["content-length-range", 1, 1048576]]}
//
// It holds when it has not expired, each condition is true of the fields, and each field (and the bucket) is named by a condition, but
// for `file`, `policy`, `x-amz-signature` and x-ignore-*. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/post_form.h"

namespace beffroi::s3 {

inline constexpr std::size_t kPostConditionsMax = 1000;

struct PostCondition {
  enum class Test { Equal, StartsWith } test = Test::Equal;
  std::string field;  // lower-case, without `$`
  std::string value;
};

struct LengthRange {
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
};

struct PostPolicy {
  std::int64_t expiration_ms = 0;
  std::vector<PostCondition> conditions;
  LengthRange length;  // the narrowest of all that are given
};

// 400 InvalidPolicyDocument.
S3Result<PostPolicy> parse_post_policy(std::string_view base64);

// 403 AccessDenied, naming the condition or the field at fault. `key`: the object's, with its variable replaced.
S3Result<void> check_post_policy(const PostPolicy&, const PostForm&, std::string_view bucket, std::string_view key, std::int64_t now_ms);

}  // namespace beffroi::s3
