// SPDX-License-Identifier: EUPL-1.2
// Random groups of records and state leaves for several collectivities, with restarts, groups that are lost, and blocks that are
// purged. The model keeps every leaf; roots, tiles, state leaves and records of the store must be the model's.
#include <gtest/gtest.h>

#include <random>

#include "storage/index/keys.h"
#include "tests/unit/storage/audit/audit_fixture.h"

namespace beffroi::storage {
namespace {

constexpr std::uint32_t kTowns[] = {1, 16, 17, 18};

struct Model {
  std::map<std::uint32_t, std::vector<Bytes>> bodies;
  std::map<std::uint32_t, std::uint64_t> covered;  // by the last state leaf
  std::vector<StateLeaf> states;                   // root and previous unset
};

struct Workload {
  std::mt19937 random;
  AuditStore store;
  Model committed;

  explicit Workload(unsigned seed) : random(seed) {}
  unsigned pick(unsigned n) { return random() % n; }

  void group(Model& next) {
    for (unsigned n = pick(6); n > 0; --n) {
      const std::uint32_t t = kTowns[pick(4)];
      if (pick(5) == 0) {
        const auto size = next.bodies[t].size();
        ASSERT_EQ(*store.log->add_state_leaf(CollectivityId{t}, size * 2, Bytes(32, static_cast<char>(n)),
                                             Sequence{n}, 1),
                  next.states.size());
        next.states.push_back({CollectivityId{t},
                               size,
                               {},
                               0,
                               size * 2,
                               to_hash(Bytes(32, static_cast<char>(n))),
                               Sequence{n},
                               1});
        next.covered[t] = size;
        continue;
      }
      for (unsigned burst = pick(8) == 0 ? pick(400) : 1; burst > 0; --burst) {
        AuditRecord r = record_of(t, Bytes(1 + pick(30), static_cast<char>(random())));
        r.ms += pick(1'000);
        const auto sequence = store.log->add(r);
        ASSERT_TRUE(sequence);
        ASSERT_EQ(*sequence, next.bodies[t].size());
        next.bodies[t].push_back(encode(r));
      }
    }
  }

  void step() {
    Model next = committed;
    group(next);
    Batch batch;
    store.log->finish(batch);
    if (pick(10) == 0) return store.restart();  // the frame was not written
    ASSERT_TRUE(store.index.apply(batch));
    committed = std::move(next);
    if (pick(5) == 0) return store.restart();  // ... or it was, and the process died behind it
    store.log->publish();
  }

  void purge_one() {
    const auto rows = store.index.rows(Table::Audit);
    auto it = rows.begin();
    std::advance(it, pick(rows.size()));
    if (it->first[0] != 1 || load_be<std::uint32_t>(it->first.data() + 1) == 0) return;
    const auto block = decode_audit_block(it->second);
    ASSERT_TRUE(block);
    Batch batch;
    batch.put(Table::Audit, it->first,
              encode_audit_block_head(AuditCodec::Purged, block->count, block->kept));
    ASSERT_TRUE(store.index.apply(batch));
  }

  // The leaves of a town as its records give them; a purged one's is taken from its mac.
  std::vector<crypto::Hash> read_town(AuditReader& reader, std::uint32_t t) {
    std::vector<crypto::Hash> leaves;
    const auto& bodies = committed.bodies[t];
    EXPECT_TRUE(
        reader.read(CollectivityId{t}, 0, ~std::uint64_t{0}, [&](const AuditEntry& e) -> Result<void> {
          EXPECT_EQ(e.sequence, leaves.size());
          if (e.purged) {
            leaves.push_back(audit_leaf_hash(CollectivityId{t}, e.sequence, e.ms, e.mac));
          } else {
            EXPECT_EQ(e.body, bodies[e.sequence]);
            leaves.push_back(naive_leaf(t, e.sequence, e.ms, e.salt, e.body));
          }
          return {};
        }));
    EXPECT_EQ(leaves.size(), bodies.size());
    return leaves;
  }

  void expect_tiles(std::uint32_t t, const std::vector<crypto::Hash>& leaves) {
    const std::size_t full = leaves.size() / 256;
    for (std::size_t number = 0; number < full; ++number) {
      const auto tile = store.index.get(Table::Audit, keys::audit_tile(CollectivityId{t}, 0, number));
      ASSERT_TRUE(tile);
      for (std::size_t i = 0; i < 256; ++i)
        ASSERT_EQ(tile->substr(32 * i, 32), crypto::view(leaves[256 * number + i]));
    }
    EXPECT_FALSE(store.index.get(Table::Audit, keys::audit_tile(CollectivityId{t}, 0, full)));
  }

  void expect_model() {
    const auto snapshot = store.index.snapshot();
    AuditReader reader(*snapshot, store.sealers);
    std::map<std::uint32_t, std::vector<crypto::Hash>> leaves;
    std::vector<CollectivityId> changed;
    for (const std::uint32_t t : kTowns) {
      leaves[t] = read_town(reader, t);
      EXPECT_EQ(reader.frontier(CollectivityId{t})->frontier.root(), naive_root(leaves[t]));
      EXPECT_EQ(reader.recompute(CollectivityId{t}, leaves[t].size())->root(), naive_root(leaves[t]));
      EXPECT_EQ(store.log->size(CollectivityId{t}), leaves[t].size());
      expect_tiles(t, leaves[t]);
      if (leaves[t].size() > committed.covered[t]) changed.push_back(CollectivityId{t});
    }
    EXPECT_EQ(store.log->changed(), changed);
    std::map<std::uint32_t, std::uint64_t> previous;
    std::vector<crypto::Hash> global;
    EXPECT_TRUE(reader.state_leaves(
        0, ~std::uint64_t{0}, [&](std::uint64_t index, const StateLeaf& leaf) -> Result<void> {
          StateLeaf expected = committed.states.at(index);
          const auto t = raw(leaf.collectivity);
          expected.root = naive_root(leaves[t], 0, expected.size);
          expected.previous = previous.contains(t) ? previous[t] : kNoStateLeaf;
          EXPECT_EQ(leaf, expected);
          previous[t] = index;
          global.push_back(to_hash(crypto::sha256(Bytes(1, '\0') + encode(leaf))));
          return {};
        }));
    EXPECT_EQ(global.size(), committed.states.size());
    EXPECT_EQ(store.log->global_head().size, global.size());
    EXPECT_EQ(store.log->global_head().root, naive_root(global));
    expect_tiles(0, global);
  }
};

class AuditProperty : public testing::TestWithParam<unsigned> {};

TEST_P(AuditProperty, StoreIsTheModel) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  Workload run(GetParam());
  for (int i = 0; i < 120 && !testing::Test::HasFatalFailure(); ++i) {
    run.step();
    if (run.pick(10) == 0) run.purge_one();
    if (run.pick(30) == 0) run.expect_model();
  }
  run.store.restart();
  run.expect_model();
}

INSTANTIATE_TEST_SUITE_P(Seeds, AuditProperty, testing::Range(1u, 9u));

}  // namespace
}  // namespace beffroi::storage
