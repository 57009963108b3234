// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/object_lock.h"

#include "storage/engine/errors.h"

namespace beffroi::storage {

bool is_locked(const ObjectFields& object, bool bypass, std::int64_t now_ms) {
  if (object.legal_hold == LegalHold::On) return true;
  return object.retention.holds(now_ms) && !(bypass && object.retention.mode == LockMode::Governance);
}

Result<void> change_retention(ObjectFields& object, const Retention& wanted, bool bypass, std::int64_t now_ms) {
  const Retention& held = object.retention;
  if (held.holds(now_ms)) {
    // Another mode is a loosening too: COMPLIANCE cannot be taken back by whoever may bypass GOVERNANCE.
    const bool loosens = wanted.mode != held.mode || wanted.until_ms < held.until_ms;
    if (loosens && !(bypass && held.mode == LockMode::Governance)) return EngineErrc::Locked;
  }
  object.retention = wanted;
  return {};
}

}  // namespace beffroi::storage
