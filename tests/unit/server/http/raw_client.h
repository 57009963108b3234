// SPDX-License-Identifier: EUPL-1.2
// A client that sends exactly the bytes it is told to, over a blocking socket, in clear or under TLS. It shares no code
// with the server.
#pragma once

#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

namespace beffroi::http {

// A self-signed P-256 certificate for `*.d.test` and its key, in files of a fresh directory that the destructor removes.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& common_name = "*.d.test");
  ~TestCertificate();
  std::string certificate, key;

 private:
  std::string directory_;
};

class RawClient {
 public:
  // Both wait at most 5 s for the server, and then report an empty or short result.
  explicit RawClient(int port);                      // in clear
  explicit RawClient(const std::string& unix_path);  // the same
  RawClient(int port, std::string_view server_name, const char* alpn = "http/1.1", int tls_version = 0,
            const TestCertificate* own = nullptr, SSL_SESSION* session = nullptr);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return descriptor_ >= 0 && (!tls_ || handshaken_); }
  bool send(std::string_view bytes);
  std::string receive(std::size_t size);  // that many bytes, or what came before the end
  std::string receive_until(std::string_view end);
  std::string receive_all();  // until the server closes
  // One answer with Content-Length, head and body.
  std::string answer();
  bool closed();                             // the server closes, and sends nothing before
  bool was_reset() const { return reset_; }  // how the stream ended
  void close_write();
  SSL* tls() { return tls_; }

 private:
  void connect_to(int port);
  void connect_to(const sockaddr* address, socklen_t size);
  bool fill();

  int descriptor_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* tls_ = nullptr;
  bool handshaken_ = false, reset_ = false;
  std::string read_;
};

inline TestCertificate::TestCertificate(const std::string& common_name) {
  char name[] = "/tmp/beffroi-certificate-XXXXXX";
  directory_ = mkdtemp(name);
  certificate = directory_ + "/server.crt";
  key = directory_ + "/server.key";
  EVP_PKEY* pair = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -60);
  X509_gmtime_adj(X509_getm_notAfter(x509), 86'400);
  X509_set_pubkey(x509, pair);
  X509_NAME* subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + common_name).c_str());
  X509_add_ext(x509, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(x509, pair, EVP_sha256());
  std::FILE* out = std::fopen(certificate.c_str(), "w");
  PEM_write_X509(out, x509);
  std::fclose(out);
  out = std::fopen(key.c_str(), "w");
  PEM_write_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(x509);
  EVP_PKEY_free(pair);
}

inline TestCertificate::~TestCertificate() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

inline RawClient::RawClient(int port) {
  connect_to(port);
}

inline RawClient::RawClient(const std::string& unix_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

inline RawClient::RawClient(int port, std::string_view server_name, const char* alpn, int tls_version,
                            const TestCertificate* own, SSL_SESSION* session) {
  connect_to(port);
  context_ = SSL_CTX_new(TLS_client_method());
  if (tls_version) SSL_CTX_set_max_proto_version(context_, tls_version);
  SSL_CTX_set_options(context_, SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (own) SSL_CTX_use_certificate_file(context_, own->certificate.c_str(), SSL_FILETYPE_PEM);
  if (own) SSL_CTX_use_PrivateKey_file(context_, own->key.c_str(), SSL_FILETYPE_PEM);
  tls_ = SSL_new(context_);
  if (session) SSL_set_session(tls_, session);
  SSL_set_fd(tls_, descriptor_);
  SSL_set_tlsext_host_name(tls_, std::string(server_name).c_str());
  if (alpn) {
    const std::string list = static_cast<char>(std::strlen(alpn)) + std::string(alpn);
    SSL_set_alpn_protos(tls_, reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  handshaken_ = SSL_connect(tls_) == 1;
}

inline RawClient::~RawClient() {
  if (tls_) SSL_free(tls_);
  if (context_) SSL_CTX_free(context_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

inline void RawClient::connect_to(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

inline void RawClient::connect_to(const sockaddr* address, socklen_t size) {
  descriptor_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{5, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(descriptor_, address, size) == 0) return;
  ::close(descriptor_);
  descriptor_ = -1;
}

inline bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

inline bool RawClient::fill() {
  std::array<char, 65536> buffer;
  errno = 0;
  const ssize_t got = tls_ ? SSL_read(tls_, buffer.data(), buffer.size())
                           : ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got > 0) read_.append(buffer.data(), static_cast<std::size_t>(got));
  if (got < 0 && errno == ECONNRESET) reset_ = true;
  return got > 0;
}

inline std::string RawClient::receive(std::size_t size) {
  while (read_.size() < size && fill()) {
  }
  const std::string out = read_.substr(0, size);
  read_.erase(0, out.size());
  return out;
}

inline std::string RawClient::receive_until(std::string_view end) {
  while (read_.find(end) == read_.npos) {
    if (!fill()) return receive(read_.size());
  }
  return receive(read_.find(end) + end.size());
}

inline std::string RawClient::receive_all() {
  while (fill()) {
  }
  return receive(read_.size());
}

inline std::string RawClient::answer() {
  const std::string head = receive_until("\r\n\r\n");
  const std::size_t field = head.find("Content-Length: ");
  if (field == head.npos) return head;
  return head + receive(std::stoul(head.substr(field + 16)));
}

inline bool RawClient::closed() {
  return !fill() && read_.empty() && errno != EAGAIN;
}

inline void RawClient::close_write() {
  ::shutdown(descriptor_, SHUT_WR);
}

}  // namespace beffroi::http
