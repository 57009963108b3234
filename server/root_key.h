// SPDX-License-Identifier: EUPL-1.2
// The root key as the daemon is given it: systemd's credential `beffroi-root-key`, else a file that the configuration names.
// The bytes are wiped behind it; nothing of it is ever logged.
#pragma once

#include <optional>
#include <string>

#include "crypto/key_hierarchy.h"
#include "server/config.h"

namespace beffroi {

// Nothing when there is no such file: the appliance then starts sealed. An error: there is one, and it is no root key, or others
// may read it.
ConfigResult<std::optional<crypto::RootKey>> find_root_key(const Config&);

}  // namespace beffroi
