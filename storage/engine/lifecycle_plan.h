// SPDX-License-Identifier: EUPL-1.2
// What a bucket's lifecycle rules want done now. Reads only: the worker carries it out (lifecycle_worker.h), an operator may look first.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "storage/engine/bucket.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

inline constexpr std::uint32_t kDefaultAbortDays = 7;  // of uploads in a bucket that has no rule about them

struct LifecycleAction {
  enum class Kind : std::uint8_t {
    Expire,         // the latest version: it goes, or a delete marker hides it
    RemoveVersion,  // a noncurrent version, or a marker with nothing under it
    AbortUpload,
  };
  Kind kind = Kind::Expire;
  Bytes key;
  std::string version;   // RemoveVersion
  Sequence seen{0};      // Expire: the version that was judged
  Bytes upload_id;       // AbortUpload
  std::string rule;      // its id
};

class LifecyclePlan {
 public:
  using Visit = std::function<void(LifecycleAction)>;
  // `day_ms` is kLifecycleDayMs but in tests.
  LifecyclePlan(const Store& store, const Bucket& bucket, std::int64_t now_ms, std::int64_t day_ms)
      : store_(store), bucket_(bucket), now_ms_(now_ms), day_ms_(day_ms) {}

  // Visits what is due among the keys from `from` on, at least `rows` rows of them. The key to go on from; nothing at the end.
  // LIMIT: the versions of one key are looked at together. Errors: the index's, Damaged.
  Result<std::optional<Bytes>> versions(BytesView from, std::size_t rows, const Visit&) const;
  // The same of uploads under way; the place to go on from is a row's.
  Result<std::optional<Bytes>> uploads(BytesView from, std::size_t rows, const Visit&) const;

 private:
  struct Seen {
    Bytes key;
    std::vector<Object> versions;  // the latest first
  };
  bool is_due(std::int64_t since_ms, std::uint32_t days) const { return days != 0 && due_ms(since_ms, days, day_ms_) <= now_ms_; }
  void judge(const Seen&, const Visit&) const;
  void judge_latest(const Seen&, const Visit&) const;
  void judge_noncurrent(const Seen&, std::size_t at, const Visit&) const;

  const Store& store_;
  const Bucket& bucket_;
  const std::int64_t now_ms_, day_ms_;
};

}  // namespace beffroi::storage
