// SPDX-License-Identifier: EUPL-1.2
// Reads the audit log from one snapshot: for `audit show`, extracts, `check` and tests. May wait for a disk.
// Nothing that it hands out is unverified: a record hashes to its mac, a block opens under its collectivity's
// audit key, and no record is missing between the first and the last asked for; otherwise Damaged. That the
// records are those of a signed head is recompute()'s question. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>

#include "crypto/bytes.h"
#include "crypto/merkle.h"
#include "crypto/result.h"
#include "storage/audit/audit_format.h"
#include "storage/audit/audit_log.h"
#include "storage/audit/errors.h"
#include "storage/ids.h"
#include "storage/index/index.h"

namespace beffroi::storage {

// One record; the views die with the visit. Purged: `salt` and `body` are empty, `mac` remains.
struct AuditEntry {
  std::uint64_t sequence = 0;
  std::uint64_t ms = 0;
  BytesView salt;
  BytesView body;
  BytesView mac;
  bool purged = false;
};

class AuditReader {
 public:
  // Both must outlive the object.
  AuditReader(const Snapshot&, const AuditSealers&);

  // A tree's stored frontier; an empty one when T has none. T = 0: the global tree.
  Result<AuditFrontier> frontier(CollectivityId) const;

  // Visits the records `from` <= sequence < `to` of T's log, oldest first, up to its end; a visit's error
  // ends the reading and is returned. Needs T's audit key (NoKey) unless all is purged.
  using Visit = std::function<Result<void>(const AuditEntry&)>;
  Result<void> read(CollectivityId, std::uint64_t from, std::uint64_t to, const Visit&) const;

  // The same for what needs no key: the leaf hashes of T's tree (T = 0: of the state leaves).
  using VisitLeaf = std::function<Result<void>(std::uint64_t sequence, const crypto::Hash&)>;
  Result<void> leaves(CollectivityId, std::uint64_t from, std::uint64_t to, const VisitLeaf&) const;

  // The tree of the first `size` leaves, computed anew from the rows. Compare its root with a state leaf's,
  // or with frontier()'s.
  Result<crypto::Frontier> recompute(CollectivityId, std::uint64_t size) const;

  // The first of the first `size` records whose time is `ms` or later; `size` when none is. Found by halving: where the clock went
  // back, it is one of those with an earlier record before them. Needs no key.
  Result<std::uint64_t> first_at(CollectivityId, std::uint64_t ms, std::uint64_t size) const;

  // Visits the state leaves `from` <= index < `to` of the global tree.
  using VisitStateLeaf = std::function<Result<void>(std::uint64_t index, const StateLeaf&)>;
  Result<void> state_leaves(std::uint64_t from, std::uint64_t to, const VisitStateLeaf&) const;

 private:
  const Snapshot& snapshot_;
  const AuditSealers& sealers_;
};

}  // namespace beffroi::storage
