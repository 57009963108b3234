// SPDX-License-Identifier: EUPL-1.2
// Every row of a small audit log, removed, cut, swapped or with one byte changed: someone notices. The someone is the opening, the
// next append, the reading of all records, or the root of all leaves against the stored frontier and the state leaves.
#include <gtest/gtest.h>

#include "storage/index/keys.h"
#include "tests/unit/storage/audit/audit_fixture.h"

namespace beffroi::storage {
namespace {

constexpr CollectivityId kTown{16};

// The tiles are read once only when a log is opened and grown, and each in its turn: here the last full one.
void fill(AuditStore& store) {
  store.add(16, 254);
  store.commit();
  store.add(16, 5);
  ASSERT_TRUE(store.log->add_state_leaf(kTown, 1, Bytes(32, 'd'), Sequence{1}, 1));
  store.commit();
  store.add(16, 2);
  ASSERT_TRUE(store.log->add_state_leaf(kTown, 2, Bytes(32, 'e'), Sequence{2}, 1));
  store.commit();
}

// The state leaves' global root is what a witness outside holds.
bool is_sound(const MemoryIndex& index, const AuditSealers& sealers, const crypto::Hash& witnessed) {
  auto log = AuditLog::open(index, sealers);
  if (!log || (*log)->global_head().root != witnessed) return false;
  AuditRecord r = record_of(16);
  if (!(*log)->add(r) || !(*log)->add_state_leaf(kTown, 3, Bytes(32, 'f'), Sequence{3}, 1)) return false;
  const auto snapshot = index.snapshot();
  AuditReader reader(*snapshot, sealers);
  const auto global = reader.recompute(kGlobal, (*log)->global_head().size);
  if (!global || global->root() != witnessed) return false;
  bool roots_agree = true;
  std::uint64_t last = kNoStateLeaf;
  auto states = reader.state_leaves(0, 100, [&](std::uint64_t at, const StateLeaf& leaf) -> Result<void> {
    last = at;  // they are all kTown's
    const auto own = reader.recompute(leaf.collectivity, leaf.size);
    roots_agree = roots_agree && own && own->root() == leaf.root;
    return {};
  });
  const auto end = reader.frontier(kTown);
  std::uint64_t seen = 0;
  auto read = reader.read(kTown, 0, 1'000, [&](const AuditEntry&) -> Result<void> {
    ++seen;
    return {};
  });
  return states && roots_agree && end && end->last_state_leaf == last && read &&
         seen == end->frontier.size() && seen == 261;
}

struct Damage : testing::Test {
  AuditStore store;
  MemoryIndex::Rows rows;
  crypto::Hash witnessed{};
  void SetUp() override {
    fill(store);
    rows = store.index.rows(Table::Audit);
    witnessed = store.log->global_head().root;
    ASSERT_TRUE(is_sound(store.index, store.sealers, witnessed));
  }
  bool is_noticed(const Bytes& key, const std::optional<Bytes>& value) {
    Batch change, back;
    if (value) {
      change.put(Table::Audit, key, *value);
    } else {
      change.remove(Table::Audit, key);
    }
    EXPECT_TRUE(store.index.apply(change));
    const bool is_noticed = !is_sound(store.index, store.sealers, witnessed);
    back.put(Table::Audit, key, rows.at(key));
    EXPECT_TRUE(store.index.apply(back));
    return is_noticed;
  }
};

TEST_F(Damage, OfEachRowIsNoticed) {
  ASSERT_EQ(rows.size(), 3u + 2u + 1u + 2u);  // blocks, state leaves, tile, frontiers
  for (const auto& [key, value] : rows) {
    SCOPED_TRACE(to_hex(key));
    EXPECT_TRUE(is_noticed(key, std::nullopt));
    EXPECT_TRUE(is_noticed(key, Bytes()));
    EXPECT_TRUE(is_noticed(key, value.substr(0, value.size() - 1)));
    EXPECT_TRUE(is_noticed(key, value + "x"));
    const std::size_t step = value.size() > 1'000 ? 97 : 1;
    for (std::size_t i = 0; i < value.size(); i += step) {
      Bytes bad = value;
      bad[i] ^= 1;
      EXPECT_TRUE(is_noticed(key, bad)) << i;
    }
  }
}

TEST_F(Damage, RowsOfOtherPlacesAreNoticed) {
  for (const auto& [key, value] : rows) {
    for (const auto& [other, other_value] : rows) {
      if (key == other) continue;
      EXPECT_TRUE(is_noticed(key, other_value)) << to_hex(key) << " <- " << to_hex(other);
    }
  }
}

TEST_F(Damage, AnOlderCopyOfTheWholeLogIsNoticedByAWitness) {
  AuditStore older;
  older.add(16, 3);
  older.commit();
  EXPECT_FALSE(is_sound(older.index, older.sealers, witnessed));
}

}  // namespace
}  // namespace beffroi::storage
