// SPDX-License-Identifier: EUPL-1.2
// The listening socket that systemd holds for the daemon (systemd/beffroid.socket), so that clients wait in its queue while the
// daemon restarts, and that a port below 1024 needs no capability.
#pragma once

#include <optional>
#include <string_view>

namespace beffroi {

// The descriptor that was passed as `name` (FileDescriptorName=), which the caller owns; nothing when there is none. What else was
// passed is closed, with a warning. Once in a process.
std::optional<int> passed_socket(std::string_view name);

}  // namespace beffroi
