// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_rows.h"

#include "crypto/errors.h"
#include "storage/audit/audit_format.h"
#include "storage/audit/errors.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kTreePrefixBytes = 1 + 4;  // 01 T

Result<std::uint64_t> visit_record_leaves(const AuditRow& row, CollectivityId t, std::uint64_t from,
                                          std::uint64_t to, const VisitLeafHash& visit) {
  const auto block = decode_audit_block(row.value);
  if (!block) return damage_of(block.error());
  for (std::uint32_t i = 0; i < block->count; ++i) {
    const std::uint64_t sequence = row.first + i;
    if (sequence < from || sequence >= to) continue;
    const auto hash = audit_leaf_hash(t, sequence, block->ms(i), block->mac(i));
    if (auto visited = visit(sequence, hash); !visited) return visited.error();
  }
  return block->count;
}

Result<std::uint64_t> visit_state_leaves(const AuditRow& row, std::uint64_t from, std::uint64_t to,
                                         const VisitLeafHash& visit) {
  if (row.value.size() % kStateLeafBytes != 0) return AuditErrc::Damaged;
  const std::uint64_t count = row.value.size() / kStateLeafBytes;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t sequence = row.first + i;
    if (sequence < from || sequence >= to) continue;
    const auto hash = crypto::leaf_hash(row.value.substr(i * kStateLeafBytes, kStateLeafBytes));
    if (auto visited = visit(sequence, hash); !visited) return visited.error();
  }
  return count;
}

}  // namespace

error_code damage_of(error_code error) {
  if (error == crypto::Errc::BadFormat || error == crypto::Errc::Unauthentic) return AuditErrc::Damaged;
  return error;
}

Result<void> scan_audit_rows(Cursor& cursor, CollectivityId t, std::uint64_t from, std::uint64_t to,
                             const VisitAuditRow& visit) {
  if (from >= to) return {};
  const Bytes start = keys::audit_block(t, from);
  const BytesView prefix = BytesView(start).substr(0, kTreePrefixBytes);
  const auto is_ours = [&] {
    return cursor.valid() && cursor.key().size() == start.size() && cursor.key().starts_with(prefix);
  };
  std::uint64_t expected = from;  // of all before it, those asked for were visited
  bool is_first = true;           // the row that holds `from` may begin before it
  for (cursor.seek_last(start); expected < to && is_ours(); cursor.next()) {
    const auto first = load_be<std::uint64_t>(cursor.key().data() + kTreePrefixBytes);
    if (is_first ? first > expected : first != expected) return AuditErrc::Damaged;
    const auto count = visit({first, cursor.key(), cursor.value()});
    if (!count) return count.error();
    if (first + *count <= expected) return AuditErrc::Damaged;
    expected = first + *count;
    is_first = false;
  }
  if (auto status = cursor.status(); !status) return status;
  if (expected < to) return AuditErrc::Damaged;
  return {};
}

Result<void> scan_leaf_hashes(Cursor& cursor, CollectivityId t, std::uint64_t from, std::uint64_t to,
                              const VisitLeafHash& visit) {
  return scan_audit_rows(cursor, t, from, to, [&](const AuditRow& row) {
    return t == kGlobal ? visit_state_leaves(row, from, to, visit)
                        : visit_record_leaves(row, t, from, to, visit);
  });
}

}  // namespace beffroi::storage
