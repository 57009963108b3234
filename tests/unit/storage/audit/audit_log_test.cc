// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_log.h"

#include <gtest/gtest.h>

#include "storage/index/keys.h"
#include "tests/unit/storage/audit/audit_fixture.h"

namespace beffroi::storage {
namespace {

const Bytes kDigest(32, 'd');

TEST(AuditLog, ARecordComesBackAsItWasEncoded) {
  AuditStore store;
  AuditRecord r = record_of(16);
  EXPECT_EQ(*store.log->add(r), 0u);
  AuditRecord second = record_of(16, "b.pdf");
  EXPECT_EQ(*store.log->add(second), 1u);
  EXPECT_EQ(second.sequence, 1u);
  store.commit();
  const auto snapshot = store.index.snapshot();
  AuditReader reader(*snapshot, store.sealers);
  std::vector<Bytes> bodies;
  ASSERT_TRUE(reader.read(CollectivityId{16}, 0, 100, [&](const AuditEntry& e) -> Result<void> {
    EXPECT_EQ(e.sequence, bodies.size());
    EXPECT_EQ(e.ms, 1'795'507'200'000u);
    EXPECT_FALSE(e.purged);
    bodies.emplace_back(e.body);
    return {};
  }));
  EXPECT_EQ(bodies, (std::vector<Bytes>{encode(r), encode(second)}));
}

TEST(AuditLog, OneBlockRowATouchedTreeAndGroup) {
  AuditStore store;
  store.add(16, 3);
  store.add(17, 1);
  Batch batch;
  store.log->finish(batch);
  std::vector<Bytes> keys;
  for (const Row& row : batch.rows()) {
    EXPECT_EQ(row.table, Table::Audit);
    keys.push_back(row.key);
  }
  EXPECT_EQ(keys, (std::vector<Bytes>{
                      keys::audit_block(CollectivityId{16}, 0), keys::audit_frontier(CollectivityId{16}),
                      keys::audit_block(CollectivityId{17}, 0), keys::audit_frontier(CollectivityId{17})}));
  ASSERT_TRUE(store.index.apply(batch));
  store.log->publish();
  Batch nothing;
  store.log->finish(nothing);
  EXPECT_TRUE(nothing.empty());
  store.log->publish();
}

TEST(AuditLog, NoNameStandsInClearAndLongBlocksAreCompressed) {
  AuditStore store;
  for (int i = 0; i < 200; ++i) {
    AuditRecord r = record_of(16, "MARKER");
    ASSERT_TRUE(store.log->add(r));
  }
  store.commit();
  const auto rows = store.index.rows(Table::Audit);
  for (const auto& [key, value] : rows) EXPECT_EQ(value.find("MARKER"), Bytes::npos);
  const auto& block = rows.at(keys::audit_block(CollectivityId{16}, 0));
  EXPECT_EQ(decode_audit_block(block)->codec, AuditCodec::Zstd);
  EXPECT_LT(block.size(), 200 * (kAuditKeptBytes + kAuditSaltBytes + 40));
}

TEST(AuditLog, WithoutAKeyNothingIsAppended) {
  AuditStore store;
  AuditRecord r = record_of(99);
  EXPECT_EQ(store.log->add(r).error(), AuditErrc::NoKey);
  EXPECT_EQ(store.log->size(CollectivityId{99}), 0u);
  Batch batch;
  store.log->finish(batch);
  EXPECT_TRUE(batch.empty());
}

TEST(AuditLog, StateLeavesNameSizeRootAndTheOneBefore) {
  AuditStore store;
  EXPECT_EQ(store.log->global_head().size, 0u);
  EXPECT_EQ(store.log->global_head().root, to_hash(crypto::sha256("")));
  store.add(16, 5);
  store.add(1, 2);
  EXPECT_EQ(store.log->changed(), (std::vector<CollectivityId>{kAppliance, CollectivityId{16}}));
  EXPECT_EQ(*store.log->add_state_leaf(CollectivityId{16}, 9, kDigest, Sequence{3}, 2), 0u);
  EXPECT_EQ(store.log->changed(), (std::vector<CollectivityId>{kAppliance}));
  EXPECT_EQ(store.log->global_head().size, 0u);  // not published yet
  store.commit();
  EXPECT_EQ(store.log->global_head().size, 1u);
  store.restart();
  EXPECT_EQ(store.log->changed(), (std::vector<CollectivityId>{kAppliance}));
  store.add(16);
  EXPECT_EQ(*store.log->add_state_leaf(kAppliance, 0, kDigest, Sequence{4}, 2), 1u);
  EXPECT_EQ(*store.log->add_state_leaf(CollectivityId{16}, 10, kDigest, Sequence{4}, 2), 2u);
  EXPECT_EQ(*store.log->add_state_leaf(CollectivityId{20}, 0, kDigest, Sequence{4}, 2),
            3u);  // of one without records
  store.commit();
  const auto snapshot = store.index.snapshot();
  AuditReader reader(*snapshot, store.sealers);
  std::vector<StateLeaf> leaves;
  ASSERT_TRUE(reader.state_leaves(0, 100, [&](std::uint64_t index, const StateLeaf& leaf) -> Result<void> {
    EXPECT_EQ(index, leaves.size());
    leaves.push_back(leaf);
    return {};
  }));
  ASSERT_EQ(leaves.size(), 4u);
  EXPECT_EQ(leaves[0], (StateLeaf{CollectivityId{16}, 5, reader.recompute(CollectivityId{16}, 5)->root(),
                                  kNoStateLeaf, 9, to_hash(kDigest), Sequence{3}, 2}));
  EXPECT_EQ(leaves[2].previous, 0u);
  EXPECT_EQ(leaves[2].size, 6u);
  EXPECT_EQ(leaves[2].root, reader.frontier(CollectivityId{16})->frontier.root());
  EXPECT_EQ(leaves[3].size, 0u);
  EXPECT_EQ(leaves[3].root, to_hash(crypto::sha256("")));
  std::vector<crypto::Hash> hashes;
  for (const StateLeaf& leaf : leaves)
    hashes.push_back(to_hash(crypto::sha256(Bytes(1, '\0') + encode(leaf))));
  EXPECT_EQ(store.log->global_head().root, naive_root(hashes));
  store.restart();
  EXPECT_TRUE(store.log->changed().empty());
  EXPECT_EQ(store.log->global_head().root, naive_root(hashes));
}

TEST(AuditLog, AGroupThatWasNotAppliedIsForgottenByARestart) {
  AuditStore store;
  store.add(16, 2);
  store.commit();
  store.add(16, 3);
  Batch lost;
  store.log->finish(lost);
  store.restart();
  EXPECT_EQ(store.log->size(CollectivityId{16}), 2u);
  store.add(16, 1);
  store.commit();
  EXPECT_EQ(store.log->size(CollectivityId{16}), 3u);
}

// A purge replaces a block by its kept part: the tree, the next appends and the state leaves do not notice.
TEST(AuditLog, APurgedBlockStillCarriesTheTree) {
  AuditStore store;
  store.add(16, 4);
  store.commit();
  const auto before =
      AuditReader(*store.index.snapshot(), store.sealers).frontier(CollectivityId{16})->frontier.root();
  const Bytes key = keys::audit_block(CollectivityId{16}, 0);
  const Bytes value = *store.index.get(Table::Audit, key);
  const auto block = decode_audit_block(value);
  Batch purge;
  purge.put(Table::Audit, key, encode_audit_block_head(AuditCodec::Purged, block->count, block->kept));
  ASSERT_TRUE(store.index.apply(purge));
  store.restart();
  store.add(16, 1);
  store.commit();
  const auto snapshot = store.index.snapshot();
  AuditReader reader(*snapshot, store.sealers);
  EXPECT_EQ(reader.recompute(CollectivityId{16}, 4)->root(), before);
  EXPECT_EQ(reader.recompute(CollectivityId{16}, 5)->root(),
            reader.frontier(CollectivityId{16})->frontier.root());
  std::vector<bool> purged;
  ASSERT_TRUE(reader.read(CollectivityId{16}, 0, 5, [&](const AuditEntry& e) -> Result<void> {
    EXPECT_EQ(e.mac.size(), 32u);
    EXPECT_EQ(e.body.empty(), e.purged);
    purged.push_back(e.purged);
    return {};
  }));
  EXPECT_EQ(purged, (std::vector<bool>{true, true, true, true, false}));
}

// What the reader itself refuses, without any root to compare with.
TEST(AuditReader, NoticesAlone) {
  AuditStore store;
  for (int group = 0; group < 3; ++group) {
    store.add(16, 2);
    store.commit();
  }
  const auto read = [&](std::uint64_t from, std::uint64_t to) {
    std::uint64_t seen = 0;
    const auto snapshot = store.index.snapshot();
    auto done = AuditReader(*snapshot, store.sealers)
                    .read(CollectivityId{16}, from, to, [&](const AuditEntry& e) -> Result<void> {
                      EXPECT_EQ(e.sequence, from + seen++);
                      return {};
                    });
    return done ? Result<std::uint64_t>(seen) : Result<std::uint64_t>(done.error());
  };
  const auto put = [&](const Bytes& key, const Bytes& value) {
    Batch batch;
    batch.put(Table::Audit, key, value);
    ASSERT_TRUE(store.index.apply(batch));
  };
  EXPECT_EQ(*read(0, 6), 6u);
  EXPECT_EQ(*read(1, 5), 4u);
  EXPECT_EQ(*read(3, 3), 0u);
  EXPECT_EQ(*read(6, 9), 0u);
  const Bytes key = keys::audit_block(CollectivityId{16}, 2);
  const Bytes good = *store.index.get(Table::Audit, key);
  Bytes changed_mac = good;
  changed_mac[kAuditBlockHeaderBytes + 8] ^= 1;
  put(key, changed_mac);
  EXPECT_EQ(read(0, 6).error(), AuditErrc::Damaged);
  EXPECT_EQ(*read(4, 6), 2u);  // another block
  Batch gap;
  gap.remove(Table::Audit, key);
  ASSERT_TRUE(store.index.apply(gap));
  EXPECT_EQ(read(0, 6).error(), AuditErrc::Damaged);
  EXPECT_EQ(read(2, 3).error(), AuditErrc::Damaged);
  put(key, good);
  const auto block = decode_audit_block(good);
  put(keys::audit_block(CollectivityId{16}, 1),
      encode_audit_block_head(AuditCodec::Purged, block->count, block->kept));
  EXPECT_EQ(read(0, 6).error(), AuditErrc::Damaged);  // sequence 1 stands twice
  store.sealers.remove(CollectivityId{16});
  EXPECT_EQ(read(4, 6).error(), AuditErrc::NoKey);
}

}  // namespace
}  // namespace beffroi::storage
