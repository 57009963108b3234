// SPDX-License-Identifier: EUPL-1.2
// The appliance as its fronts see it: in which phase of its life the store is, and the engine while it serves. Thread-safe.
//
//   Sealed          there is no root key: health, status and metrics answer, nothing else
//   Uninitialised   there is no keyring: initialise() makes the store
//   Opening         the commit log is being replayed
//   Serving         the engine is open
//   Closed          the store must not be opened before an operator decides; `reason` says what is missing or damaged
//   Stopping        requests under way end; no more are taken
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.h"
#include "storage/audit/audit_record.h"

namespace beffroi {

namespace storage {
class Engine;
}

enum class Phase { Sealed, Uninitialised, Opening, Serving, Closed, Stopping };
std::string_view phase_name(Phase);  // "sealed", "uninitialised" ...

struct ApplianceState {
  Phase phase = Phase::Sealed;
  std::string reason;  // for people; empty while it serves
  std::string loss_id = {};  // Closed, and recover() may give up what is missing; else empty
};

class Appliance {
 public:
  virtual ~Appliance() = default;
  virtual ApplianceState state() const = 0;
  // Null unless it serves. Lives until the last request has ended.
  virtual storage::Engine* engine() const = 0;
  // Makes the store and opens it; may wait for a device. Success only when it then serves.
  virtual Result<void> initialise() = 0;
  // Gives up what is missing, opens the store, checks it whole, then serves; answers what the check found. Waits for all of that.
  // The record stands in the appliance's audit log. InvalidArgument: `loss_id` is not that of state().
  virtual Result<std::vector<std::string>> recover(const std::string& loss_id, storage::AuditRecord record) = 0;
};

}  // namespace beffroi
