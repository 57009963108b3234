// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_tree.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/audit/audit_fixture.h"

namespace beffroi::storage {
namespace {

// 66 000 leaves: 257 tiles of level 0, one of level 1, one hash open on level 2.
TEST(AuditTree, TilesAreTheNaiveHashes) {
  constexpr std::size_t kLeaves = 66'000;
  AuditTree tree;
  std::vector<FullTile> tiles;
  std::vector<crypto::Hash> leaves;
  for (std::size_t i = 0; i < kLeaves; ++i) {
    leaves.push_back(crypto::leaf_hash(std::to_string(i)));
    tree.append(leaves.back(), tiles);
  }
  EXPECT_EQ(tree.frontier().root(), naive_root(leaves));
  ASSERT_EQ(tiles.size(), 257u + 1u);
  std::vector<std::uint64_t> next(2);
  for (const FullTile& tile : tiles) {
    ASSERT_LT(tile.level, 2);
    EXPECT_EQ(tile.number, next[tile.level]++);
    const std::size_t span = tile.level == 0 ? 1 : 256;
    ASSERT_EQ(tile.hashes.size(), kAuditTileBytes);
    for (std::size_t i = 0; i < 256; ++i) {
      const std::size_t begin = (tile.number * 256 + i) * span;
      ASSERT_EQ(tile.hashes.substr(i * 32, 32), crypto::view(naive_root(leaves, begin, begin + span)));
    }
    EXPECT_EQ(*tile_root(tile.hashes),
              naive_root(leaves, tile.number * 256 * span, (tile.number + 1) * 256 * span));
  }
  EXPECT_EQ(next, (std::vector<std::uint64_t>{257, 1}));
  EXPECT_FALSE(tile_root("short"));
}

// The open hashes must be those of the frontier: one other hash, one too few, and the tree is refused.
TEST(AuditTree, RestoresOnlyWhatTheFrontierStandsFor) {
  constexpr std::size_t kLeaves = 256 * 2 + 7;
  AuditTree grown;
  std::vector<FullTile> tiles;
  std::vector<crypto::Hash> leaves;
  for (std::size_t i = 0; i < kLeaves; ++i) {
    leaves.push_back(crypto::leaf_hash(std::to_string(i)));
    grown.append(leaves.back(), tiles);
  }
  const std::vector<crypto::Hash> low(leaves.begin() + 512, leaves.end());
  const std::vector<crypto::Hash> high = {naive_root(leaves, 0, 256), naive_root(leaves, 256, 512)};
  auto restored = AuditTree::restore(grown.frontier(), {low, high});
  ASSERT_TRUE(restored);
  std::vector<FullTile> more;
  for (std::size_t i = kLeaves; i < 256 * 3; ++i) {
    leaves.push_back(crypto::leaf_hash(std::to_string(i)));
    restored->append(leaves.back(), more);
  }
  EXPECT_EQ(restored->frontier().root(), naive_root(leaves));
  ASSERT_EQ(more.size(), 1u);
  EXPECT_EQ(more[0].number, 2u);
  auto wrong = low;
  wrong[3][0] ^= 1;
  EXPECT_FALSE(AuditTree::restore(grown.frontier(), {wrong, high}));
  wrong = low;
  wrong.pop_back();
  EXPECT_FALSE(AuditTree::restore(grown.frontier(), {wrong, high}));
  EXPECT_FALSE(AuditTree::restore(grown.frontier(), {low}));
  EXPECT_FALSE(AuditTree::restore(grown.frontier(), {low, {high[1], high[0]}}));
}

}  // namespace
}  // namespace beffroi::storage
