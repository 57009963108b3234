// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/audit_purge.h"

#include <algorithm>

#include "storage/audit/audit_format.h"
#include "storage/audit/audit_reader.h"
#include "storage/audit/audit_rows.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

struct PurgedBlock {
  Bytes key, value;
};

// Nobody else writes a block that exists: there is nothing to claim.
class DropBodies final : public Change {
 public:
  DropBodies(CollectivityId t, std::vector<PurgedBlock> blocks, std::uint64_t from, std::uint64_t to) : blocks_(std::move(blocks)) {
    background = true;
    audit.emplace();
    audit->collectivity = t;
    audit->operation = "PurgeAuditRecords";
    audit->reason = "retention";
    audit->after = "{\"from\":" + std::to_string(from) + ",\"to\":" + std::to_string(to) + "}";
  }
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    for (PurgedBlock& block : blocks_) group.put(Table::Audit, std::move(block.key), std::move(block.value));
    return {};
  }

 private:
  std::vector<PurgedBlock> blocks_;
};

bool all_before(const AuditBlock& block, std::uint64_t ms) {
  for (std::uint32_t i = 0; i < block.count; ++i) {
    if (block.ms(i) >= ms) return false;
  }
  return true;
}

}  // namespace

Result<std::uint64_t> AuditPurger::first_with_bodies(Cursor& cursor, CollectivityId t, std::uint64_t size) const {
  std::uint64_t low = 0, high = size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto scanned = scan_audit_rows(cursor, t, middle, middle + 1, [&](const AuditRow& row) -> Result<std::uint64_t> {
      const auto block = decode_audit_block(row.value);
      if (!block) return damage_of(block.error());
      if (block->codec == AuditCodec::Purged) low = row.first + block->count;
      else high = row.first;
      return block->count;
    });
    if (!scanned) return scanned.error();
  }
  return low;
}

Result<void> AuditPurger::purge(CollectivityId t, std::uint64_t before_ms) {
  while (!store_.failed) {
    const auto snapshot = store_.index->snapshot();
    const auto head = AuditReader(*snapshot, *store_.sealers).frontier(t);
    if (!head) return head.error();
    const std::uint64_t size = head->frontier.size();
    const auto cursor = snapshot->cursor(Table::Audit);
    const auto from = first_with_bodies(*cursor, t, size);
    if (!from) return from.error();
    std::vector<PurgedBlock> blocks;
    std::uint64_t to = *from;
    std::size_t bytes = 0;
    for (cursor->seek(keys::audit_block(t, *from)); to < size && blocks.size() < kPurgeBlocksMax && bytes < kPurgeBytesMax; cursor->next()) {
      if (!cursor->valid() || cursor->key() != keys::audit_block(t, to)) break;
      const auto block = decode_audit_block(cursor->value());
      if (!block) return damage_of(block.error());
      if (!all_before(*block, before_ms)) break;
      blocks.push_back({Bytes(cursor->key()), encode_audit_block_head(AuditCodec::Purged, block->count, block->kept)});
      to += block->count;
      bytes += block->kept.size();
    }
    if (auto status = cursor->status(); !status) return status;
    if (blocks.empty()) return {};
    const auto committed = committer_.commit(std::make_unique<DropBodies>(t, std::move(blocks), *from, to));
    if (!committed) return committed.error();
  }
  return {};
}

Result<void> AuditPurger::run_when_due() {
  const std::int64_t now = store_.clock.boot_ms();
  if (last_ms_ && now - *last_ms_ < kPurgeEveryMs) return {};
  const std::int64_t before = store_.clock.wall_ms() - store_.options.audit_retention_ms;
  if (before > 0) {
    std::vector<CollectivityId> logs{kAppliance};
    for (const auto& c : store_.directory.collectivities()) logs.push_back(c->id);
    for (const CollectivityId t : logs) {
      if (auto purged = purge(t, static_cast<std::uint64_t>(before)); !purged) return purged;
    }
  }
  last_ms_ = now;
  return {};
}

}  // namespace beffroi::storage
