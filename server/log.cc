// SPDX-License-Identifier: EUPL-1.2
#include "server/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdlib>
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

// JSON's own escapes; bytes that are not printable ASCII are escaped one by one, so that the line is valid
// whatever comes.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    }
  }
  out += '"';
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
  if (journald) line += of(level).priority;
  line += R"({"level":")";
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
