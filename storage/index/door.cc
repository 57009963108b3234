// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/door.h"

#include "storage/mutants.h"

namespace beffroi::storage {

void Door::freeze(std::string_view reason) {
  if (mutant("no_frozen_door")) return;
  {
    auto kept = reason_.lock();
    if (frozen()) return;
    *kept = reason;
    frozen_.store(true, std::memory_order_release);
  }
  if (on_frozen_) on_frozen_(reason);
}

std::string Door::reason() const {
  return *reason_.lock();
}

}  // namespace beffroi::storage
