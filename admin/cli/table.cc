// SPDX-License-Identifier: EUPL-1.2
#include "admin/cli/table.h"

#include <algorithm>
#include <ostream>
#include <string_view>

namespace beffroi::cli {
namespace {

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// A control byte in a name must not move the cursor of whoever reads.
std::string harmless(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      '?');
  return text;
}

}  // namespace

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, width(row[i]));
    widths.push_back(widest);
  }
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = harmless(cell_of(i));
      const std::string pad(widths[i] - width(cell), ' ');
      text += (i == 0 ? "" : "  ") + (columns_[i].right ? pad + cell : cell + pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << "\n";
  };
  line([this](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&row](std::size_t i) { return row[i]; });
}

void print_pairs(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t widest = 0;
  for (const auto& [name, value] : pairs) widest = std::max(widest, width(name));
  for (const auto& [name, value] : pairs)
    out << name << std::string(widest - width(name) + 2, ' ') << harmless(value) << "\n";
}

}  // namespace beffroi::cli
