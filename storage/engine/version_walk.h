// SPDX-License-Identifier: EUPL-1.2
// The versions of a bucket in the order of ListObjectVersions (by key, of one key the latest first), out of `current` and `versions` of
// one snapshot. Errors: the index's, Damaged.
#pragma once

#include <cstdint>
#include <memory>

#include "storage/engine/object.h"
#include "storage/engine/store.h"
#include "storage/index/index.h"

namespace beffroi::storage {

class VersionWalk {
 public:
  VersionWalk(const Store&, const Snapshot&, CollectivityId, BucketId);

  Result<void> seek(BytesView key);  // to the first version of the first key at or above it
  Result<void> seek_after(BytesView key, std::uint64_t sequence);  // to what comes after that version of the key
  Result<void> next();

  bool valid() const { return valid_; }
  const Bytes& key() const { return key_; }
  Result<Object> object() const;

 private:
  Result<void> settle();

  const Store& store_;
  const CollectivityId t_;
  const Bytes bucket_;
  const std::unique_ptr<Cursor> current_, versions_;
  bool valid_ = false, from_current_ = false;
  Bytes key_;
};

}  // namespace beffroi::storage
