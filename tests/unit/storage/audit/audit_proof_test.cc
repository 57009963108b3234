// SPDX-License-Identifier: EUPL-1.2
// Proofs out of tiles and rows, against the tree computed from all leaves by RFC 6962's definition, and against the published tree of
// eight leaves (transparency-dev/merkle, testonly: the leaves of RFC 6962's reference implementation).
#include "storage/audit/audit_proof.h"

#include <gtest/gtest.h>

#include <random>

#include "crypto/errors.h"
#include "storage/index/keys.h"
#include "tests/unit/storage/audit/audit_fixture.h"

namespace beffroi::storage {
namespace {

constexpr std::uint32_t kTown = 16;

std::vector<crypto::Hash> leaves_of(const Snapshot& snapshot, const AuditSealers& sealers, CollectivityId t) {
  std::vector<crypto::Hash> leaves;
  EXPECT_TRUE(AuditReader(snapshot, sealers).leaves(t, 0, ~std::uint64_t{0}, [&](std::uint64_t, const crypto::Hash& leaf) -> Result<void> {
    leaves.push_back(leaf);
    return {};
  }));
  return leaves;
}

// The tree of `size` leaves: root, proofs from and to a few places, ranges that give the root again.
void expect_tree(const Snapshot& snapshot, CollectivityId t, const std::vector<crypto::Hash>& leaves, std::uint64_t size, std::mt19937& random) {
  SCOPED_TRACE("size " + std::to_string(size));
  AuditProver prover(snapshot, t, size);
  const crypto::Hash root = naive_root(leaves, 0, size);
  ASSERT_EQ(prover.root().value(), root);
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t at = random() % size, from = random() % (size + 1), to = from + random() % (size - from + 1);
    EXPECT_TRUE(crypto::verify_inclusion(leaves[at], at, size, prover.inclusion(at).value(), root));
    EXPECT_TRUE(crypto::verify_consistency(from, size, naive_root(leaves, 0, from), root, prover.consistency(from).value()));
    auto frontier = crypto::Frontier::restore(from, prover.range(0, from).value());
    ASSERT_TRUE(frontier);
    EXPECT_EQ(frontier->root(), naive_root(leaves, 0, from));
    // Its nodes are the roots of perfect subtrees, one after the other.
    std::uint64_t place = from;
    for (const crypto::Hash& node : prover.range(from, to).value()) {
      std::uint64_t width = 1;
      while (place % (width * 2) == 0 && place + width * 2 <= to) width *= 2;
      EXPECT_EQ(node, naive_root(leaves, place, place + width));
      place += width;
    }
    EXPECT_EQ(place, to);
  }
}

TEST(AuditProver, ProvesEverySizeFromTilesAndRows) {
  AuditStore store;
  std::mt19937 random(1);
  for (int group = 0; group < 40; ++group) {
    store.add(kTown, 1 + static_cast<int>(random() % 60));
    store.commit();
  }
  const auto snapshot = store.index.snapshot();
  const auto leaves = leaves_of(*snapshot, store.sealers, CollectivityId{kTown});
  ASSERT_GT(leaves.size(), 600u);
  for (std::uint64_t size = 1; size <= 600; ++size) expect_tree(*snapshot, CollectivityId{kTown}, leaves, size, random);
}

TEST(AuditProver, ProvesWithTilesOfTwoLevels) {
  AuditStore store;
  for (int group = 0; group < 12; ++group) {
    store.add(kTown, 6'000);
    store.commit();
  }
  const auto snapshot = store.index.snapshot();
  const auto leaves = leaves_of(*snapshot, store.sealers, CollectivityId{kTown});
  ASSERT_TRUE(snapshot->get(Table::Audit, keys::audit_tile(CollectivityId{kTown}, 1, 0)));
  std::mt19937 random(2);
  for (const std::uint64_t size : {65'535, 65'536, 65'537, 66'000, 72'000}) expect_tree(*snapshot, CollectivityId{kTown}, leaves, size, random);
}

TEST(AuditProver, ProvesStateLeavesInTheGlobalTree) {
  AuditStore store;
  for (int i = 0; i < 300; ++i) {
    store.add(kTown + static_cast<std::uint32_t>(i % 3));
    ASSERT_TRUE(store.log->add_state_leaf(CollectivityId{kTown + static_cast<std::uint32_t>(i % 3)}, 1, Bytes(32, 'd'), Sequence{1}, 1));
    store.commit();
  }
  const auto snapshot = store.index.snapshot();
  const auto leaves = leaves_of(*snapshot, store.sealers, kGlobal);
  std::mt19937 random(3);
  for (const std::uint64_t size : {1, 2, 255, 256, 257, 300}) expect_tree(*snapshot, kGlobal, leaves, size, random);
}

TEST(AuditProver, RefusesNumbersBeyondTheTreeAndMissingRows) {
  AuditStore store;
  store.add(kTown, 300);
  store.commit();
  const auto snapshot = store.index.snapshot();
  AuditProver prover(*snapshot, CollectivityId{kTown}, 300);
  EXPECT_EQ(prover.inclusion(300).error(), make_error_code(crypto::Errc::BadFormat));
  EXPECT_EQ(prover.consistency(301).error(), make_error_code(crypto::Errc::BadFormat));
  EXPECT_EQ(prover.range(2, 1).error(), make_error_code(crypto::Errc::BadFormat));
  EXPECT_EQ(prover.range(0, 301).error(), make_error_code(crypto::Errc::BadFormat));
  EXPECT_TRUE(prover.range(300, 300)->empty());
  EXPECT_EQ(AuditProver(*snapshot, CollectivityId{kTown}, 0).root().value(), crypto::empty_root());
  EXPECT_EQ(AuditProver(*snapshot, CollectivityId{kTown}, 301).root().error(), make_error_code(AuditErrc::Damaged));

  Batch batch;
  batch.remove(Table::Audit, keys::audit_tile(CollectivityId{kTown}, 0, 0));
  ASSERT_TRUE(store.index.apply(batch));
  const auto without = store.index.snapshot();
  EXPECT_EQ(AuditProver(*without, CollectivityId{kTown}, 300).root().error(), make_error_code(AuditErrc::Damaged));
}

}  // namespace
}  // namespace beffroi::storage
