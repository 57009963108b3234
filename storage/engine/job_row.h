// SPDX-License-Identifier: EUPL-1.2
// Rows `meta` `09`: what a long work has come to, so that a start goes on with it. Sealed under the system key, for they name objects.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/engine/change.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

// The row as it was encoded; nothing when there was never one. Errors: the index's, and those of a row that does not open.
Result<std::optional<Bytes>> read_job(const Store&, std::uint64_t job);

// The change, of the background lane, that replaces it.
Prepared save_job(const Store&, std::uint64_t job, BytesView plain);

}  // namespace beffroi::storage
