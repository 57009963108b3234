// SPDX-License-Identifier: EUPL-1.2
#include "server/certificates.h"

namespace beffroi {

ConfigResult<std::shared_ptr<const http::TlsContext>> load_certificates(const Config& config) {
  std::vector<http::CertificateFiles> pairs;
  if (!config.tls_certificate.empty()) pairs.push_back({config.tls_certificate, config.tls_key});
  if (!config.certificates_dir.empty()) {
    auto more = http::certificates_in(config.certificates_dir);
    if (!more) {
      return ConfigError{"certificates_dir", more.error().file + ": " + more.error().reason,
                         "put NAME.crt and NAME.key there, and let the daemon's user read them"};
    }
    pairs.insert(pairs.end(), more->begin(), more->end());
  }
  if (pairs.empty()) {
    return ConfigError{"tls_certificate", "there is no certificate",
                       "give tls_certificate and tls_key, or certificates_dir"};
  }
  auto context = http::TlsContext::build(pairs);
  if (context) return *context;
  const auto& [file, reason] = context.error();
  const bool single = file == config.tls_certificate || file == config.tls_key;
  return ConfigError{!single ? "certificates_dir" : file == config.tls_key ? "tls_key" : "tls_certificate",
                     file + ": " + reason,
                     "give a certificate and its own key, both PEM, that the daemon's user may read"};
}

}  // namespace beffroi
