// SPDX-License-Identifier: EUPL-1.2
#include "server/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>

#include "crypto/check.h"

namespace beffroi::http {
namespace {

constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kCiphers13 =
    "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::array<unsigned char, 7> kSessionContext{'b', 'e', 'f', 'f', 'r', 'o', 'i'};
// Two tickets, OpenSSL's default, are one more than a client that opens one connection at a time can use.
constexpr std::size_t kTickets = 1;

// With OpenSSL's own words; for a file that cannot be read, the system's.
CertificateError refused(const std::string& file) {
  const unsigned long first = ERR_peek_error();
  const char* reason = ERR_reason_error_string(first);
  std::string text = ERR_SYSTEM_ERROR(first) ? std::error_code(ERR_GET_REASON(first), std::generic_category()).message()
                     : reason                ? reason
                                             : "not usable";
  ERR_clear_error();
  return {file, std::move(text)};
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  const int chosen = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, kHttp11.data(),
                                           kHttp11.size(), in, in_size);
  return chosen == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_certificate(SSL* ssl, int*, void* all) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, static_cast<const TlsContext*>(all)->for_name(name));
  return SSL_TLSEXT_ERR_OK;
}

void set_policy(SSL_CTX* context) {
  CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(context, kCiphers12) == 1);
  CHECK(SSL_CTX_set_ciphersuites(context, kCiphers13) == 1);
  CHECK(SSL_CTX_set1_groups_list(context, kGroups) == 1);
  // A close without close_notify is an end of stream like another: HTTP's own framing says what is complete.
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections keep no record buffers; one recv() takes a whole record instead of its header, then its body.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  CHECK(SSL_CTX_set_num_tickets(context, kTickets) == 1);
  CHECK(SSL_CTX_set_session_id_context(context, kSessionContext.data(), kSessionContext.size()) == 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

std::int64_t expiry_of(SSL_CTX* context) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &time) != 1) return 0;
  return timegm(&time);
}

}  // namespace

CertificateResult<std::vector<CertificateFiles>> certificates_in(const std::string& directory) {
  std::vector<CertificateFiles> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".crt" && path.extension() != ".pem") continue;
    std::filesystem::path key = path;
    key.replace_extension(".key");
    std::error_code ignored;
    if (std::filesystem::exists(key, ignored)) found.push_back({path.string(), key.string()});
  }
  if (error) return CertificateError{directory, error.message()};
  if (found.empty()) return CertificateError{directory, "no pair of certificate and key"};
  std::sort(found.begin(), found.end(), [](const CertificateFiles& a, const CertificateFiles& b) {
    return a.certificate < b.certificate;
  });
  return found;
}

CertificateResult<std::shared_ptr<const TlsContext>> TlsContext::build(
    std::span<const CertificateFiles> certificates, const std::string& client_ca_file) {
  CHECK(!certificates.empty());
  const std::shared_ptr<TlsContext> built(new TlsContext);
  for (const CertificateFiles& files : certificates) {
    auto added = built->add(files, client_ca_file);
    if (!added) return added.error();
  }
  SSL_CTX_set_tlsext_servername_callback(built->native(), choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(built->native(), built.get());
  return std::shared_ptr<const TlsContext>(built);
}

CertificateResult<void> TlsContext::add(const CertificateFiles& files, const std::string& client_ca_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  CHECK(context);
  contexts_.push_back(context);
  set_policy(context);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    return refused(files.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return refused(files.key);
  if (SSL_CTX_check_private_key(context) != 1) return refused(files.key);
  certificates_.push_back({files.certificate, expiry_of(context)});
  if (client_ca_file.empty()) return {};
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(client_ca_file.c_str());
  if (!names) return refused(client_ca_file);
  SSL_CTX_set_client_CA_list(context, names);
  if (SSL_CTX_load_verify_locations(context, client_ca_file.c_str(), nullptr) != 1)
    return refused(client_ca_file);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return {};
}

TlsContext::~TlsContext() {
  for (SSL_CTX* context : contexts_) SSL_CTX_free(context);
}

SSL_CTX* TlsContext::for_name(const char* name) const {
  for (SSL_CTX* context : contexts_) {
    if (X509_check_host(SSL_CTX_get0_certificate(context), name, 0, 0, nullptr) == 1) return context;
  }
  return native();
}

}  // namespace beffroi::http
