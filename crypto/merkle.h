// SPDX-License-Identifier: EUPL-1.2
// Merkle trees as in RFC 6962 §2.1: leaf hash = SHA-256(0x00 | leaf), node = SHA-256(0x01 | left | right). A Frontier is the
// compact range of the leaves so far (the roots of the perfect subtrees, largest first): it appends and gives the root in
// O(log n) without the leaves.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace beffroi::crypto {

using Hash = std::array<char, 32>;
inline BytesView view(const Hash& h) { return {h.data(), h.size()}; }

Hash leaf_hash(BytesView leaf);
Hash node_hash(const Hash& left, const Hash& right);
Hash empty_root();  // SHA-256 of the empty string

class Frontier {
 public:
  Frontier() = default;
  // `nodes` as nodes() gave them; BadFormat unless there is one a set bit of `size`.
  static Result<Frontier> restore(std::uint64_t size, std::vector<Hash> nodes);
  std::uint64_t size() const { return size_; }
  const std::vector<Hash>& nodes() const { return nodes_; }
  // The roots of the perfect subtrees that this leaf completes at levels level_step, 2 * level_step, ...
  std::vector<Hash> append(const Hash& leaf_hash, unsigned level_step = 64);
  Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> nodes_;  // largest subtree first
};

// The hash of the perfect subtree of 2^level leaves that starts at index << level.
using NodeSource = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;
// RFC 6962 §2.1.1 and §2.1.2.
Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeSource&);
Result<std::vector<Hash>> consistency_proof(std::uint64_t from, std::uint64_t to, const NodeSource&);
bool verify_inclusion(const Hash& leaf_hash, std::uint64_t index, std::uint64_t size, const std::vector<Hash>& proof, const Hash& root);
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root, const std::vector<Hash>& proof);

}  // namespace beffroi::crypto
