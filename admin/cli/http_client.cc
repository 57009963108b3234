// SPDX-License-Identifier: EUPL-1.2
#include "admin/cli/http_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "admin/cli/language.h"

namespace beffroi::cli {
namespace {

class Socket {
 public:
  Socket() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;

  bool connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
      errno = ENAMETOOLONG;
      return false;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  enum class Got { Some, End, Error };
  // What comes next, at the end of `into`.
  Got receive_some(std::string& into) {
    std::array<char, 64 * 1024> buffer;
    for (;;) {
      const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return size == 0 ? Got::End : Got::Error;
      into.append(buffer.data(), static_cast<std::size_t>(size));
      return Got::Some;
    }
  }

  // Until the appliance closes.
  bool receive(std::string& into) {
    for (;;) {
      const Got got = receive_some(into);
      if (got != Got::Some) return got == Got::End;
    }
  }

 private:
  const int descriptor_;
};

// "HTTP/1.1 200 OK\r\n...\r\n\r\nbody". The length is compared, so that half an answer is not taken for one.
std::optional<Reply> parse(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == text.npos || end < 12) return std::nullopt;
  Reply reply;
  if (std::from_chars(text.data() + 9, text.data() + 12, reply.status).ec != std::errc{}) return std::nullopt;
  reply.body = text.substr(end + 4);
  static constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t field = text.substr(0, end).find(kLength);
  if (field == text.npos) return std::nullopt;
  std::size_t length = 0;
  std::from_chars(text.data() + field + kLength.size(), text.data() + end, length);
  if (length != reply.body.size()) return std::nullopt;
  return reply;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body) {
  std::string request(method);
  request += " ";
  request += target;
  request +=
      " HTTP/1.1\r\nHost: beffroi\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n";
  if (!body.empty()) request += "Content-Type: application/json\r\n";
  request += "\r\n";
  request += body;
  return request;
}

// Chunked framing, whose last chunk tells an answer that ended from one that broke off. `text` holds what followed the head.
bool take_chunks(Socket& socket, std::string text, const std::function<bool(std::string_view)>& take) {
  for (;;) {
    std::size_t end;
    while ((end = text.find("\r\n")) == text.npos) {
      if (socket.receive_some(text) != Socket::Got::Some) return false;
    }
    std::size_t size = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + end, size, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + end) return false;
    text.erase(0, end + 2);
    if (size == 0) return true;
    while (text.size() < size + 2) {
      if (socket.receive_some(text) != Socket::Got::Some) return false;
    }
    if (!take(std::string_view(text).substr(0, size))) return false;
    text.erase(0, size + 2);
  }
}

}  // namespace

std::optional<Reply> download(const std::string& socket_path, std::string_view target,
                              const std::function<bool(std::string_view)>& take, std::string& problem) {
  Socket socket;
  std::string answer;
  std::size_t end = answer.npos;
  bool open = socket.connect(socket_path) && socket.send(request_text("GET", target, {}));
  while (open && (end = answer.find("\r\n\r\n")) == answer.npos) open = socket.receive_some(answer) == Socket::Got::Some;
  if (!open) {
    problem = std::strerror(errno);
    return std::nullopt;
  }
  if (answer.starts_with("HTTP/1.1 200 ") && answer.substr(0, end).find("\r\nTransfer-Encoding: chunked") != answer.npos) {
    if (take_chunks(socket, answer.substr(end + 4), take)) return Reply{200, {}};
    problem = tr("la réponse s’est interrompue", "the answer broke off");
    return std::nullopt;
  }
  (void)socket.receive(answer);
  auto reply = parse(answer);
  if (!reply) problem = "HTTP";
  return reply;
}

std::optional<Reply> ask(const std::string& socket_path, std::string_view method, std::string_view target,
                         std::string_view body, std::string& problem) {
  Socket socket;
  std::string answer;
  if (!socket.connect(socket_path) || !socket.send(request_text(method, target, body)) || !socket.receive(answer)) {
    problem = std::strerror(errno);
    return std::nullopt;
  }
  auto reply = parse(answer);
  if (!reply) problem = "HTTP";
  return reply;
}

std::string escape(std::string_view text) {
  static constexpr std::string_view kPlain = "-._~";
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        kPlain.find(c) != kPlain.npos ||
        std::string_view("+=,@").find(c) != std::string_view::npos;  // of users' names; the path allows them
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace beffroi::cli
