// SPDX-License-Identifier: EUPL-1.2
#include "server/root_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "crypto/errors.h"
#include "crypto/root_seal.h"

namespace beffroi {
namespace {

constexpr std::size_t kRootKeyFileBytesMax = 256;  // 64 digits and a newline are 65

ConfigError bad(const std::string& path, std::string message, std::string remedy) {
  return {"root_key_file", path + ": " + std::move(message), std::move(remedy)};
}

// `guarded`: systemd lets nobody but the daemon's user into the directory. It may give that user its right by an access list, whose
// mask then shows as the group's right to read.
ConfigResult<std::optional<crypto::RootKey>> read_root_key(const std::string& path, bool guarded) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::nullopt;
  if (descriptor < 0)
    return bad(path, std::strerror(errno), "let the daemon's user read it, and nobody else");
  struct stat status {};
  std::array<char, kRootKeyFileBytesMax> buffer;
  const bool known = ::fstat(descriptor, &status) == 0;
  const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
  ::close(descriptor);
  if (!known || size < 0) return bad(path, "cannot be read", "check the medium it is on");

  auto key = crypto::parse_root_key({buffer.data(), static_cast<std::size_t>(size)},
                                    guarded ? status.st_mode & ~mode_t{S_IRGRP} : status.st_mode);
  crypto::wipe(MutableBytes(buffer.data(), buffer.size()));
  if (key) return std::optional<crypto::RootKey>(std::move(*key));
  if (key.error() == make_error_code(crypto::Errc::TooOpen)) {
    return bad(path, "others than its owner may read it, or it may be written", "chmod 0400 " + path);
  }
  return bad(path, "is not a root key", "give a file of 32 random bytes, or of 64 hexadecimal digits");
}

}  // namespace

ConfigResult<std::optional<crypto::RootKey>> find_root_key(const Config& config) {
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    auto key = read_root_key(std::string(credentials) + "/beffroi-root-key", true);
    if (!key || key->has_value()) return key;
  }
  if (config.root_key_file.empty()) return std::nullopt;
  return read_root_key(config.root_key_file, false);
}

}  // namespace beffroi
