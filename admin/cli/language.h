// SPDX-License-Identifier: EUPL-1.2
// French or English, by LC_ALL, LC_MESSAGES or LANG; numbers, sizes and dates as each of them writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beffroi::cli {

// The text in the language of whoever reads. Both stand side by side in the code, so that neither is forgotten.
std::string tr(std::string_view french, std::string_view english);
bool in_french();

std::string number(std::uint64_t);      // 1 234 567 (narrow no-break spaces) or 1,234,567
std::string size(std::uint64_t bytes);  // 1,5 Gio or 1.5 GiB
std::string percent(std::uint64_t part, std::uint64_t whole);
std::string siren(std::string_view);            // 216 000 562
std::string instant(std::string_view rfc3339);  // 2026-11-24 08:20:00 UTC

// "1073741824", "1GiB", "1Gio", "500MB", "1.5TiB".
std::optional<std::uint64_t> parse_size(std::string_view);

// What the appliance answers, in French: its message and its remedy by code and field. Empty when there is no translation.
struct Explanation {
  std::string_view message;
  std::string_view remedy;
};
Explanation explain_in_french(std::string_view code, std::string_view field);

}  // namespace beffroi::cli
