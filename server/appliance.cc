// SPDX-License-Identifier: EUPL-1.2
#include "server/appliance.h"

namespace beffroi {

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::Sealed:
      return "sealed";
    case Phase::Uninitialised:
      return "uninitialised";
    case Phase::Opening:
      return "opening";
    case Phase::Serving:
      return "serving";
    case Phase::Closed:
      return "closed";
    case Phase::Stopping:
      return "stopping";
  }
  return "unknown";
}

}  // namespace beffroi
