// SPDX-License-Identifier: EUPL-1.2
// Buckets, collectivities, users and keys; what the committer checks again; and the audit: each request once, in trees whose
// roots are recomputed from the records.
#include <map>

#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

class Tenancy : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }
  void TearDown() override {
    if (w.engine) w.expect_whole_after_upkeep();
  }
  Result<Committed> delete_bucket(BucketId b, const std::string& name) {
    return w.engine->commit(w.engine->delete_bucket(w.t, b, name, w.actor, w.record("DeleteBucket")));
  }
  World w;
};

TEST_F(Tenancy, BucketsAreMadeAndDeleted) {
  EXPECT_EQ(w.engine->commit(w.engine->create_bucket(w.t, {"dossiers", w.owner, "", {}}, w.actor, w.record("CreateBucket"))).error(),
            make_error_code(EngineErrc::BucketExists));
  const BucketId second = w.add_bucket("actes");
  EXPECT_NE(second, w.b);
  ASSERT_EQ(w.engine->list_buckets(w.t).size(), 2u);
  EXPECT_EQ(w.engine->list_buckets(w.t)[0]->name, "actes");
  ASSERT_TRUE(w.put("k", "x"));
  EXPECT_EQ(delete_bucket(w.b, "dossiers").error(), make_error_code(EngineErrc::BucketNotEmpty));
  EXPECT_EQ(delete_bucket(BucketId{77}, "rien").error(), make_error_code(EngineErrc::NoSuchBucket));
  EXPECT_EQ(delete_bucket(second, "dossiers").error(), make_error_code(EngineErrc::NoSuchBucket));
  ASSERT_TRUE(delete_bucket(second, "actes"));
  EXPECT_EQ(w.engine->find_bucket(w.t, "actes"), nullptr);
  w.reopen();
  EXPECT_EQ(w.engine->find_bucket(w.t, "actes"), nullptr);
  ASSERT_NE(w.engine->find_bucket(w.t, "dossiers"), nullptr);
  EXPECT_EQ(w.engine->find_bucket(w.t, "dossiers")->owner, w.owner);
  EXPECT_GT(raw(w.add_bucket("actes")), raw(second)) << "an id is never given out twice";
}

TEST_F(Tenancy, TwoCollectivitiesMayNameABucketAlike) {
  const CollectivityId other = w.add_collectivity("amiens", "218000198");
  const Actor actor = w.add_key(other, "agent");
  ASSERT_TRUE(w.engine->commit(w.engine->create_bucket(other, {"dossiers", w.owner, "", {}}, actor, w.record("CreateBucket"))));
  EXPECT_NE(w.engine->find_bucket(other, "dossiers")->id, w.b);
  EXPECT_EQ(w.engine->list_buckets(w.t).size(), 1u);
  // Another's bucket id is no bucket.
  auto session = w.engine->begin_put(other, w.b, 1, true);
  ASSERT_TRUE(session && session->write("x"));
  EXPECT_EQ(w.commit(session->finish("k", digests_of("x"), {.owner = w.owner}, {}, actor, w.record("PutObject"))).error(), make_error_code(EngineErrc::NoSuchBucket));
}

TEST_F(Tenancy, NamesAreTakenOnce) {
  Collectivity c;
  c.slug = "beauvais";
  c.siren = "218000198";
  c.name = "Autre";
  EXPECT_EQ(w.engine->create_collectivity(c, w.record("CreateCollectivity")).error(), make_error_code(EngineErrc::AlreadyExists));
  c.slug = "autre";
  c.siren = "216000562";
  EXPECT_EQ(w.engine->create_collectivity(c, w.record("CreateCollectivity")).error(), make_error_code(EngineErrc::AlreadyExists));
  c.siren = "123456789";
  EXPECT_EQ(w.engine->create_collectivity(c, w.record("CreateCollectivity")).error(), make_error_code(EngineErrc::InvalidArgument));
  User user{.collectivity = w.t, .name = "agent", .canonical_id = new_canonical_id()};
  EXPECT_EQ(w.engine->commit(w.engine->create_user(user, w.record("CreateUser"))).error(), make_error_code(EngineErrc::AlreadyExists));
  // Two that were prepared at once: the committer gives the name to one.
  c.siren = "218000198";
  c.name = "Ville d'Amiens";
  auto one = w.engine->create_collectivity(c, w.record("CreateCollectivity"));
  auto two = w.engine->create_collectivity(c, w.record("CreateCollectivity"));
  ASSERT_TRUE(one && two);
  std::vector<Prepared> both;
  both.push_back(std::move(*one));
  both.push_back(std::move(*two));
  const auto results = commit_together(*w.engine, std::move(both));
  EXPECT_TRUE(results[0]);
  ASSERT_FALSE(results[1]);
  EXPECT_EQ(results[1].error(), make_error_code(EngineErrc::AlreadyExists));
}

