// SPDX-License-Identifier: EUPL-1.2
// The extract (docs/formats.md "Extract"), read strictly and in bounded memory: its two lines of head, then records one by one. Nothing
// here is believed before verify.cc has checked it.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/verify/note.h"

namespace beffroi::verify {

// Longest line: a record of an S3 key of 1 024 bytes with documents before and after a change is far below.
inline constexpr std::size_t kLineBytesMax = 4u << 20;

// Gives the lines of a file without their newlines.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_(in), buffer_(kLineBytesMax, '\0') {}
  enum class Got { Line, End, Broken };  // Broken: too long, or without a newline at its end
  Got next();
  std::string_view line() const { return {buffer_.data(), size_}; }
  std::uint64_t number() const { return number_; }  // of the line, from 1

 private:
  std::istream& in_;
  std::string buffer_;
  std::size_t size_ = 0;
  std::uint64_t number_ = 0;
};

// A collectivity's tree as the appliance put it into the tree of all.
struct StateLeaf {
  std::uint32_t collectivity = 0;
  std::uint64_t size = 0;
  Hash root{};
};

struct Head {
  std::string siren, slug, made;
  std::uint64_t from = 0, to = 0, size = 0;
  std::vector<Hash> left, right;
  std::string state_bytes;
  StateLeaf state;
  std::uint64_t state_index = 0;
  std::vector<Hash> inclusion;
  CheckpointFile checkpoint;
  std::vector<Consistency> consistency;
};
std::optional<Head> parse_head(std::string_view line);

struct HeadSignature {
  std::string key, line;
};
std::optional<HeadSignature> parse_signature(std::string_view line);

struct Record {
  std::uint64_t seq = 0, ms = 0;
  Hash leaf{};  // as the line says
  bool purged = false;
  Hash mac{};  // purged: as the line says; else of the record
};
std::optional<Record> parse_record(std::string_view line);
// What the appliance hashed for this record.
Hash record_leaf(std::uint32_t collectivity, const Record&);

}  // namespace beffroi::verify
