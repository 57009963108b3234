// SPDX-License-Identifier: EUPL-1.2
// `beffroid check`: opens the store offline, looks at all of it and prints what is damaged, one finding a line. Returns the exit
// code: 0 whole, 4 damage found, 3 it cannot be opened.
#pragma once

#include "server/config.h"

namespace beffroi {

int check_command(const Config&, bool json);

// `--check-config`: prints every finding (on stderr, or as one JSON document on stdout) and answers with the daemon's exit code.
int check_config_command(const ConfigResult<Config>&, bool json);

}  // namespace beffroi
