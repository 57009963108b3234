// SPDX-License-Identifier: EUPL-1.2
// Object Lock: what retention and a legal hold forbid. Pure; judged by the committer, with its clock, which never goes back.
#pragma once

#include <cstdint>

#include "crypto/result.h"
#include "storage/engine/object.h"

namespace beffroi::storage {

// Whether a version may not be deleted. `bypass` passes over GOVERNANCE, and over nothing else.
bool is_locked(const ObjectFields&, bool bypass, std::int64_t now_ms);

// COMPLIANCE is never weakened before its time; GOVERNANCE only with `bypass`. Locked.
Result<void> change_retention(ObjectFields&, const Retention&, bool bypass, std::int64_t now_ms);

}  // namespace beffroi::storage
