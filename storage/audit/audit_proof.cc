// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_proof.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "crypto/errors.h"
#include "storage/audit/audit_format.h"
#include "storage/audit/audit_rows.h"
#include "storage/audit/audit_tree.h"
#include "storage/audit/errors.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

constexpr unsigned kTileBits = 8;

}  // namespace

AuditProver::AuditProver(const Snapshot& snapshot, CollectivityId tree, std::uint64_t size)
    : snapshot_(snapshot), tree_(tree), size_(size) {}

// A full tile stands in its row; the hashes of an open one are leaves, or the roots of the full tiles below.
Result<AuditProver::Hashes> AuditProver::read_tile(std::uint8_t level, std::uint64_t number) {
  const std::uint64_t first = number << kTileBits;
  const std::uint64_t end = std::min(first + kAuditTileHashes, size_ >> (kTileBits * level));
  Hashes hashes;
  if (end == first + kAuditTileHashes) {
    const auto row = snapshot_.get(Table::Audit, keys::audit_tile(tree_, level, number));
    if (!row) return row.error() == IndexErrc::NotFound ? error_code(AuditErrc::Damaged) : row.error();
    if (row->size() != kAuditTileBytes) return AuditErrc::Damaged;
    hashes.resize(kAuditTileHashes);
    std::memcpy(hashes.data(), row->data(), kAuditTileBytes);
    return hashes;
  }
  if (level == 0) {
    const auto cursor = snapshot_.cursor(Table::Audit);
    const auto scanned = scan_leaf_hashes(*cursor, tree_, first, end, [&](std::uint64_t, const crypto::Hash& hash) -> Result<void> {
      hashes.push_back(hash);
      return {};
    });
    if (!scanned) return scanned.error();
    return hashes;
  }
  for (std::uint64_t below = first; below < end; ++below) {
    const auto full = tile(static_cast<std::uint8_t>(level - 1), below);
    if (!full) return full.error();
    hashes.push_back(perfect_root((*full)->data(), (*full)->size()));
  }
  return hashes;
}

Result<const AuditProver::Hashes*> AuditProver::tile(std::uint8_t level, std::uint64_t number) {
  const auto known = tiles_.find({level, number});
  if (known != tiles_.end()) return &known->second;
  auto read = read_tile(level, number);
  if (!read) return read.error();
  return &(tiles_[{level, number}] = std::move(*read));
}

Result<crypto::Hash> AuditProver::node(unsigned level, std::uint64_t index) {
  const auto tile_level = static_cast<std::uint8_t>(level / kTileBits);
  const unsigned within = level % kTileBits;
  const std::uint64_t first = index << within;
  const auto hashes = tile(tile_level, first >> kTileBits);
  if (!hashes) return hashes.error();
  const std::size_t at = first % kAuditTileHashes, count = std::size_t{1} << within;
  if (at + count > (*hashes)->size()) return AuditErrc::Damaged;
  return perfect_root((*hashes)->data() + at, count);
}

Result<AuditProver::Hashes> AuditProver::range(std::uint64_t from, std::uint64_t to) {
  if (from > to || to > size_) return crypto::Errc::BadFormat;
  Hashes nodes;
  while (from < to) {
    // The largest subtree that begins at `from` and ends by `to`.
    unsigned level = static_cast<unsigned>(std::bit_width(to - from)) - 1;
    if (from != 0) level = std::min(level, static_cast<unsigned>(std::countr_zero(from)));
    const auto hash = node(level, from >> level);
    if (!hash) return hash.error();
    nodes.push_back(*hash);
    from += std::uint64_t{1} << level;
  }
  return nodes;
}

Result<crypto::Hash> AuditProver::root() {
  auto nodes = range(0, size_);
  if (!nodes) return nodes.error();
  const auto frontier = crypto::Frontier::restore(size_, std::move(*nodes));
  if (!frontier) return frontier.error();
  return frontier->root();
}

Result<AuditProver::Hashes> AuditProver::inclusion(std::uint64_t index) {
  return crypto::inclusion_proof(index, size_, [this](unsigned level, std::uint64_t at) { return node(level, at); });
}

Result<AuditProver::Hashes> AuditProver::consistency(std::uint64_t from) {
  return crypto::consistency_proof(from, size_, [this](unsigned level, std::uint64_t at) { return node(level, at); });
}

}  // namespace beffroi::storage
