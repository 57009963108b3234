// SPDX-License-Identifier: EUPL-1.2
// Reads tests/vectors/*.txt: records of `Name = hex` lines, parted by empty lines; # starts a comment. A name alone is a flag.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "crypto/bytes.h"

namespace beffroi {

class Vector {
 public:
  bool has(const std::string& name) const { return fields_.contains(name); }
  Bytes operator[](const std::string& name) const {
    EXPECT_TRUE(has(name)) << name;
    return has(name) ? fields_.at(name) : Bytes();
  }
  void set(const std::string& name, Bytes value) { fields_[name] = std::move(value); }
  bool empty() const { return fields_.empty(); }

 private:
  std::map<std::string, Bytes> fields_;
};

inline Bytes hex(std::string_view text) {
  const auto bytes = from_hex(text);
  EXPECT_TRUE(bytes.has_value()) << text;
  return bytes.value_or(Bytes());
}

inline std::vector<Vector> read_vectors(const std::string& file) {
  std::ifstream in(BEFFROI_SOURCE_DIR "/tests/vectors/" + file);
  EXPECT_TRUE(in.good()) << file;
  std::vector<Vector> vectors(1);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    if (line.empty()) {
      if (!vectors.back().empty()) vectors.emplace_back();
      continue;
    }
    const auto name_end = line.find(' ');
    const auto value_at = line.find("= ");
    vectors.back().set(line.substr(0, name_end),
                       value_at == std::string::npos ? Bytes() : hex(line.substr(value_at + 2)));
  }
  if (vectors.back().empty()) vectors.pop_back();
  return vectors;
}

}  // namespace beffroi
