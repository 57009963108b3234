// SPDX-License-Identifier: EUPL-1.2
// The daemon's log: one event a line, as JSON, on stderr (with journald's priority prefix when journald reads
// it). For people and collectors; it is not the audit log. Any thread. A line never holds a secret, a
// signature, a presigned query or content: log ids, names and codes only.
//
//   log_info("listening", {{"address", "0.0.0.0:8443"}, {"certificates", 3}});
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace beffroi {

enum class LogLevel { Debug, Info, Warning, Error };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogField(std::string_view k, T v)
      : key(k), value(static_cast<std::int64_t>(v)) {}
};

// "debug", "info", "warning" or "error"; false for another word, and nothing changes.
bool set_log_level(std::string_view level);
bool log_enabled(LogLevel level);

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
inline void log_debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::Debug, event, fields);
}
inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::Info, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::Warning, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::Error, event, fields);
}

}  // namespace beffroi
