// SPDX-License-Identifier: EUPL-1.2
// The certificates that the configuration names, all of them or none: tls_certificate, then the pairs of certificates_dir by name.
// The first is the default. The error names the key, the file and what is wrong with it.
#pragma once

#include <memory>

#include "server/config.h"
#include "server/http/tls_context.h"

namespace beffroi {

ConfigResult<std::shared_ptr<const http::TlsContext>> load_certificates(const Config&);

}  // namespace beffroi
