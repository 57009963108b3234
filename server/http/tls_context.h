// SPDX-License-Identifier: EUPL-1.2
// TlsContext: certificates and policy, built whole from files and never changed. A reload builds another one and gives it
// to the listener (Listener::use); connections keep the one they began with.
//
// TLS 1.3 preferred, 1.2 accepted; ECDHE and AEAD only; ALPN http/1.1 (another offer is refused); stateless session
// tickets; no early data, renegotiation or compression. The certificate is chosen by SNI, the first is the default.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.h"

struct ssl_ctx_st;

namespace beffroi::http {

struct CertificateFiles {
  std::string certificate;  // PEM, the chain in order
  std::string key;          // PEM
};

// What could not be used, and why.
struct CertificateError {
  std::string file;
  std::string reason;
};
template <class T>
using CertificateResult = boost::system::result<T, CertificateError>;

// The pairs `<name>.crt` (or .pem) and `<name>.key` of a directory, by name; never none.
CertificateResult<std::vector<CertificateFiles>> certificates_in(const std::string& directory);

struct CertificateLife {
  std::string file;
  std::int64_t expires_at = 0;  // seconds since 1970
};

class TlsContext {
 public:
  // `client_ca_file`: PEM of the authorities whose client certificates are asked for and verified; empty for none. A
  // client without a certificate is still let in: the handler sees an empty Peer::client_certificate.
  static CertificateResult<std::shared_ptr<const TlsContext>> build(
      std::span<const CertificateFiles> certificates, const std::string& client_ca_file = {});
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const std::vector<CertificateLife>& certificates() const { return certificates_; }

  ssl_ctx_st* native() const { return contexts_.front(); }
  // The context whose certificate covers `name`, or the first.
  ssl_ctx_st* for_name(const char* name) const;

 private:
  TlsContext() = default;
  CertificateResult<void> add(const CertificateFiles& files, const std::string& client_ca_file);

  std::vector<ssl_ctx_st*> contexts_;
  std::vector<CertificateLife> certificates_;  // in the same order
};

}  // namespace beffroi::http
