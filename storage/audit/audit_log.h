// SPDX-License-Identifier: EUPL-1.2
// The audit log's writer: a Merkle tree for each collectivity and one over all of them, grown inside the
// committer's groups, so that a change and its record are in one frame. Used by the committer's thread only,
// except global_head().
//
//   for each change of a group   add(record)
//   sometimes                    add_state_leaf(T, ...)      puts a tree's size and root, as they are now,
//   into the global tree once a group                 finish(batch)               its rows: one block a
//   touched tree, tiles that became full, frontiers the frame is durable and applied publish()
//
// What was added cannot be taken back: add only what the group will commit; if the group then fails, the
// process stops and a start reads the trees from the index again. Memory: for each collectivity seen since
// the start, its frontier and at most 255 hashes for each tile level.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/merkle.h"
#include "crypto/result.h"
#include "crypto/row_seal.h"
#include "storage/audit/audit_record.h"
#include "storage/audit/errors.h"
#include "storage/ids.h"
#include "storage/index/index.h"

namespace beffroi::storage {

// Where the audit finds each collectivity's audit seal: the keyring, which this room may not name.
class AuditSealers {
 public:
  virtual ~AuditSealers() = default;
  virtual std::shared_ptr<const crypto::RowSealer> sealer(
      CollectivityId) const = 0;  // null: no key. Thread-safe.
};

// The global tree as far as it is published: what a high-water mark and a checkpoint sign.
struct GlobalHead {
  std::uint64_t size = 0;
  crypto::Hash root{};
};

class AuditLog {
 public:
  // Reads the frontiers, after the log was replayed into `index`. Damaged. Both must outlive the object.
  static Result<std::unique_ptr<AuditLog>> open(const Index& index, const AuditSealers& sealers);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;

  // Gives the record its own sequence in its collectivity's log and appends it; returns that sequence.
  // record.ms is the caller's. NoKey, Damaged (or what the index answered): nothing was appended.
  Result<std::uint64_t> add(AuditRecord& record);
  // Appends a state leaf of T's tree, with what was added in this group so far, to the global tree. `rows`
  // and `digest` are of T's sealed rows at `sequence`. Returns the leaf's index. Damaged: nothing was
  // appended.
  Result<std::uint64_t> add_state_leaf(CollectivityId, std::uint64_t rows, BytesView digest32,
                                       Sequence sequence, std::uint64_t epoch);
  // Writes the rows of what was added since the last publish(). Once a group.
  void finish(Batch&);
  // After the frame that holds these rows is durable and applied. Cannot fail.
  void publish();

  // Collectivities (T = 1 included) with records that no state leaf covers yet, in the order of their
  // numbers.
  std::vector<CollectivityId> changed() const;
  // Size of a collectivity's own log, with what this group added; 0 for one without records.
  std::uint64_t size(CollectivityId) const;
  // Any thread: as of the last publish().
  GlobalHead global_head() const;

 private:
  struct Impl;
  explicit AuditLog(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
