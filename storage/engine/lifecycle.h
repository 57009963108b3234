// SPDX-License-Identifier: EUPL-1.2
// Lifecycle rules of a bucket (S3 PutBucketLifecycleConfiguration): what is to be deleted, and when. Pure; what carries them out
// is lifecycle_worker.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/engine/object.h"

namespace beffroi::storage {

inline constexpr std::size_t kLifecycleRulesMax = 1000;
inline constexpr std::uint64_t kLifecycleSizeMax = 5ull << 40;  // of a bound on sizes

// A version must satisfy all that is given.
struct LifecycleFilter {
  std::string prefix;
  Tags tags;
  std::optional<std::uint64_t> size_above;  // ObjectSizeGreaterThan
  std::optional<std::uint64_t> size_below;  // ObjectSizeLessThan
  bool at_rule = false;                     // the prefix stands in the rule itself, S3's older form: only for the answer

  bool matches(BytesView key, std::uint64_t size, const Tags&) const;
  friend bool operator==(const LifecycleFilter&, const LifecycleFilter&) = default;
};

// An absent action is 0, or false.
struct LifecycleRule {
  std::string id;
  bool enabled = false;
  LifecycleFilter filter;
  std::uint32_t expire_days = 0;             // of the latest version
  std::int64_t expire_date_ms = 0;           // midnight UTC
  bool expire_delete_marker = false;         // a marker that has no version under it
  std::uint32_t noncurrent_days = 0;         // since the version was replaced
  std::uint32_t noncurrent_kept = 0;         // NewerNoncurrentVersions that stay whatever their age
  std::uint32_t abort_days = 0;              // of uploads under way, since they began

  friend bool operator==(const LifecycleRule&, const LifecycleRule&) = default;
};
using LifecycleRules = std::vector<LifecycleRule>;

inline constexpr std::int64_t kLifecycleDayMs = 86'400'000;

// When something of `since_ms` is due: after so many days, at the midnight (UTC) that follows.
std::int64_t due_ms(std::int64_t since_ms, std::uint32_t days, std::int64_t day_ms);

// The first enabled rule that will make the latest version of a key go, and when, in days of the calendar; nothing when none will.
struct Expiration {
  std::int64_t at_ms = 0;
  std::string rule;  // its id
};
std::optional<Expiration> expiration_of(const LifecycleRules&, BytesView key, std::uint64_t size, const Tags&, std::int64_t modified_ms);

Bytes encode(const LifecycleRules&);
Result<LifecycleRules> decode_lifecycle(BytesView);

}  // namespace beffroi::storage
