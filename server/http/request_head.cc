// SPDX-License-Identifier: EUPL-1.2
#include "server/http/request_head.h"

#include <algorithm>

namespace beffroi::http {
namespace {

// Two copies of these could be read differently by us and by a proxy, or by the signature and the handler.
constexpr std::array<std::string_view, 13> kOnce{"host",
                                                 "content-length",
                                                 "transfer-encoding",
                                                 "expect",
                                                 "authorization",
                                                 "x-amz-date",
                                                 "content-type",
                                                 "content-encoding",
                                                 "content-md5",
                                                 "x-amz-content-sha256",
                                                 "x-amz-decoded-content-length",
                                                 "x-amz-copy-source",
                                                 "range"};
enum Once : std::size_t { kHost, kContentLength, kTransferEncoding, kExpect };

// The request line around its target: method, two spaces, "HTTP/1.1", CRLF.
constexpr std::size_t kLineOverhead = kMethodBytesMax + 2 + 8 + 2;

enum Class : std::uint8_t { kToken = 1, kMethodByte = 2, kTargetByte = 4, kValueByte = 8, kHostByte = 16 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
    const bool visible = c > 0x20 && c < 0x7F;
    const auto among = [c](std::string_view set) { return set.find(static_cast<char>(c)) != set.npos; };
    unsigned bits = 0;
    if (upper || lower || digit || (visible && among("!#$%&'*+-.^_`|~"))) bits |= kToken;
    if (upper || c == '-' || c == '_') bits |= kMethodByte;
    if (visible && c != '#') bits |= kTargetByte;
    if ((c >= 0x20 && c != 0x7F) || c == '\t') bits |= kValueByte;
    if (upper || lower || digit || (visible && among("-._:[]"))) bits |= kHostByte;
    classes[c] = static_cast<std::uint8_t>(bits);
  }
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

bool all(std::string_view text, Class wanted) {
  for (const char c : text) {
    if (!(kClasses[static_cast<unsigned char>(c)] & wanted)) return false;
  }
  return true;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> decimal(std::string_view digits) {
  if (digits.empty() || digits.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (same_name(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

Result<std::size_t> RequestHead::parse(BytesView buffer) {
  is_ = Summary{};
  std::size_t at = 0;
  for (bool first = true;; first = false) {
    const std::size_t lf = buffer.find('\n', at);
    if (first && std::min(lf, buffer.size()) >= kTargetBytesMax + kLineOverhead) return Errc::TargetTooLong;
    if (std::min(lf, buffer.size()) >= kHeadBytesMax) return Errc::HeadTooLarge;
    if (lf == buffer.npos) return std::size_t{0};
    if (lf == at || buffer[lf - 1] != '\r') return Errc::BadRequest;
    const std::string_view line = buffer.substr(at, lf - 1 - at);
    at = lf + 1;
    if (line.empty() && !first) break;
    const Result<void> read = first ? read_line(line) : read_field(line);
    if (!read) return read.error();
  }
  const Result<void> settled = settle();
  if (!settled) return settled.error();
  return at;
}

Result<void> RequestHead::read_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == line.npos) return Errc::BadRequest;
  const std::size_t second = line.find(' ', first + 1);
  if (second == line.npos) return Errc::BadRequest;
  is_.method = line.substr(0, first);
  is_.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (is_.method.empty() || is_.method.size() > kMethodBytesMax || !all(is_.method, kMethodByte)) {
    return Errc::BadRequest;
  }
  if (is_.method == "CONNECT")
    return Errc::BadRequest;  // what follows it would be a tunnel for whoever stands before us
  if (is_.target.size() > kTargetBytesMax) return Errc::TargetTooLong;
  if (!is_.target.starts_with('/') || !all(is_.target, kTargetByte)) return Errc::BadRequest;
  is_.path_size = std::min(is_.target.find('?'), is_.target.size());
  if (version == "HTTP/1.1") return {};
  if (version == "HTTP/1.0") {
    is_.version_minor = 0;
    return {};
  }
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                           version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
  return well_formed ? Errc::VersionUnsupported : Errc::BadRequest;
}

Result<void> RequestHead::read_field(std::string_view line) {
  if (is_.count == kFieldsMax) return Errc::HeadTooLarge;
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return Errc::BadRequest;
  const Field field{line.substr(0, colon), trim(line.substr(colon + 1))};
  if (!all(field.name, kToken) || !all(field.value, kValueByte)) return Errc::BadRequest;
  // A name that only begins like it is a coding to some parsers (http-parser 2.9 among them).
  const std::string_view coding = kOnce[kTransferEncoding];
  if (field.name.size() > coding.size() && same_name(field.name.substr(0, coding.size()), coding))
    return Errc::BadRequest;
  fields_[is_.count++] = field;
  return note(field, line.find('\t') != line.npos);
}

// `tabbed`: the line holds a TAB. Around a length or a coding, other parsers do not take it for a space.
Result<void> RequestHead::note(const Field& field, bool tabbed) {
  if (same_name(field.name, "connection")) {
    is_.close = is_.close || has_token(field.value, "close");
    is_.keep_alive = is_.keep_alive || has_token(field.value, "keep-alive");
    return {};
  }
  const auto same = [&field](std::string_view once) { return same_name(once, field.name); };
  const auto once = static_cast<std::size_t>(std::find_if(kOnce.begin(), kOnce.end(), same) - kOnce.begin());
  if (once == kOnce.size()) return {};
  const std::uint32_t bit = std::uint32_t{1} << once;
  if (is_.seen & bit) return Errc::BadRequest;
  is_.seen |= bit;
  switch (once) {
    case kHost:
      if (field.value.empty() || !all(field.value, kHostByte)) return Errc::BadRequest;
      is_.host = field.value;
      return {};
    case kContentLength:
      is_.content_length = decimal(field.value);
      if (!is_.content_length || tabbed) return Errc::BadRequest;
      return {};
    case kTransferEncoding:
      if (field.value != "chunked" || tabbed) return Errc::BadRequest;
      is_.chunked = true;
      return {};
    case kExpect:
      // What else a client may expect is no matter of framing, and nobody has to meet it.
      is_.expects_continue = is_.version_minor == 1 && same_name(field.value, "100-continue");
      return {};
    default:
      return {};
  }
}

Result<void> RequestHead::settle() {
  if (is_.version_minor == 1 && is_.host.empty()) return Errc::BadRequest;
  if (is_.chunked && (is_.content_length || is_.version_minor == 0)) return Errc::BadRequest;
  return {};
}

std::optional<std::string_view> RequestHead::field(std::string_view name) const {
  for (const Field& field : fields()) {
    if (same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t RequestHead::count(std::string_view name) const {
  const auto same = [name](const Field& field) { return same_name(field.name, name); };
  return static_cast<std::size_t>(std::count_if(fields().begin(), fields().end(), same));
}

bool RequestHead::keep_alive() const {
  return !is_.close && (is_.version_minor == 1 || is_.keep_alive);
}

}  // namespace beffroi::http
