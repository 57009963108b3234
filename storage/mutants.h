// SPDX-License-Identifier: EUPL-1.2
// Mutants: rules left out on purpose, so that the tests prove that they would notice (tests/mutants builds
// and runs them). In every other build mutant() is a constant false and the branch is not compiled in.
#pragma once

#include <string_view>

#ifdef BEFFROI_MUTANTS
#include <cstdlib>
#endif

namespace beffroi::storage {

#ifdef BEFFROI_MUTANTS
inline bool mutant(std::string_view name) {
  const char* chosen = std::getenv("BEFFROI_MUTANT");
  return chosen != nullptr && name == chosen;
}
#else
constexpr bool mutant(std::string_view) {
  return false;
}
#endif

}  // namespace beffroi::storage
