// SPDX-License-Identifier: EUPL-1.2
// A table for people: columns as wide as their widest cell, numbers to the right. Widths are counted in characters, not in bytes.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace beffroi::cli {

struct Column {
  std::string title;
  bool right = false;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  void print(std::ostream&) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Name and value, one pair a line.
void print_pairs(std::ostream&, const std::vector<std::pair<std::string, std::string>>&);

}  // namespace beffroi::cli
