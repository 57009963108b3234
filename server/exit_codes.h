// SPDX-License-Identifier: EUPL-1.2
// How beffroid ends. The unit file restarts it after the last only (systemd/beffroid.service).
#pragma once

namespace beffroi {

inline constexpr int kExitClean = 0;
inline constexpr int kExitConfiguration = 2;  // the command line or a file is wrong
inline constexpr int kExitCannotStart = 3;    // no start is possible: keys, addresses, another process
inline constexpr int kExitDamaged = 4;        // `beffroid check` found damage
inline constexpr int kExitFailStop = 70;      // recovery decides at the next start

}  // namespace beffroi
