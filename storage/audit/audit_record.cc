// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_record.h"

#include <algorithm>
#include <chrono>

#include "crypto/check.h"
#include "crypto/utf8.h"

namespace beffroi::storage {
namespace {

constexpr std::uint64_t kExactIntegerMax =
    (std::uint64_t{1} << 53) - 1;  // of a JSON number (RFC 8785 §3.2.2.3)
constexpr std::int64_t kYear10000Ms = 253'402'300'800'000;

// A JSON string as RFC 8785 §3.2.2.2 writes it: the short escapes, \u00xx for the other controls, all else as it is.
void append_string(Bytes& out, BytesView text) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto as_it_is = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  out += '"';
  while (true) {
    const auto run = std::find_if_not(text.begin(), text.end(), as_it_is);
    out.append(text.begin(), run);
    text = BytesView(run, text.end());
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    out += '\\';
    switch (c) {
      case '"':
      case '\\': out += c; break;
      case '\b': out += 'b'; break;
      case '\t': out += 't'; break;
      case '\n': out += 'n'; break;
      case '\f': out += 'f'; break;
      case '\r': out += 'r'; break;
      default:
        out += "u00";
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  out += '"';
}

// Writes the members of one object in the order they are given; encode() gives them in RFC 8785's.
class ObjectWriter {
 public:
  ObjectWriter() { out_.reserve(512); }
  void text(std::string_view name, BytesView value) {
    if (value.empty()) return;
    if (valid_utf8(value)) {
      member(name, "");
      append_string(out_, value);
    } else {
      member(name, "_base64");
      append_string(out_, to_base64(value));
    }
  }
  void number(std::string_view name, std::uint64_t value) {
    member(name, "");
    const std::string digits = std::to_string(value);
    if (value > kExactIntegerMax) {
      append_string(out_, digits);
    } else {
      out_ += digits;
    }
  }
  Bytes take() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  void member(std::string_view name, std::string_view suffix) {
    out_ += out_.empty() ? "{\"" : ",\"";
    out_ += name;
    out_ += suffix;
    out_ += "\":";
  }
  Bytes out_;
};

}  // namespace

std::string_view outcome_name(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::Allowed:
      return "allowed";
    case AuditOutcome::Denied:
      return "denied";
    case AuditOutcome::Failed:
      return "failed";
  }
  CHECK(false);
}

std::string rfc3339(std::int64_t ms) {
  CHECK(ms >= 0 && ms < kYear10000Ms);
  using namespace std::chrono;
  const sys_time<milliseconds> instant{milliseconds(ms)};
  const sys_days day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss time(instant - day);
  Bytes out;
  append_decimal(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_decimal(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_decimal(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_decimal(out, static_cast<unsigned>(time.hours().count()), 2);
  out += ':';
  append_decimal(out, static_cast<unsigned>(time.minutes().count()), 2);
  out += ':';
  append_decimal(out, static_cast<unsigned>(time.seconds().count()), 2);
  out += '.';
  append_decimal(out, static_cast<unsigned>(time.subseconds().count()), 3);
  out += 'Z';
  return out;
}

Bytes encode(const AuditRecord& r) {
  ObjectWriter w;
  w.text("access_key", r.access_key);
  w.text("after", r.after);
  w.text("before", r.before);
  w.text("bucket", r.bucket);
  if (r.bytes != 0) w.number("bytes", r.bytes);
  w.number("collectivity", raw(r.collectivity));
  w.text("error", r.error);
  w.text("key", r.key);
  w.text("operation", r.operation);
  w.text("operator", r.operator_name);
  w.text("outcome", outcome_name(r.outcome));
  w.text("reason", r.reason);
  w.text("request_id", r.request_id);
  w.number("seq", r.sequence);
  w.text("source", r.source);
  w.text("time", rfc3339(r.ms));
  w.text("user", r.user);
  w.text("user_id", r.user_id);
  w.text("version", r.version);
  return w.take();
}

}  // namespace beffroi::storage
