// SPDX-License-Identifier: EUPL-1.2
#include "admin/verify/tree.h"

#include <sodium.h>

#include <algorithm>
#include <bit>

namespace beffroi::verify {
namespace {

Hash node_hash(const Hash& left, const Hash& right) {
  crypto_hash_sha256_state state;
  Hash out;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>("\1"), 1);
  crypto_hash_sha256_update(&state, left.data(), left.size());
  crypto_hash_sha256_update(&state, right.data(), right.size());
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

// The level of the largest perfect subtree that begins at `at` and ends by `end`.
unsigned level_at(std::uint64_t at, std::uint64_t end) {
  const auto fits = static_cast<unsigned>(std::bit_width(end - at)) - 1;
  return at == 0 ? fits : std::min(fits, static_cast<unsigned>(std::countr_zero(at)));
}

}  // namespace

Hash leaf_hash(std::string_view bytes) {
  crypto_hash_sha256_state state;
  Hash out;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>("\0"), 1);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

bool Edge::append_range(std::uint64_t size, const std::vector<Hash>& nodes) {
  for (const Hash& hash : nodes) {
    if (size_ >= size) return false;
    append(level_at(size_, size), hash);
  }
  return size_ == size;
}

void Edge::append(unsigned level, Hash hash) {
  size_ += std::uint64_t{1} << level;
  for (; !nodes_.empty() && nodes_.back().level == level; ++level) {
    hash = node_hash(nodes_.back().hash, hash);
    nodes_.pop_back();
  }
  nodes_.push_back({level, hash});
}

Hash Edge::root() const {
  if (nodes_.empty()) {
    Hash out;
    crypto_hash_sha256(out.data(), nullptr, 0);
    return out;
  }
  Hash root = nodes_.back().hash;
  for (auto it = nodes_.rbegin() + 1; it != nodes_.rend(); ++it) root = node_hash(it->hash, root);
  return root;
}

// RFC 9162 §2.1.3.2.
bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const std::vector<Hash>& proof, const Hash& root) {
  if (index >= size) return false;
  std::uint64_t fn = index, sn = size - 1;
  Hash r = leaf;
  for (const Hash& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      for (; (fn & 1) == 0 && fn != 0; fn >>= 1) sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && r == root;
}

// RFC 9162 §2.1.4.2; every tree continues the empty one.
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root, const std::vector<Hash>& proof) {
  if (from > to) return false;
  if (from == to) return proof.empty() && from_root == to_root;
  if (from == 0) return proof.empty() && from_root == Edge().root();
  if (proof.empty()) return false;
  const bool is_node = std::has_single_bit(from);
  std::uint64_t fn = from - 1, sn = to - 1;
  for (; (fn & 1) != 0; fn >>= 1) sn >>= 1;
  Hash fr = is_node ? from_root : proof.front(), sr = fr;
  for (std::size_t i = is_node ? 0 : 1; i < proof.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(proof[i], fr);
      sr = node_hash(proof[i], sr);
      for (; (fn & 1) == 0 && fn != 0; fn >>= 1) sn >>= 1;
    } else {
      sr = node_hash(sr, proof[i]);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && fr == from_root && sr == to_root;
}

}  // namespace beffroi::verify
