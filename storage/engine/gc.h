// SPDX-License-Identifier: EUPL-1.2
// The gc lane: frees what `gc` rows name, and nothing else (docs/formats.md rules 6 and 7). For each row:
//
//   1 a pinned blob is skipped and tried again later
//   2 punch the runs and fdatasync, or unlink own extents and sync_dir     a crash: done again by the next start, harmless
//   3 one change forgets the runs, the parts' rows, and with the last of them the header, the count and the gc row
//
// At most kGcPartsMax parts at a time. One thread.
#pragma once

#include <cstddef>

#include "storage/engine/blob.h"
#include "storage/engine/committer.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

inline constexpr std::size_t kGcPartsMax = 128;

class GarbageCollector {
 public:
  GarbageCollector(Store& store, Committer& committer) : store_(store), committer_(committer) {}
  // Goes through every gc row once. Returns how many are left that a reader pins.
  Result<std::size_t> run();

 private:
  enum class Outcome { Done, Pinned };
  Result<Outcome> free_blob(BytesView gc_key, const GcBlob&);
  Result<Outcome> free_unchosen(BytesView gc_key, const GcUnchosen&);
  Result<Outcome> free_run(BytesView gc_key, const GcRun&);
  Result<Outcome> free_extent(BytesView gc_key, const GcExtent&);
  Result<void> release(const std::vector<Run>&);

  Store& store_;
  Committer& committer_;
};

}  // namespace beffroi::storage
