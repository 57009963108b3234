// SPDX-License-Identifier: EUPL-1.2
// Preflight: what a configuration needs of the machine, looked at before anything is opened: the root key, the certificates, the
// directories, the addresses. A start and `beffroid --check-config` look at the same things; nothing is created or taken.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "crypto/key_hierarchy.h"
#include "server/config.h"
#include "server/http/tls_context.h"

namespace beffroi {

struct Preflight {
  std::vector<ConfigError> errors;    // each prevents a start
  std::vector<ConfigError> warnings;  // none of these does
  std::optional<crypto::RootKey> root;               // nothing: the appliance starts sealed
  std::shared_ptr<const http::TlsContext> tls;       // null when there is an error about it
};

Preflight preflight(const Config&);

}  // namespace beffroi
