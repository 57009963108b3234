// SPDX-License-Identifier: EUPL-1.2
#include "crypto/merkle.h"

#include <bit>
#include <utility>

#include "crypto/digest.h"
#include "crypto/errors.h"

namespace beffroi::crypto {
namespace {

Hash to_hash(const Bytes& digest) {
  Hash h;
  std::memcpy(h.data(), digest.data(), h.size());
  return h;
}

// The largest power of two smaller than n, for n > 1: where RFC 6962 splits a tree.
std::uint64_t split(std::uint64_t n) {
  return std::uint64_t{1} << (std::bit_width(n - 1) - 1);
}

// Builds proofs from the hashes of perfect subtrees; the first failure of the source ends it.
class Prover {
 public:
  explicit Prover(const NodeSource& source) : source_(source) {}

  // MTH of the leaves [begin, begin + n), where begin is a multiple of the largest power of two <= n.
  Result<Hash> root(std::uint64_t begin, std::uint64_t n) const {
    if (std::has_single_bit(n)) {
      const auto level = static_cast<unsigned>(std::countr_zero(n));
      return source_(level, begin >> level);
    }
    const std::uint64_t k = split(n);
    const auto left = root(begin, k);
    if (!left) return left;
    const auto right = root(begin + k, n - k);
    if (!right) return right;
    return node_hash(*left, *right);
  }

  Result<void> add(std::uint64_t begin, std::uint64_t n) {
    const auto hash = root(begin, n);
    if (!hash) return hash.error();
    proof_.push_back(*hash);
    return {};
  }

  std::vector<Hash> proof() && { return std::move(proof_); }

 private:
  const NodeSource& source_;
  std::vector<Hash> proof_;
};

// RFC 6962 §2.1.1 PATH(m, D[begin:begin+n]).
Result<void> add_path(Prover& prover, std::uint64_t m, std::uint64_t begin, std::uint64_t n) {
  if (n == 1) return {};
  const std::uint64_t k = split(n);
  const bool is_left = m < k;
  const auto below = is_left ? add_path(prover, m, begin, k) : add_path(prover, m - k, begin + k, n - k);
  if (!below) return below;
  return is_left ? prover.add(begin + k, n - k) : prover.add(begin, k);
}

// RFC 6962 §2.1.2 SUBPROOF(m, D[begin:begin+n], whole).
Result<void> add_subproof(Prover& prover, std::uint64_t m, std::uint64_t begin, std::uint64_t n, bool whole) {
  if (m == n) return whole ? Result<void>() : prover.add(begin, n);
  const std::uint64_t k = split(n);
  const bool is_left = m <= k;
  const auto below = is_left ? add_subproof(prover, m, begin, k, whole)
                             : add_subproof(prover, m - k, begin + k, n - k, false);
  if (!below) return below;
  return is_left ? prover.add(begin + k, n - k) : prover.add(begin, k);
}

}  // namespace

Hash leaf_hash(BytesView leaf) {
  return to_hash(digest(DigestAlgorithm::Sha256, {BytesView("\0", 1), leaf}));
}

Hash node_hash(const Hash& left, const Hash& right) {
  return to_hash(digest(DigestAlgorithm::Sha256, {BytesView("\1", 1), view(left), view(right)}));
}

Hash empty_root() {
  return to_hash(sha256({}));
}

Result<Frontier> Frontier::restore(std::uint64_t size, std::vector<Hash> nodes) {
  if (nodes.size() != static_cast<std::size_t>(std::popcount(size))) return Errc::BadFormat;
  Frontier f;
  f.size_ = size;
  f.nodes_ = std::move(nodes);
  return f;
}

std::vector<Hash> Frontier::append(const Hash& leaf_hash, unsigned level_step) {
  std::vector<Hash> completed;
  Hash node = leaf_hash;
  unsigned level = 0;
  for (std::uint64_t full = size_; (full & 1) != 0; full >>= 1) {
    node = node_hash(nodes_.back(), node);
    nodes_.pop_back();
    if (++level % level_step == 0) completed.push_back(node);
  }
  nodes_.push_back(node);
  ++size_;
  return completed;
}

Hash Frontier::root() const {
  if (nodes_.empty()) return empty_root();
  Hash root = nodes_.back();
  for (auto it = nodes_.rbegin() + 1; it != nodes_.rend(); ++it) root = node_hash(*it, root);
  return root;
}

Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeSource& source) {
  if (index >= size) return Errc::BadFormat;
  Prover prover(source);
  const auto done = add_path(prover, index, 0, size);
  if (!done) return done.error();
  return std::move(prover).proof();
}

Result<std::vector<Hash>> consistency_proof(std::uint64_t from, std::uint64_t to, const NodeSource& source) {
  if (from > to) return Errc::BadFormat;
  if (from == 0) return std::vector<Hash>();
  Prover prover(source);
  const auto done = add_subproof(prover, from, 0, to, true);
  if (!done) return done.error();
  return std::move(prover).proof();
}

// RFC 9162 §2.1.3.2, which is the algorithm that RFC 6962 leaves to the reader.
bool verify_inclusion(const Hash& leaf_hash, std::uint64_t index, std::uint64_t size,
                      const std::vector<Hash>& proof, const Hash& root) {
  if (index >= size) return false;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Hash r = leaf_hash;
  for (const Hash& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      for (; (fn & 1) == 0 && fn != 0; fn >>= 1) sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

// RFC 9162 §2.1.4.2; the cases it leaves out: nothing came before an empty tree, and a tree is consistent
// with itself.
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root,
                        const std::vector<Hash>& proof) {
  if (from > to) return false;
  if (from == to) return proof.empty() && from_root == to_root && (from != 0 || from_root == empty_root());
  if (from == 0) return proof.empty() && from_root == empty_root();
  if (proof.empty()) return false;
  const bool from_is_node = std::has_single_bit(from);
  std::uint64_t fn = from - 1;
  std::uint64_t sn = to - 1;
  for (; (fn & 1) != 0; fn >>= 1) sn >>= 1;
  Hash fr = from_is_node ? from_root : proof.front();
  Hash sr = fr;
  for (std::size_t i = from_is_node ? 0 : 1; i < proof.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(proof[i], fr);
      sr = node_hash(proof[i], sr);
      for (; (fn & 1) == 0 && fn != 0; fn >>= 1) sn >>= 1;
    } else {
      sr = node_hash(sr, proof[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == from_root && sr == to_root;
}

}  // namespace beffroi::crypto
