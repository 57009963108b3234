// SPDX-License-Identifier: EUPL-1.2
// Checkpoints that the ticker signs and stores, the retention purge, and what `check` says of both.
#include <gtest/gtest.h>

#include "crypto/checkpoint.h"
#include "storage/index/keys.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

constexpr std::int64_t kDayMs = 86'400'000;

class AuditOut : public ::testing::Test {
 protected:
  void SetUp() override {
    w.options.audit_retention_ms = kDayMs;
    w.make();
  }
  void TearDown() override {
    if (!w.engine) return;
    const auto findings = w.engine->check();
    ASSERT_TRUE(findings);
    for (const std::string& finding : *findings) ADD_FAILURE() << finding;
  }

  crypto::Checkpoint signed_head() {
    const auto note = w.engine->audit_checkpoint(std::nullopt);
    const auto text = crypto::open_note(note.value(), crypto::decode_note_key(w.engine->audit_key()).value());
    EXPECT_TRUE(text);
    return crypto::decode_checkpoint(text.value()).value();
  }
  std::vector<Bytes> stored_notes() {
    std::vector<Bytes> notes;
    w.stop();
    with_index(w, [&](Index& index) {
      const Bytes prefix = keys::audit_checkpoint(0).substr(0, 1);
      const auto cursor = index.cursor(Table::Audit);
      for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) notes.emplace_back(cursor->value());
    });
    w.open();
    return notes;
  }
  std::vector<bool> purged(CollectivityId t) {
    std::vector<bool> all;
    EXPECT_TRUE(w.engine->read_audit(t, 0, UINT64_MAX, [&](const AuditEntry& entry) -> Result<void> {
      all.push_back(entry.purged);
      return {};
    }));
    return all;
  }
  std::string last_operation() {
    std::string body;
    EXPECT_TRUE(w.engine->read_audit(w.t, *w.engine->audit_size(w.t) - 1, UINT64_MAX, [&](const AuditEntry& entry) -> Result<void> {
      body = entry.body;
      return {};
    }));
    return body;
  }
  // One block each.
  void look(int times) {
    for (int i = 0; i < times; ++i) {
      w.engine->note(w.record("GetObject", "k" + std::to_string(i)));
      ASSERT_TRUE(w.engine->flush_audit());
    }
  }

  World w;
};

TEST_F(AuditOut, OneSignedNoteIsStoredAndItIsTheHeadsOwn) {
  ASSERT_TRUE(w.engine->attest_audit());
  const auto first = signed_head();
  EXPECT_GT(first.size, 0u);
  look(3);
  ASSERT_TRUE(w.engine->attest_audit());
  const auto second = signed_head();
  EXPECT_GT(second.size, first.size);
  EXPECT_EQ(second.origin, first.origin);
  EXPECT_TRUE(second.origin.starts_with("beffroi/"));
  const Bytes continued = w.engine->audit_checkpoint(first.size).value();
  EXPECT_TRUE(continued.starts_with("old " + std::to_string(first.size) + "\n")) << continued;
  EXPECT_EQ(w.engine->audit_checkpoint(second.size + 1).error(), make_error_code(EngineErrc::InvalidArgument));
  const Bytes note = w.engine->audit_checkpoint(std::nullopt).value();
  EXPECT_EQ(stored_notes(), std::vector<Bytes>{note}) << "a clean stop without changes signs nothing new";
  EXPECT_EQ(w.engine->audit_checkpoint(std::nullopt).value(), note) << "nor does a start";
}

TEST_F(AuditOut, NothingIsAdmittedWhileRecordsWaitForMoreThanTwoSeconds) {
  w.engine->note(w.record("GetObject"));
  w.clock.advance(2'000);
  EXPECT_TRUE(w.engine->admission());
  w.clock.advance(1);
  EXPECT_EQ(w.engine->admission().error(), make_error_code(EngineErrc::SlowDown));
  EXPECT_EQ(w.engine->begin_put(w.t, w.b, 1, true).error(), make_error_code(EngineErrc::SlowDown));
  ASSERT_TRUE(w.engine->flush_audit());
  EXPECT_TRUE(w.engine->admission()) << "and again, without a restart, once they are written";
}

TEST_F(AuditOut, AnIdleStoreWritesNothing) {
  ASSERT_TRUE(w.engine->run_upkeep());
  const auto sequence = w.engine->status().sequence;
  for (int i = 0; i < 5; ++i) {
    w.clock.advance(1'000);
    ASSERT_TRUE(w.engine->run_upkeep());
  }
  EXPECT_EQ(w.engine->status().sequence, sequence);
}

TEST_F(AuditOut, CheckNamesACheckpointThatIsNotTheTrees) {
  ASSERT_TRUE(w.engine->attest_audit());
  w.stop();
  with_index(w, [&](Index& index) {
    Batch batch;
    batch.put(Table::Audit, keys::audit_checkpoint(1), "not a note\n");
    ASSERT_TRUE(index.apply(batch));
  });
  w.open();
  const auto findings = w.engine->check();
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_NE(findings->front().find("checkpoint of size 1"), std::string::npos) << findings->front();
  w.engine.reset();
}

TEST_F(AuditOut, OldBodiesArePurgedAndTheTreesStay) {
  look(300);  // more blocks than one change takes
  ASSERT_TRUE(w.engine->attest_audit());
  const auto before = signed_head();
  const std::size_t old = *w.engine->audit_size(w.t);
  w.clock.advance(2 * kDayMs);
  look(2);
  ASSERT_TRUE(w.engine->run_upkeep());
  auto all = purged(w.t);
  ASSERT_GT(all.size(), old + 2);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], i < old) << i;
  EXPECT_NE(last_operation().find("\"operation\":\"PurgeAuditRecords\""), std::string::npos);

  // Again: nothing is left to do, and nothing is written.
  const auto size = *w.engine->audit_size(w.t);
  w.clock.advance(kDayMs / 2);
  ASSERT_TRUE(w.engine->run_upkeep());
  EXPECT_EQ(*w.engine->audit_size(w.t), size);
  ASSERT_TRUE(w.engine->attest_audit());
  EXPECT_TRUE(w.engine->audit_checkpoint(before.size)) << "consistent with what was signed before";
  EXPECT_TRUE(w.engine->audit_extract_head({.collectivity = w.t, .from = 5, .to = old}));
  w.reopen();
  EXPECT_EQ(purged(w.t).size(), size);
}

TEST_F(AuditOut, APurgeGoesOnAfterACrash) {
  look(300);
  ASSERT_TRUE(w.engine->attest_audit());
  const std::size_t old = *w.engine->audit_size(w.t);
  w.clock.advance(2 * kDayMs);
  // It stops somewhere in the middle, wherever that is.
  w.disk->set_crash_at(w.disk->operations() + 12);
  (void)w.engine->run_upkeep();
  w.crash(CrashKind::PowerCut);
  w.open();
  const auto half = purged(w.t);
  ASSERT_TRUE(w.engine->run_upkeep());
  const auto all = purged(w.t);
  for (std::size_t i = 0; i < old; ++i) EXPECT_TRUE(all[i]) << i;
  for (std::size_t i = 1; i < half.size(); ++i) EXPECT_LE(half[i], half[i - 1]) << i;
}

}  // namespace
}  // namespace beffroi::storage
