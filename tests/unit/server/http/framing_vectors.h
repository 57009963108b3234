// SPDX-License-Identifier: EUPL-1.2
// Reads tests/vectors/framing.txt; its own header describes the format.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beffroi::http {

struct FramingVector {
  std::string verdict;  // "accept", "reject" or "body"
  std::size_t body_size = 0;
  std::string name;
  std::string bytes;
};

// Expands the escapes of `text` up to its end, or to the ")" that ends a repetition.
inline std::string unescape(std::string_view text, std::size_t& at, bool nested) {
  std::string out;
  while (at < text.size() && !(nested && text[at] == ')')) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    const char kind = text.at(at + 1);
    at += 2;
    if (kind == 'r')
      out += '\r';
    else if (kind == 'n')
      out += '\n';
    else if (kind == 't')
      out += '\t';
    else if (kind == '\\' || kind == '"')
      out += kind;
    else if (kind == 'x') {
      out += static_cast<char>(std::stoi(std::string(text.substr(at, 2)), nullptr, 16));
      at += 2;
    } else if (kind == '(') {
      const std::size_t colon = text.find(':', at);
      const int times = std::stoi(std::string(text.substr(at, colon - at)));
      at = colon + 1;
      const std::string inner = unescape(text, at, true);
      ++at;
      for (int i = 0; i < times; ++i) out += inner;
    } else {
      throw std::runtime_error("unknown escape");
    }
  }
  return out;
}

inline std::vector<FramingVector> framing_vectors() {
  std::ifstream file(std::string(BEFFROI_SOURCE_DIR) + "/tests/vectors/framing.txt");
  std::vector<FramingVector> vectors;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t first = line.find(" | "), second = line.find(" | ", first + 3);
    FramingVector vector;
    vector.verdict = line.substr(0, first);
    vector.name = line.substr(first + 3, second - first - 3);
    if (vector.verdict.starts_with("accept ")) {
      vector.body_size = std::stoul(vector.verdict.substr(7));
      vector.verdict = "accept";
    }
    std::size_t at = second + 3;
    vector.bytes = unescape(line, at, false);
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

}  // namespace beffroi::http
