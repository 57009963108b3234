// SPDX-License-Identifier: EUPL-1.2
#pragma once

#include "crypto/bytes.h"

namespace beffroi {

// Well-formed UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF.
inline bool valid_utf8(BytesView text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) -> std::uint8_t {
      return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
    };
    if (i + 8 <= text.size() && (load_le<std::uint64_t>(text.data() + i) & 0x8080'8080'8080'8080u) == 0) {
      i += 8;
      continue;
    }
    const std::uint8_t first = byte(i);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return false;
    // The second byte is where over-long forms, surrogates and numbers too high show.
    const std::uint8_t lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (byte(i + 1) < lowest || byte(i + 1) > highest) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace beffroi
