// SPDX-License-Identifier: EUPL-1.2
// Walks the rows of one tree in the `audit` table: blocks of records, or of state leaves (T = 0). What they have in common is that
// each covers a run of sequences and that no sequence is missing.
#pragma once

#include <cstdint>
#include <functional>

#include "crypto/bytes.h"
#include "crypto/merkle.h"
#include "crypto/result.h"
#include "storage/ids.h"
#include "storage/index/index.h"

namespace beffroi::storage {

// A row that does not decode or does not open is damage; a newer format, a missing key and the index's own errors stay what they are.
error_code damage_of(error_code);

struct AuditRow {
  std::uint64_t first = 0;  // sequence
  BytesView key;
  BytesView value;
};
// Returns how many sequences the row covers (Damaged when 0).
using VisitAuditRow = std::function<Result<std::uint64_t>(const AuditRow&)>;
// Visits the rows that cover `from` <= sequence < `to`, in order. Damaged: a gap, an overlap, or an end before `to`.
Result<void> scan_audit_rows(Cursor&, CollectivityId, std::uint64_t from, std::uint64_t to,
                             const VisitAuditRow&);

// The leaf hashes of these sequences, from what a purge keeps.
using VisitLeafHash = std::function<Result<void>(std::uint64_t sequence, const crypto::Hash&)>;
Result<void> scan_leaf_hashes(Cursor&, CollectivityId, std::uint64_t from, std::uint64_t to,
                              const VisitLeafHash&);

}  // namespace beffroi::storage
