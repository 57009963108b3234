// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/percent.h"

#include <algorithm>
#include <array>

namespace beffroi::s3 {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr std::array<bool, 256> kUnreserved = [] {
  std::array<bool, 256> set{};
  for (int c = 0; c < 128; ++c) {
    set[c] = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
             c == '_' || c == '~';
  }
  return set;
}();

bool is_kept(char c, Slash slash) {
  return kUnreserved[static_cast<unsigned char>(c)] || (c == '/' && slash == Slash::Keep);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  if (in.find('\0') != std::string_view::npos) return std::nullopt;
  while (true) {
    const std::size_t run = in.find('%');
    out += in.substr(0, run);
    if (run == std::string_view::npos) return out;
    in.remove_prefix(run);
    if (in.size() < 3) return std::nullopt;
    const int high = hex_digit(in[1]);
    const int low = hex_digit(in[2]);
    if (high < 0 || low < 0 || (high | low) == 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    in.remove_prefix(3);
  }
}

void append_percent_encoded(std::string& out, std::string_view in, Slash slash) {
  while (!in.empty()) {
    const auto run = std::find_if_not(in.begin(), in.end(), [slash](char c) { return is_kept(c, slash); });
    out.append(in.begin(), run);
    in = std::string_view(run, in.end());
    if (in.empty()) return;
    const auto byte = static_cast<unsigned char>(in.front());
    const char escape[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    out.append(escape, sizeof escape);
    in.remove_prefix(1);
  }
}

bool is_percent_encoded(std::string_view in, Slash slash) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (is_kept(in[i], slash)) continue;
    if (in[i] != '%' || i + 2 >= in.size()) return false;
    const std::size_t high = kDigits.find(in[i + 1]);
    const std::size_t low = kDigits.find(in[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    if (is_kept(static_cast<char>(high << 4 | low), slash)) return false;
    i += 2;
  }
  return true;
}

std::string percent_encode(std::string_view in, Slash slash) {
  std::string out;
  out.reserve(in.size());
  append_percent_encoded(out, in, slash);
  return out;
}

}  // namespace beffroi::s3
