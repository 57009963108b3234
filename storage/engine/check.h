// SPDX-License-Identifier: EUPL-1.2
// The whole store, looked at: every page of every table, every seal of every row, every chunk of every body, every count recounted,
// the keyed digests and the audit trees recomputed. Finds what is damaged, missing, extra or stale and names it; corrects
// nothing. Reads everything: minutes for each hundred gigabytes. One thread; nothing else may change the store meanwhile.
#pragma once

#include <string>
#include <vector>

#include "crypto/result.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

// One line a finding; empty: the store is whole. An error: the index could not be read at all.
Result<std::vector<std::string>> check_store(Store&);

}  // namespace beffroi::storage
