// SPDX-License-Identifier: EUPL-1.2
// The row of `current` that a change is about to replace or delete, as the committer finds it: read once when the change claims,
// used again when it builds (nothing else can change it in between).
#pragma once

#include <optional>

#include "storage/engine/claims.h"
#include "storage/engine/group.h"
#include "storage/engine/object.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

struct CurrentRow {
  Bytes key;                     // of the row
  Bytes sealed;                  // empty when there is no such object
  std::optional<Object> object;

  const Object* get() const { return object ? &*object : nullptr; }
  // What putting `size` bytes as one object over this row adds to usage.
  UsageDelta replaced_by(std::uint64_t size) const {
    return {static_cast<std::int64_t>(size - (object ? object->size : 0)), object ? 0 : 1};
  }
};

// Opens a sealed row of a collectivity. Damaged when it does not authenticate or its key is gone.
Result<Bytes> open_row(const Store&, CollectivityId, Table, BytesView key, BytesView sealed);

// Reads a sealed row. NotFound (IndexErrc), WouldBlock, Damaged (IndexErrc or EngineErrc).
Result<Bytes> read_row(const Store&, CollectivityId, Table, BytesView key, Tier);

// Errors are fatal: the index or a key is damaged.
Result<CurrentRow> read_current(const Store&, CollectivityId, BucketId, BytesView object_key);

// Claims of every change to one object: its collectivity and bucket shared, the object exclusive, the replaced blob exclusive.
void claim_object(Claims&, CollectivityId, BucketId, BytesView object_key, const CurrentRow&);

}  // namespace beffroi::storage
