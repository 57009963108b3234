// SPDX-License-Identifier: EUPL-1.2
// The whole store, looked at: every page of every table, every seal of every row, every chunk of every body, every count recounted,
// the keyed digests and the audit trees recomputed. Finds what is damaged, missing, extra or stale and names it; corrects
// nothing. Reads everything: minutes for each hundred gigabytes. One thread.
//
//   tables   every page of every file         rows     one snapshot: seals, counts, digests, ways back, extents
//   audit    trees and records                bodies   every chunk, in the order of collectivity, blob, part
//
// Without a watch nothing else may change the store meanwhile, and a damaged page freezes the door. With one the store serves: pages
// are read behind the door's back, the rows are those of one snapshot, and what a later change may explain (a body that was freed, an
// extent that was made) is looked at again before it is reported.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.h"
#include "storage/engine/check_job.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

// Told what a check reads, on the check's thread. Each answers false to end it.
class CheckWatch {
 public:
  virtual ~CheckWatch() = default;
  virtual bool stage(std::string_view name, std::uint64_t bytes) = 0;  // what begins, and how much it will read if that is known
  virtual bool read(std::uint64_t bytes) = 0;                          // may wait
  virtual bool body(const BodyPlace&, const std::vector<std::string>& findings) = 0;  // it was read; of all bodies so far
};

// One line a finding; empty: the store is whole. Stopped: the watch ended it. Another error: the index could not be read at all.
// Bodies up to `after` are not read again.
Result<std::vector<std::string>> check_store(Store&, CheckWatch* = nullptr, std::optional<BodyPlace> after = std::nullopt);

}  // namespace beffroi::storage
