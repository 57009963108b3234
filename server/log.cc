// SPDX-License-Identifier: EUPL-1.2
#include "server/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace beffroi {
namespace {

// The level's name, spdlog's level and journald's priority (sd-daemon(3)).
struct Level {
  std::string_view name;
  spdlog::level::level_enum spd;
  std::string_view priority;
};
constexpr std::array<Level, 4> kLevels{{{"debug", spdlog::level::debug, "<7>"},
                                        {"info", spdlog::level::info, "<6>"},
                                        {"warning", spdlog::level::warn, "<4>"},
                                        {"error", spdlog::level::err, "<3>"}}};

const Level& of(LogLevel level) {
  return kLevels.at(static_cast<std::size_t>(level));
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("beffroi", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *instance;
}

// The length of the UTF-8 sequence at the front of `text`, or 0 when there is none (RFC 3629's table).
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return size;
}

// Valid JSON whatever comes: control bytes, and bytes that are not UTF-8, are escaped one by one.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    std::size_t size = utf8_sequence(text);
    if (c == '"' || c == '\\') out += '\\';
    const bool escaped = size == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (escaped) fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    if (size == 0) size = 1;
    if (!escaped) out.append(text.substr(0, size));
    text.remove_prefix(size);
  }
  out += '"';
}

// RFC 3339 with milliseconds. Reads the clock itself: a log line is stamped when it is written, whatever a test decides.
void append_time(std::string& out) {
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                 now.time_since_epoch().count() % 1000);
}

struct ValueWriter {
  std::string& out;
  void operator()(std::string_view text) const { append_quoted(out, text); }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

}  // namespace

bool set_log_level(std::string_view level) {
  for (const Level& known : kLevels) {
    if (known.name != level) continue;
    logger().set_level(known.spd);
    return true;
  }
  return false;
}

bool log_enabled(LogLevel level) {
  return logger().should_log(of(level).spd);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  static const bool journald = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string line;
  line.reserve(256);
  line += journald ? of(level).priority : "";
  line += '{';
  if (!journald) {  // which stamps lines itself
    line += R"("time":")";
    append_time(line);
    line += "\",";
  }
  line += R"("level":")";
  line += of(level).name;
  line += R"(","event":)";
  append_quoted(line, event);
  for (const LogField& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    std::visit(ValueWriter{line}, field.value);
  }
  line += '}';
  logger().log(of(level).spd, "{}", line);
}

}  // namespace beffroi
