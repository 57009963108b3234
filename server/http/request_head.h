// SPDX-License-Identifier: EUPL-1.2
// RequestHead: the one reader of request heads, and a strict one. It accepts this language and nothing else:
//
//   head    = method SP target SP "HTTP/1." ("0" / "1") CRLF *( name ":" OWS value OWS CRLF ) CRLF
//   method  = 1-16 upper-case letters, digits, "-" or "_"     target = "/" *visible or "*" (OPTIONS), no "#",
//   no byte above 0x7E name    = token, no space before ":"                value  = no control but TAB; bytes
//   above 0x7F pass unread
//
// No folding, no bare CR or LF, no NUL. Exactly one Host (1.0 may have none). One Content-Length of 1-19
// digits, or one Transfer-Encoding that is exactly "chunked", never both, never the latter in 1.0. Fields
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

  std::string_view method() const { return method_; }
  std::string_view target() const { return target_; }                      // raw, as sent
  std::string_view path() const { return target_.substr(0, path_size_); }  // raw, before the first "?"
  std::string_view query() const;                                 // raw, after the first "?", or empty
  bool has_query() const { return path_size_ < target_.size(); }  // "/a?" has an empty one
  std::string_view host() const { return host_; }                 // empty only in HTTP/1.0
  std::span<const Field> fields() const { return {fields_.data(), count_}; }
  std::optional<std::string_view> field(std::string_view name) const;  // the first of that name
  std::size_t count(std::string_view name) const;

  std::optional<std::uint64_t> content_length() const { return content_length_; }
  bool chunked() const { return chunked_; }
  bool expects_continue() const {
    return expects_continue_;
  }                                                // HTTP/1.1 and "Expect: 100-continue", any case
  bool keep_alive() const { return keep_alive_; }  // 1.1 without "close"; 1.0 with "keep-alive"
  int version_minor() const { return version_minor_; }

 private:
  Result<bool> parse_line(std::string_view line);
  Result<void> add_field(std::string_view line);
  Result<void> settle();
  Result<void> note(Field field);

  std::string_view method_, target_, host_;
  std::size_t path_size_ = 0;
  std::size_t count_ = 0;
  std::optional<std::uint64_t> content_length_;
  std::uint32_t seen_ = 0;  // one bit for each name of kOnce
  int version_minor_ = 1;
  bool chunked_ = false, expects_continue_ = false, keep_alive_ = true, close_ = false;
  std::array<Field, kFieldsMax> fields_;
};

}  // namespace beffroi::http
