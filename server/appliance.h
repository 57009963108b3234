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

#include "crypto/result.h"

namespace beffroi {

namespace storage {
class Engine;
}

enum class Phase { Sealed, Uninitialised, Opening, Serving, Closed, Stopping };
std::string_view phase_name(Phase);  // "sealed", "uninitialised" ...

struct ApplianceState {
  Phase phase = Phase::Sealed;
  std::string reason;  // for people; empty while it serves
};

class Appliance {
 public:
  virtual ~Appliance() = default;
  virtual ApplianceState state() const = 0;
  // Null unless it serves. Lives until the last request has ended.
  virtual storage::Engine* engine() const = 0;
  // Makes the store and opens it; may wait for a device. Success only when it then serves.
  virtual Result<void> initialise() = 0;
};

}  // namespace beffroi
