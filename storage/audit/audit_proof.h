// SPDX-License-Identifier: EUPL-1.2
// Proofs over one tree of the audit log, a collectivity's or the global one (T = 0), out of its tiles and, for what no full tile
// covers yet, its rows (RFC 6962 §2.1). Reads O(log n) tiles of one snapshot and remembers them; what is read is what the rows say:
// whoever holds a signed head checks it. May wait for a disk. One thread at a time.
//
//   the range [a, b)    the roots of the perfect subtrees that make it up, from left to right; of [0, n): the frontier of n leaves
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "crypto/merkle.h"
#include "crypto/result.h"
#include "storage/ids.h"
#include "storage/index/index.h"

namespace beffroi::storage {

class AuditProver {
 public:
  // Of the tree as it was at `size`, which its rows must have reached. The snapshot outlives the object.
  AuditProver(const Snapshot&, CollectivityId, std::uint64_t size);

  // Each: Damaged when rows are missing; BadFormat for numbers out of order or beyond `size`.
  Result<crypto::Hash> root();
  Result<std::vector<crypto::Hash>> range(std::uint64_t from, std::uint64_t to);
  Result<std::vector<crypto::Hash>> inclusion(std::uint64_t index);
  Result<std::vector<crypto::Hash>> consistency(std::uint64_t from);  // from a tree of so many leaves to this one

 private:
  using Hashes = std::vector<crypto::Hash>;
  Result<crypto::Hash> node(unsigned level, std::uint64_t index);  // of 2^level leaves
  Result<const Hashes*> tile(std::uint8_t level, std::uint64_t number);
  Result<Hashes> read_tile(std::uint8_t level, std::uint64_t number);

  const Snapshot& snapshot_;
  const CollectivityId tree_;
  const std::uint64_t size_;
  std::map<std::pair<std::uint8_t, std::uint64_t>, Hashes> tiles_;
};

}  // namespace beffroi::storage