TEST_F(Tenancy, ARevokedKeyIsRefusedAtCommit) {
  auto put = w.prepare_put(w.b, "k", content(50'000, 1));
  auto inline_put = w.prepare_put(w.b, "l", "x");
  ASSERT_TRUE(put && inline_put);
  ASSERT_TRUE(w.engine->commit(w.engine->revoke_access_key(w.actor.access_key_id, w.record("RevokeAccessKey"))));
  EXPECT_EQ(w.engine->commit(std::move(*put)).error(), make_error_code(EngineErrc::KeyRevoked));
  EXPECT_EQ(w.engine->commit(std::move(*inline_put)).error(), make_error_code(EngineErrc::KeyRevoked));
  EXPECT_EQ(w.engine->commit(w.engine->revoke_access_key("BFAAAAAAAAAAAAAAAAAA", w.record("RevokeAccessKey"))).error(), make_error_code(EngineErrc::NotFound));
  EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::NoSuchKey));
  EXPECT_EQ(w.engine->quotas().usage(w.t)->reserved_bytes, 0u);
  w.reopen();
  EXPECT_TRUE(w.engine->directory().access_key(w.actor.access_key_id)->revoked);
}

TEST_F(Tenancy, ASuspendedCollectivityIsRefusedAtCommit) {
  Collectivity c;
  c.slug = "amiens";
  c.siren = "218000198";
  c.name = "Ville d'Amiens";
  c.quota_bytes = 1 << 20;
  c.quota_objects = 10;
  c.state = CollectivityState::Suspended;
  auto change = w.engine->create_collectivity(c, w.record("CreateCollectivity"));
  ASSERT_TRUE(change && w.engine->commit(std::move(*change)));
  const CollectivityId t = w.engine->directory().by_slug("amiens")->id;
  const Actor actor = w.add_key(t, "agent");
  EXPECT_EQ(w.engine->commit(w.engine->create_bucket(t, {"b", w.owner, "", {}}, actor, w.record("CreateBucket"))).error(),
            make_error_code(EngineErrc::CollectivityInactive));
  EXPECT_EQ(w.engine->find_bucket(t, "b"), nullptr);
}

