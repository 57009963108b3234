// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_reader.h"

#include <algorithm>
#include <utility>

#include "crypto/hmac.h"
#include "storage/audit/audit_codec.h"
#include "storage/audit/audit_rows.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

// Opens the blocks of one collectivity, one after the other.
class BlockOpener {
 public:
  BlockOpener(CollectivityId t, const AuditSealers& sealers) : collectivity_(t), sealers_(sealers) {}

  // The payload's entries, as views into this object; none when the block is purged.
  Result<std::vector<AuditPayloadEntry>> open(const AuditRow& row, const AuditBlock& block) {
    if (block.codec == AuditCodec::Purged) return std::vector<AuditPayloadEntry>{};
    if (!sealer_) sealer_ = sealers_.sealer(collectivity_);
    if (!sealer_) return AuditErrc::NoKey;
    auto payload = sealer_->open({static_cast<std::uint8_t>(Table::Audit), row.key}, block.sealed);
    if (payload && block.codec == AuditCodec::Zstd) payload = decompressor_.decompress(*payload);
    if (!payload) return damage_of(payload.error());
    payload_ = std::move(*payload);
    auto entries = split_audit_payload(payload_, block.count);
    if (!entries) return damage_of(entries.error());
    return entries;
  }

 private:
  const CollectivityId collectivity_;
  const AuditSealers& sealers_;
  std::shared_ptr<const crypto::RowSealer> sealer_;
  AuditDecompressor decompressor_;
  Bytes payload_;
};

Result<std::uint64_t> visit_block(const AuditRow& row, std::uint64_t from, std::uint64_t to,
                                  BlockOpener& opener, const AuditReader::Visit& visit) {
  const auto block = decode_audit_block(row.value);
  if (!block) return damage_of(block.error());
  const auto entries = opener.open(row, *block);
  if (!entries) return entries.error();
  for (std::uint32_t i = 0; i < block->count; ++i) {
    AuditEntry entry{row.first + i, block->ms(i), {}, {}, block->mac(i), entries->empty()};
    if (entry.sequence < from || entry.sequence >= to) continue;
    if (!entry.purged) {
      entry.salt = (*entries)[i].salt;
      entry.body = (*entries)[i].body;
      if (crypto::hmac_sha256(entry.salt, entry.body) != entry.mac) return AuditErrc::Damaged;
    }
    if (auto visited = visit(entry); !visited) return visited.error();
  }
  return block->count;
}

}  // namespace

AuditReader::AuditReader(const Snapshot& snapshot, const AuditSealers& sealers)
    : snapshot_(snapshot), sealers_(sealers) {}

Result<AuditFrontier> AuditReader::frontier(CollectivityId t) const {
  const auto row = snapshot_.get(Table::Audit, keys::audit_frontier(t));
  if (!row && row.error() == IndexErrc::NotFound) return AuditFrontier{};
  if (!row) return row.error();
  auto decoded = decode_audit_frontier(*row);
  if (!decoded) return damage_of(decoded.error());
  return decoded;
}

Result<void> AuditReader::read(CollectivityId t, std::uint64_t from, std::uint64_t to,
                               const Visit& visit) const {
  const auto end = frontier(t);
  if (!end) return end.error();
  to = std::min(to, end->frontier.size());
  BlockOpener opener(t, sealers_);
  const auto cursor = snapshot_.cursor(Table::Audit);
  return scan_audit_rows(*cursor, t, from, to,
                         [&](const AuditRow& row) { return visit_block(row, from, to, opener, visit); });
}

Result<void> AuditReader::leaves(CollectivityId t, std::uint64_t from, std::uint64_t to,
                                 const VisitLeaf& visit) const {
  const auto end = frontier(t);
  if (!end) return end.error();
  const auto cursor = snapshot_.cursor(Table::Audit);
  return scan_leaf_hashes(*cursor, t, from, std::min(to, end->frontier.size()), visit);
}

Result<crypto::Frontier> AuditReader::recompute(CollectivityId t, std::uint64_t size) const {
  const auto end = frontier(t);
  if (!end) return end.error();
  if (size > end->frontier.size()) return AuditErrc::Damaged;
  crypto::Frontier tree;
  auto visited = leaves(t, 0, size, [&](std::uint64_t, const crypto::Hash& leaf) -> Result<void> {
    tree.append(leaf);
    return {};
  });
  if (!visited) return visited.error();
  return tree;
}

Result<std::uint64_t> AuditReader::first_at(CollectivityId t, std::uint64_t ms, std::uint64_t size) const {
  const auto cursor = snapshot_.cursor(Table::Audit);
  std::uint64_t low = 0, high = size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    bool is_before = false;
    const auto scanned =
        scan_audit_rows(*cursor, t, middle, middle + 1, [&](const AuditRow& row) -> Result<std::uint64_t> {
          const auto block = decode_audit_block(row.value);
          if (!block) return damage_of(block.error());
          if (middle - row.first >= block->count) return AuditErrc::Damaged;
          is_before = block->ms(static_cast<std::uint32_t>(middle - row.first)) < ms;
          return block->count;
        });
    if (!scanned) return scanned.error();
    if (is_before) low = middle + 1;
    else high = middle;
  }
  return low;
}

Result<void> AuditReader::state_leaves(std::uint64_t from, std::uint64_t to,
                                       const VisitStateLeaf& visit) const {
  const auto end = frontier(kGlobal);
  if (!end) return end.error();
  to = std::min(to, end->frontier.size());
  const auto cursor = snapshot_.cursor(Table::Audit);
  return scan_audit_rows(*cursor, kGlobal, from, to, [&](const AuditRow& row) -> Result<std::uint64_t> {
    const auto leaves = decode_state_leaves(row.value);
    if (!leaves) return damage_of(leaves.error());
    for (std::uint64_t i = 0; i < leaves->size(); ++i) {
      if (row.first + i < from || row.first + i >= to) continue;
      if (auto visited = visit(row.first + i, (*leaves)[i]); !visited) return visited.error();
    }
    return leaves->size();
  });
}

}  // namespace beffroi::storage
