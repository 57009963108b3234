// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/dates.h"

#include <array>
#include <ctime>

#include "crypto/bytes.h"

namespace beffroi::s3 {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

struct Civil {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, weekday = 4;
};

// Days since 1970-01-01 of the proleptic Gregorian calendar, and back (Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms").
std::int64_t days_from_civil(int y, int m, int d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146'097 + doe - 719'468;
}

Civil civil(std::int64_t ms) {
  std::int64_t days = ms / kDayMs;
  std::int64_t left = ms % kDayMs;
  if (left < 0) {
    left += kDayMs;
    --days;
  }
  Civil c;
  c.weekday = static_cast<int>(((days % 7) + 11) % 7);
  const std::int64_t z = days + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t doe = z - era * 146'097;
  const std::int64_t yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  c.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  c.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  c.year = static_cast<int>(yoe + era * 400 + (c.month <= 2));
  c.hour = static_cast<int>(left / 3'600'000);
  c.minute = static_cast<int>(left / 60'000 % 60);
  c.second = static_cast<int>(left / 1'000 % 60);
  return c;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kLengths[month - 1] + (month == 2 && leap);
}

std::optional<std::int64_t> instant(const Civil& c) {
  if (c.year < 1 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month(c.year, c.month)) {
    return std::nullopt;
  }
  if (c.hour > 23 || c.minute > 59 || c.second > 60) return std::nullopt;
  const std::int64_t seconds = c.hour * 3600 + c.minute * 60 + c.second;
  return days_from_civil(c.year, c.month, c.day) * kDayMs + seconds * 1000;
}

// Takes pieces from the front; every step fails once one has.
class Cursor {
 public:
  explicit Cursor(std::string_view in) : in_(in) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }
  bool at(char c) const { return ok_ && in_.starts_with(c); }

  Cursor& skip(std::string_view text) {
    ok_ = ok_ && in_.starts_with(text);
    if (ok_) in_.remove_prefix(text.size());
    return *this;
  }
  Cursor& number(int digits, int& value) {
    value = 0;
    if (!ok_ || in_.size() < static_cast<std::size_t>(digits)) {
      ok_ = false;
      return *this;
    }
    for (int i = 0; i < digits; ++i) {
      if (in_[i] < '0' || in_[i] > '9') ok_ = false;
      value = value * 10 + (in_[i] - '0');
    }
    in_.remove_prefix(digits);
    return *this;
  }
  template <std::size_t N>
  Cursor& name(const std::array<std::string_view, N>& names, int& index) {
    for (std::size_t i = 0; ok_ && i < N; ++i) {
      if (!in_.starts_with(names[i])) continue;
      index = static_cast<int>(i);
      in_.remove_prefix(names[i].size());
      return *this;
    }
    ok_ = false;
    return *this;
  }
  Cursor& time(Civil& c) {
    return number(2, c.hour).skip(":").number(2, c.minute).skip(":").number(2, c.second);
  }
  void drop_digits() {
    while (ok_ && !in_.empty() && in_.front() >= '0' && in_.front() <= '9') in_.remove_prefix(1);
  }

 private:
  std::string_view in_;
  bool ok_ = true;
};

std::optional<std::int64_t> parse_imf(std::string_view in) {
  // GMT, or RFC 5322's zones of no offset, which Python's e-mail library writes.
  const std::string_view zone = in.ends_with(" -0000") ? " -0000" : in.ends_with(" +0000") ? " +0000" : " GMT";
  Civil c;
  Cursor cursor(in);
  cursor.name(kDays, c.weekday).skip(", ").number(2, c.day).skip(" ").name(kMonths, c.month).skip(" ");
  cursor.number(4, c.year).skip(" ").time(c).skip(zone);
  ++c.month;
  return cursor.done() ? instant(c) : std::nullopt;
}

std::optional<std::int64_t> parse_rfc850(std::string_view in) {
  Civil c;
  Cursor cursor(in);
  cursor.name(kLongDays, c.weekday).skip(", ").number(2, c.day).skip("-").name(kMonths, c.month).skip("-");
  cursor.number(2, c.year).skip(" ").time(c).skip(" GMT");
  ++c.month;
  // Two digits: RFC 9110 asks for a moving window; this form has been obsolete since 1995 and no one writes
  // 21st-century dates after 2069 in it.
  c.year += c.year < 70 ? 2000 : 1900;
  return cursor.done() ? instant(c) : std::nullopt;
}

std::optional<std::int64_t> parse_asctime(std::string_view in) {
  Civil c;
  Cursor cursor(in);
  cursor.name(kDays, c.weekday).skip(" ").name(kMonths, c.month).skip(" ");
  if (cursor.at(' ')) {
    cursor.skip(" ").number(1, c.day);
  } else {
    cursor.number(2, c.day);
  }
  cursor.skip(" ").time(c).skip(" ").number(4, c.year);
  ++c.month;
  return cursor.done() ? instant(c) : std::nullopt;
}

// Each piece is a separator, or a number in as many digits as it is given.
struct Padded {
  int value;
  unsigned digits = 2;
};
struct Writer {
  std::string out;
  Writer& operator<<(Padded p) {
    append_decimal(out, static_cast<unsigned>(p.value), p.digits);
    return *this;
  }
  Writer& operator<<(std::string_view text) {
    out += text;
    return *this;
  }
};

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view in) {
  if (auto ms = parse_imf(in)) return ms;
  if (auto ms = parse_rfc850(in)) return ms;
  return parse_asctime(in);
}

std::optional<std::int64_t> parse_basic_date(std::string_view in) {
  Civil c;
  Cursor cursor(in);
  cursor.number(4, c.year).number(2, c.month).number(2, c.day).skip("T");
  cursor.number(2, c.hour).number(2, c.minute).number(2, c.second).skip("Z");
  return cursor.done() ? instant(c) : std::nullopt;
}

std::string basic_date(std::int64_t ms) {
  const Civil c = civil(ms);
  Writer w;
  w << Padded{c.year, 4} << Padded{c.month} << Padded{c.day} << "T";
  w << Padded{c.hour} << Padded{c.minute} << Padded{c.second} << "Z";
  return std::move(w.out);
}

std::optional<std::int64_t> parse_iso8601(std::string_view in) {
  Civil c;
  Cursor cursor(in);
  cursor.number(4, c.year).skip("-").number(2, c.month).skip("-").number(2, c.day).skip("T").time(c);
  if (cursor.at('.')) {
    cursor.skip(".");
    cursor.drop_digits();
  }
  cursor.skip("Z");
  return cursor.done() ? instant(c) : std::nullopt;
}

std::string iso8601(std::int64_t ms) {
  const Civil c = civil(ms);
  Writer w;
  w << Padded{c.year, 4} << "-" << Padded{c.month} << "-" << Padded{c.day} << "T";
  w << Padded{c.hour} << ":" << Padded{c.minute} << ":" << Padded{c.second} << ".000Z";
  return std::move(w.out);
}

}  // namespace beffroi::s3
