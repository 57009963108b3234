// SPDX-License-Identifier: EUPL-1.2
#include "server/preflight.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "crypto/secret.h"
#include "server/certificates.h"
#include "server/http/listener.h"
#include "server/root_key.h"
#include "storage/io/clock.h"

namespace beffroi {
namespace {

constexpr std::int64_t kExpiresSoonMs = 14ll * 86'400'000;

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent;
}

// What keeps this user from making files in a directory; nothing when it may.
std::optional<std::string> unwritable(const std::string& directory) {
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0) return std::strerror(errno);
  if (!S_ISDIR(found.st_mode)) return "it is not a directory";
  if (::access(directory.c_str(), W_OK | X_OK) != 0) return std::strerror(errno);
  return std::nullopt;
}

void check_directory(Preflight& out, std::string key, const std::string& directory) {
  const auto why = unwritable(directory);
  if (!why) return;
  out.errors.push_back({std::move(key), directory + ": " + *why,
                        "make this directory and give it to the daemon's user; with systemd, ReadWritePaths= must name it"});
}

// `beffroictl init` makes the last directory of each path, and no more.
void check_directories(Preflight& out, const Config& config) {
  const bool there = std::filesystem::exists(config.data_dir);
  check_directory(out, "data_dir", there ? config.data_dir : parent_of(config.data_dir));
  const std::string keys = parent_of(config.keyring);
  if (keys != config.data_dir || there) {
    check_directory(out, "keyring", std::filesystem::exists(keys) ? keys : parent_of(keys));
  }
  check_directory(out, "admin_socket", parent_of(config.admin_socket));
}

void check_addresses(Preflight& out, const Config& config) {
  for (const auto& [key, value] : {std::pair{"listen", &config.listen}, {"listen_metrics", &config.listen_metrics}}) {
    if (http::is_address(*value)) continue;
    out.errors.push_back({key, "\"" + *value + "\" is not an address and a port",
                          "give for example 192.0.2.1:8443, or [::]:8443 for every address"});
  }
  if (config.admin_socket.size() >= sizeof sockaddr_un{}.sun_path) {
    out.errors.push_back({"admin_socket", "the path is longer than the system allows", "give one of at most 107 bytes"});
  }
}

void check_keys(Preflight& out, const Config& config) {
  auto root = find_root_key(config);
  if (!root) {
    out.errors.push_back(root.error());
  } else if (!root->has_value()) {
    out.warnings.push_back({"root_key_file", "no root key is given here: so started, the appliance is sealed",
                            "give the credential beffroi-root-key, or root_key_file"});
  } else {
    out.root = std::move(**root);
  }
  if (crypto::memory_lock_works()) return;
  auto& where = config.require_mlock ? out.errors : out.warnings;
  where.push_back({"require_mlock", "keys cannot be locked in memory",
                   config.require_mlock ? "raise the limit (LimitMEMLOCK=), or set require_mlock = false"
                                        : "raise the limit (LimitMEMLOCK=)"});
}

void check_certificates(Preflight& out, const Config& config) {
  auto tls = load_certificates(config);
  if (!tls) {
    out.errors.push_back(tls.error());
    return;
  }
  out.tls = *tls;
  const std::int64_t now_ms = storage::SystemClock().wall_ms();
  for (const http::CertificateLife& certificate : out.tls->certificates()) {
    const std::int64_t left_ms = certificate.expires_at * 1000 - now_ms;
    if (left_ms > kExpiresSoonMs) continue;
    const std::string when = left_ms <= 0 ? "has expired" : "expires in " + std::to_string(left_ms / 86'400'000) + " days";
    out.warnings.push_back({certificate.file == config.tls_certificate ? "tls_certificate" : "certificates_dir",
                            certificate.file + " " + when, "put a new one in its place, then reload"});
  }
}

}  // namespace

Preflight preflight(const Config& config) {
  Preflight out;
  check_keys(out, config);
  check_certificates(out, config);
  check_addresses(out, config);
  check_directories(out, config);
  return out;
}

}  // namespace beffroi
