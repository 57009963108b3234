// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_tree.h"

#include <cstring>
#include <utility>

#include "crypto/check.h"
#include "crypto/errors.h"
#include "storage/audit/audit_format.h"

namespace beffroi::storage {
namespace {

constexpr unsigned kTileBits = 8;

// The frontier's nodes as the open hashes of every level give them, largest subtree first.
std::vector<crypto::Hash> nodes_of(const std::vector<std::vector<crypto::Hash>>& open) {
  std::vector<crypto::Hash> nodes;
  for (std::size_t level = open.size(); level-- > 0;) {
    const crypto::Hash* at = open[level].data();
    for (unsigned bit = kTileBits; bit-- > 0;) {
      const std::size_t count = std::size_t{1} << bit;
      if ((open[level].size() & count) == 0) continue;
      nodes.push_back(perfect_root(at, count));
      at += count;
    }
  }
  return nodes;
}

}  // namespace

crypto::Hash perfect_root(const crypto::Hash* hashes, std::size_t count) {
  if (count == 1) return *hashes;
  return crypto::node_hash(perfect_root(hashes, count / 2), perfect_root(hashes + count / 2, count / 2));
}

Result<crypto::Hash> tile_root(BytesView tile) {
  if (tile.size() != kAuditTileBytes) return crypto::Errc::BadFormat;
  std::vector<crypto::Hash> hashes(kAuditTileHashes);
  std::memcpy(hashes.data(), tile.data(), kAuditTileBytes);
  return perfect_root(hashes.data(), hashes.size());
}

Result<AuditTree> AuditTree::restore(crypto::Frontier frontier, std::vector<std::vector<crypto::Hash>> open) {
  for (std::size_t level = 0; level < open.size(); ++level) {
    const std::uint64_t hashes = frontier.size() >> (kTileBits * level);
    if (open[level].size() != hashes % kAuditTileHashes) return crypto::Errc::BadFormat;
  }
  if (nodes_of(open) != frontier.nodes()) return crypto::Errc::BadFormat;
  AuditTree tree;
  tree.frontier_ = std::move(frontier);
  tree.open_ = std::move(open);
  return tree;
}

void AuditTree::append(const crypto::Hash& leaf, std::vector<FullTile>& full) {
  const auto completed = frontier_.append(leaf, kTileBits);
  for (std::size_t level = 0;; ++level) {
    if (level == open_.size()) open_.emplace_back();
    auto& open = open_[level];
    open.push_back(level == 0 ? leaf : completed[level - 1]);
    if (open.size() < kAuditTileHashes) return;
    Bytes bytes(kAuditTileBytes, '\0');
    std::memcpy(bytes.data(), open.data(), kAuditTileBytes);
    const std::uint64_t number = (size() >> (kTileBits * (level + 1))) - 1;
    full.push_back({static_cast<std::uint8_t>(level), number, std::move(bytes)});
    open.clear();
  }
}

}  // namespace beffroi::storage