TEST_F(Tenancy, SuspendingRefusesWhatIsUnderWayAndResumingLetsItThrough) {
  ASSERT_TRUE(w.put("kept", "x"));
  auto put = w.prepare_put(w.b, "k", content(50'000, 1));
  ASSERT_TRUE(put);
  ASSERT_TRUE(w.engine->commit(w.engine->set_suspended(w.t, true, w.record("SuspendCollectivity"))));
  EXPECT_EQ(w.engine->commit(std::move(*put)).error(), make_error_code(EngineErrc::CollectivityInactive));
  EXPECT_EQ(w.engine->quotas().usage(w.t)->reserved_bytes, 0u);
  w.reopen();
  EXPECT_EQ(w.engine->directory().collectivity(w.t)->state, CollectivityState::Suspended);
  EXPECT_EQ(w.put("k", "x").error(), make_error_code(EngineErrc::CollectivityInactive));
  ASSERT_TRUE(w.engine->commit(w.engine->set_suspended(w.t, false, w.record("ResumeCollectivity"))));
  EXPECT_TRUE(w.put("k", "x"));
  EXPECT_EQ(w.get("kept").value(), "x");
  EXPECT_EQ(w.engine->commit(w.engine->set_suspended(CollectivityId{77}, true, w.record("SuspendCollectivity"))).error(),
            make_error_code(EngineErrc::NotFound));
}

TEST_F(Tenancy, EverythingIsThereAfterARestart) {
  ASSERT_TRUE(w.engine->commit(w.engine->set_quota(w.t, {.bytes = 12'345, .objects = 67}, w.record("SetQuota"))));
  const std::string secret(w.engine->directory().access_key(w.actor.access_key_id)->secret.reveal());
  w.reopen();
  const auto c = w.engine->directory().by_siren("216000562");
  ASSERT_TRUE(c);
  EXPECT_EQ(c->id, w.t);
  EXPECT_EQ(c->name, "Ville de beauvais");
  EXPECT_EQ(c->quota_bytes, 12'345u);
  EXPECT_EQ(c->quota_objects, 67u);
  EXPECT_EQ(w.engine->quotas().usage(w.t)->limits.bytes, 12'345u);
  const auto key = w.engine->directory().access_key(w.actor.access_key_id);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->secret.reveal(), secret);
  EXPECT_EQ(w.engine->directory().user(w.t, key->user)->name, "agent");
}

// ---- audit

using Audit = Tenancy;

std::vector<std::string> records_of(World& w, CollectivityId t) {
  std::vector<std::string> records;
  const auto read = w.engine->read_audit(t, 0, UINT64_MAX, [&](const AuditEntry& entry) -> Result<void> {
    EXPECT_EQ(entry.sequence, records.size());
    records.emplace_back(entry.body);
    return {};
  });
  EXPECT_TRUE(read) << read.error().message();
  return records;
}

TEST_F(Audit, EveryChangeAndRefusalIsRecordedOnce) {
  const auto size = w.engine->audit_size(w.t);
  ASSERT_TRUE(size);
  ASSERT_TRUE(w.put("un", "x"));
  ASSERT_TRUE(w.put("deux", content(20'000, 1)));
  EXPECT_FALSE(w.put("un", "y", {.if_none_match = EtagList{.any = true, .tags = {}}}));
  ASSERT_TRUE(w.remove("absent"));
  for (int i = 0; i < 300; ++i) {
    AuditRecord r = w.record("GetObject", "lu-" + std::to_string(i));
    r.bytes = 7;
    w.engine->note(std::move(r));
  }
  ASSERT_TRUE(w.engine->flush_audit());
  EXPECT_EQ(*w.engine->audit_size(w.t), *size + 304);
  for (int life = 0; life < 2; ++life) {
    const auto records = records_of(w, w.t);
    ASSERT_EQ(records.size(), *w.engine->audit_size(w.t));
    const auto count = [&](std::string_view what) { return std::count_if(records.begin(), records.end(), [&](const std::string& r) { return r.find(what) != r.npos; }); };
    EXPECT_EQ(count("\"key\":\"deux\""), 1);
    EXPECT_EQ(count("\"key\":\"absent\""), 1);
    EXPECT_EQ(count("\"key\":\"un\""), 2);
    EXPECT_EQ(count("\"outcome\":\"failed\""), 1);
    for (int i = 0; i < 300; ++i) EXPECT_EQ(count("\"key\":\"lu-" + std::to_string(i) + "\""), 1) << i;
    w.reopen();
  }
}

TEST_F(Audit, AnOperatorsActStandsInBothLogs) {
  AuditRecord r = w.record("SetQuota");
  r.operator_name = "operateur";
  const auto appliance = *w.engine->audit_size(kAppliance), own = *w.engine->audit_size(w.t);
  ASSERT_TRUE(w.engine->commit(w.engine->set_quota(w.t, {.bytes = 1'000, .objects = 10}, r)));
  EXPECT_EQ(*w.engine->audit_size(kAppliance), appliance + 1);
  EXPECT_EQ(*w.engine->audit_size(w.t), own + 1);
}

TEST_F(Audit, ChangedLeavesNoRecord) {
  ASSERT_TRUE(w.put("k", content(20'000, 1)));
  auto copy = w.prepare_copy(w.b, "k", w.b, "l");
  ASSERT_TRUE(w.put("k", content(30'000, 1)));
  const auto size = *w.engine->audit_size(w.t);
  EXPECT_EQ(w.engine->commit(std::move(*copy)).error(), make_error_code(EngineErrc::Changed));
  EXPECT_EQ(*w.engine->audit_size(w.t), size);
}

// The trees' roots, computed anew from the records alone, stand in the state leaves; the leaves in the global tree.
TEST_F(Audit, StateLeavesHoldTheRootsOfTheRecords) {
  for (int i = 0; i < 600; ++i) w.engine->note(w.record("GetObject", "k" + std::to_string(i)));
  ASSERT_TRUE(w.put("un", "x"));
  ASSERT_TRUE(w.engine->run_upkeep());
  ASSERT_TRUE(w.put("deux", "x"));
  w.clock.advance(2'000);
  ASSERT_TRUE(w.engine->run_upkeep());
  const std::uint64_t leaves = w.engine->status().audit_tree_size;
  w.stop();

  with_index(w, [&](Index& index) {
    auto keyring = Keyring::open(*w.files, w.options.keyring_path, root_key());
    ASSERT_TRUE(keyring);
    const KeyringSealers sealers(**keyring);
    const auto snapshot = index.snapshot();
    const AuditReader reader(*snapshot, sealers);
    std::map<CollectivityId, std::uint64_t> covered;
    std::uint64_t seen = 0;
    ASSERT_TRUE(reader.state_leaves(0, UINT64_MAX, [&](std::uint64_t, const StateLeaf& leaf) -> Result<void> {
      ++seen;
      const auto tree = reader.recompute(leaf.collectivity, leaf.size);
      EXPECT_TRUE(tree);
      EXPECT_EQ(tree->root(), leaf.root);
      covered[leaf.collectivity] = leaf.size;
      return {};
    }));
    EXPECT_GE(seen, leaves);
    for (const CollectivityId t : {w.t, kAppliance}) EXPECT_EQ(covered[t], reader.frontier(t)->frontier.size()) << "a clean stop leaves no record uncovered";
  });
  w.open();
}

TEST_F(Audit, TheCommittersTimeNeverGoesBack) {
  ASSERT_TRUE(w.put("a", "x"));
  w.clock.jump(-3'600'000);
  EXPECT_EQ(w.put("b", "x")->time_ms, kStartMs);
  w.reopen();
  EXPECT_EQ(w.put("c", "x")->time_ms, kStartMs) << "not before the last committed time";
  w.clock.advance(10);
  EXPECT_EQ(w.put("d", "x")->time_ms, kStartMs) << "until the clock has caught up";
  w.clock.jump(7'200'000);
  w.reopen();
  EXPECT_EQ(w.put("e", "x")->time_ms, w.clock.wall_ms());
}

}  // namespace
}  // namespace beffroi::storage
