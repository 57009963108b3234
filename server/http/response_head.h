// SPDX-License-Identifier: EUPL-1.2
// ResponseHead: a status and fields, serialized as they are added. The connection adds Date, Content-Length
// or Transfer-Encoding, and Connection itself; a handler must not. A value cannot end its line: every control
// byte but TAB becomes a space, so that no text that came from a client can inject a field. Whoever wants to
// refuse such a text asks valid_value().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace beffroi::http {

class ResponseHead {
 public:
  explicit ResponseHead(unsigned status);  // 200-599

  // Order is kept; adding a name twice sends it twice. A name that is not a token is left out and logged: one that was
  // stored by mistake must not stop the daemon at each read.
  ResponseHead& add(std::string_view name, std::string_view value);
  ResponseHead& add(std::string_view name, std::uint64_t value);

  unsigned status() const { return status_; }
  bool bodyless() const { return status_ == 204 || status_ == 304; }

  // The status line and the fields so far; the connection appends its own and the empty line, and sends it as it is.
  const std::string& text() const { return text_; }
  std::string take() && { return std::move(text_); }

  static bool valid_name(std::string_view name);
  static bool valid_value(std::string_view value);
  // The reason phrase of a status, "Unknown" for one that HTTP does not name.
  static std::string_view reason(unsigned status);

 private:
  bool begin(std::string_view name);

  unsigned status_;
  std::string text_;
};

// "Tue, 24 Nov 2026 08:09:10 GMT" (RFC 9110 IMF-fixdate) for seconds since 1970.
std::string http_date(std::int64_t unix_seconds);

}  // namespace beffroi::http
