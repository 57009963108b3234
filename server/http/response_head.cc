// SPDX-License-Identifier: EUPL-1.2
#include "server/http/response_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "crypto/bytes.h"
#include "crypto/check.h"
#include "server/log.h"

namespace beffroi::http {
namespace {

struct Reason {
  unsigned status;
  std::string_view text;
};
constexpr std::array kReasons = std::to_array<Reason>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
});

bool control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> set{};
  for (int c = 0; c < 128; ++c) {
    set[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
  for (const char c : std::string_view("-_.!#$%&'*+^`|~")) set[static_cast<unsigned char>(c)] = true;
  return set;
}();

}  // namespace

ResponseHead::ResponseHead(unsigned status) : status_(status) {
  CHECK(status >= 200 && status <= 599);
  text_.reserve(512);
  text_.append("HTTP/1.1 ");
  append_number(text_, status);
  text_.append(" ").append(reason(status)).append("\r\n");
}

bool ResponseHead::valid_name(std::string_view name) {
  const auto token = [](char c) { return kToken[static_cast<unsigned char>(c)]; };
  return !name.empty() && std::all_of(name.begin(), name.end(), token);
}

// Writes "Name: "; false when there is no such field.
bool ResponseHead::begin(std::string_view name) {
  if (!valid_name(name)) {
    log_error("field left out of an answer", {{"name", name}});
    return false;
  }
  text_.append(name).append(": ");
  return true;
}

ResponseHead& ResponseHead::add(std::string_view name, std::string_view value) {
  if (!begin(name)) return *this;
  const std::size_t start = text_.size();
  text_.append(value);
  std::replace_if(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(), control, ' ');
  text_.append("\r\n");
  return *this;
}

ResponseHead& ResponseHead::add(std::string_view name, std::uint64_t value) {
  if (!begin(name)) return *this;
  append_number(text_, value);
  text_.append("\r\n");
  return *this;
}

bool ResponseHead::valid_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), control);
}

std::string_view ResponseHead::reason(unsigned status) {
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [status](const Reason& r) { return r.status == status; });
  return found == kReasons.end() ? std::string_view("Unknown") : found->text;
}

std::string http_date(std::int64_t unix_seconds) {
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string out(kDays.at(std::chrono::weekday(day).c_encoding()));
  out.append(", ");
  append_decimal(out, static_cast<unsigned>(date.day()), 2);
  out.append(" ").append(kMonths.at(static_cast<unsigned>(date.month()) - 1)).append(" ");
  append_decimal(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += ' ';
  append_decimal(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_decimal(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_decimal(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out.append(" GMT");
  return out;
}

}  // namespace beffroi::http
