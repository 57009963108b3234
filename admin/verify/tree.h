// SPDX-License-Identifier: EUPL-1.2
// Merkle trees of RFC 6962, as far as a verifier needs them: leaf = SHA-256(00 | bytes), node = SHA-256(01 | left | right).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "admin/verify/note.h"

namespace beffroi::verify {

Hash leaf_hash(std::string_view bytes);

// The tree's left edge while it grows: the roots of the perfect subtrees so far, largest first.
class Edge {
 public:
  void append(const Hash& leaf) { append(0, leaf); }
  // The roots of the largest perfect subtrees from here to `size`, from left to right. False when there are more or fewer.
  bool append_range(std::uint64_t size, const std::vector<Hash>& nodes);
  std::uint64_t size() const { return size_; }
  Hash root() const;

 private:
  struct Node {
    unsigned level;
    Hash hash;
  };
  void append(unsigned level, Hash hash);
  std::uint64_t size_ = 0;
  std::vector<Node> nodes_;
};

bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const std::vector<Hash>& proof, const Hash& root);
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root, const std::vector<Hash>& proof);

}  // namespace beffroi::verify
