// SPDX-License-Identifier: EUPL-1.2
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "server/http/listener.h"

namespace beffroi::http {
namespace asio = boost::asio;
namespace {

// Connections that the kernel keeps while we are busy; it caps the number itself (net.core.somaxconn).
constexpr int kBacklog = 4096;

error_code system_error() {
  return {errno, boost::system::system_category()};
}

std::optional<asio::ip::tcp::endpoint> parse(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == address.npos) return std::nullopt;
  std::string_view host = address.substr(0, colon), port = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  error_code bad;
  const asio::ip::address ip = asio::ip::make_address(std::string(host), bad);
  if (bad) return std::nullopt;
  return asio::ip::tcp::endpoint(ip, number);
}

// A socket bound to `address` and listening; owns nothing on failure.
Result<int> listen_at(const sockaddr* address, socklen_t size) {
  const int descriptor = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_error();
  const int on = 1, off = 0;
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6)
    (void)::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(descriptor, address, size) == 0 && ::listen(descriptor, kBacklog) == 0) return descriptor;
  const error_code failure = system_error();
  ::close(descriptor);
  return failure;
}

// The directory, not the socket's own mode, keeps strangers out between bind() and chmod().
Result<int> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return error_code(ENAMETOOLONG, boost::system::system_category());
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());
  const Result<int> descriptor = listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (descriptor) (void)::chmod(path.c_str(), 0660);
  return descriptor;
}

}  // namespace

bool is_address(const std::string& address) {
  return parse(address).has_value();
}

Result<int> listen_on(const std::string& address) {
  static constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) return listen_unix(address.substr(kUnix.size()));
  const std::optional<asio::ip::tcp::endpoint> endpoint = parse(address);
  if (!endpoint) return error_code(EINVAL, boost::system::system_category());
  return listen_at(endpoint->data(), static_cast<socklen_t>(endpoint->size()));
}

}  // namespace beffroi::http
