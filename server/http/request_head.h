// SPDX-License-Identifier: EUPL-1.2
// RequestHead: the one reader of request heads, and a strict one. It accepts this language and nothing else:
//
//   head    = method SP target SP "HTTP/1." ("0" / "1") CRLF *( name ":" OWS value OWS CRLF ) CRLF
//   method  = 1-16 upper-case letters, digits, "-" or "_"     target = "/" *visible or "*" (OPTIONS), no "#",
//   no byte above 0x7E name    = token, no space before ":"                value  = no control but TAB; bytes
//   above 0x7F pass unread
//
// No folding, no bare CR or LF, no NUL. Exactly one Host (1.0 may have none). One Content-Length of 1-19
// digits, or one Transfer-Encoding that is exactly "chunked", without TAB, never both, never the latter in 1.0. Fields
// whose meaning would depend on which copy is read (kOnce in the .cc) may not be repeated. Everything is a
// view into the caller's buffer, which must outlive it; nothing is allocated and nothing is decoded. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "server/http/errors.h"
#include "server/http/limits.h"

namespace beffroi::http {

struct Field {
  std::string_view name;   // as sent; compare with same_name()
  std::string_view value;  // without the spaces around it
};

// ASCII case-insensitive equality, for field names and tokens.
bool same_name(std::string_view a, std::string_view b);

class RequestHead {
 public:
  // Reads the head at the front of `buffer`. The value is its length, or 0 when it is good so far and not
  // ended: call again with more bytes. An error is final: BadRequest, HeadTooLarge, TargetTooLong or
  // VersionUnsupported.
  Result<std::size_t> parse(BytesView buffer);

  std::string_view method() const { return is_.method; }
  std::string_view target() const { return is_.target; }                         // raw, as sent
  std::string_view path() const { return is_.target.substr(0, is_.path_size); }  // raw, before the first "?"
  std::string_view query() const {  // raw, after the first "?", or empty
    return has_query() ? is_.target.substr(is_.path_size + 1) : std::string_view();
  }
  bool has_query() const { return is_.path_size < is_.target.size(); }  // "/a?" has an empty one
  std::string_view host() const { return is_.host; }                    // empty only in HTTP/1.0
  std::span<const Field> fields() const { return {fields_.data(), is_.count}; }
  std::optional<std::string_view> field(std::string_view name) const;  // the first of that name
  std::size_t count(std::string_view name) const;

  std::optional<std::uint64_t> content_length() const { return is_.content_length; }
  bool chunked() const { return is_.chunked; }
  bool expects_continue() const {
    return is_.expects_continue;
  }                         // HTTP/1.1 and "Expect: 100-continue", any case
  bool keep_alive() const;  // 1.1 without "close"; 1.0 with "keep-alive"
  int version_minor() const { return is_.version_minor; }

 private:
  Result<void> read_line(std::string_view line);
  Result<void> read_field(std::string_view line);
  Result<void> note(const Field& field, bool tabbed);
  Result<void> settle();

  // Everything but the fields, so that starting anew does not clear the array.
  struct Summary {
    std::string_view method, target, host;
    std::size_t path_size = 0;
    std::size_t count = 0;
    std::optional<std::uint64_t> content_length;
    std::uint32_t seen = 0;  // one bit for each name of kOnce
    int version_minor = 1;
    bool chunked = false, expects_continue = false, close = false, keep_alive = false;
  };
  Summary is_;
  std::array<Field, kFieldsMax> fields_;
};

}  // namespace beffroi::http
