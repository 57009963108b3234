// SPDX-License-Identifier: EUPL-1.2
// One growing RFC 6962 tree, with the C2SP tiles that its growth fills. In memory: the frontier, and the hashes of each level's
// open tile (at most 255). Pure; the rows around it are audit_log's.
//
//   level L holds the hashes of the perfect subtrees of 256^L leaves; 256 of them are a tile, whose own root is one hash of L + 1
#pragma once

#include <cstdint>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/merkle.h"
#include "crypto/result.h"

namespace beffroi::storage {

struct FullTile {
  std::uint8_t level = 0;
  std::uint64_t number = 0;
  Bytes hashes;  // kAuditTileBytes
};

// The root of a power of two of hashes.
crypto::Hash perfect_root(const crypto::Hash* hashes, std::size_t count);
// The root of a tile's row. BadFormat unless 256 hashes.
Result<crypto::Hash> tile_root(BytesView tile);

class AuditTree {
 public:
  AuditTree() = default;
  // `open[L]` holds the hashes of level L behind its last full tile. BadFormat unless they are what the frontier stands for.
  static Result<AuditTree> restore(crypto::Frontier, std::vector<std::vector<crypto::Hash>> open);

  // Adds a leaf, and the tiles that it fills to `full`.
  void append(const crypto::Hash& leaf, std::vector<FullTile>& full);
  const crypto::Frontier& frontier() const { return frontier_; }
  std::uint64_t size() const { return frontier_.size(); }

 private:
  crypto::Frontier frontier_;
  std::vector<std::vector<crypto::Hash>> open_;
};

}  // namespace beffroi::storage
