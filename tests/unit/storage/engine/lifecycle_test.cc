// SPDX-License-Identifier: EUPL-1.2
// Lifecycle rules: what is due and when, that it goes and nothing else, that a pass goes on after a restart.
#include "storage/engine/lifecycle_plan.h"
#include "storage/engine/lifecycle_worker.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

constexpr std::int64_t kDay = kLifecycleDayMs;

class Lifecycle : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }
  void rules(LifecycleRules given) {
    const auto done = w.change_bucket([given](BucketSettings& s) -> Result<void> {
      s.lifecycle = given;
      return {};
    });
    ASSERT_TRUE(done) << done.error().message();
  }
  void days(std::int64_t n) {
    w.clock.advance(n * kDay);
    const auto done = w.engine->run_upkeep();
    ASSERT_TRUE(done) << done.error().message() << w.fail_stop->reason();
  }
  std::string keys() {
    std::string out;
    const auto page = w.engine->list_objects({.collectivity = w.t, .bucket = w.b});
    for (const auto& entry : page->objects) out += (out.empty() ? "" : " ") + entry.key;
    return out;
  }
  std::size_t versions() { return w.engine->list_versions({.collectivity = w.t, .bucket = w.b})->versions.size(); }

  World w;
};

LifecycleRule rule(LifecycleRule r) {
  r.id = r.id.empty() ? "r" : r.id;
  r.enabled = true;
  return r;
}

TEST(LifecycleTime, IsDueAtTheMidnightAfter) {
  EXPECT_EQ(due_ms(0, 1, kDay), kDay);
  EXPECT_EQ(due_ms(1, 1, kDay), 2 * kDay);
  EXPECT_EQ(due_ms(kDay - 1, 3, kDay), 4 * kDay);
}

TEST_F(Lifecycle, ExpiresWhatItsFilterMatches) {
  rules({rule({.filter = {.prefix = "tmp/"}, .expire_days = 2})});
  ASSERT_TRUE(w.put("tmp/a", content(20'000, 1)));
  ASSERT_TRUE(w.put("garde", "x"));
  days(1);
  EXPECT_EQ(keys(), "garde tmp/a");
  days(2);
  EXPECT_EQ(keys(), "garde");
  w.expect_whole();
}

TEST_F(Lifecycle, FiltersBySizeAndTag) {
  rules({rule({.filter = {.size_above = 10, .size_below = 100}, .expire_days = 1}), rule({.id = "t", .filter = {.tags = {{"a", "1"}}}, .expire_days = 1})});
  ASSERT_TRUE(w.put("ten", Bytes(10, 'x')));
  ASSERT_TRUE(w.put("eleven", Bytes(11, 'x')));
  ASSERT_TRUE(w.put("hundred", Bytes(100, 'x')));
  ASSERT_TRUE(w.put("tagged", ""));
  const auto edit = [](ObjectFields& f, std::int64_t) -> Result<void> {
    f.tags = {{"a", "1"}, {"b", "2"}};
    return {};
  };
  ASSERT_TRUE(w.engine->commit(w.engine->change_object(w.t, w.b, "tagged", "", edit, w.actor, w.record("PutObjectTagging"))));
  days(3);
  EXPECT_EQ(keys(), "hundred ten");
}

TEST_F(Lifecycle, ADisabledRuleDoesNothing) {
  rules({{.id = "off", .enabled = false, .expire_days = 1}});
  ASSERT_TRUE(w.put("k", "x"));
  days(5);
  EXPECT_EQ(keys(), "k");
}

TEST_F(Lifecycle, ADateThatIsPastExpiresEverything) {
  const std::int64_t tomorrow = (kStartMs / kDay + 1) * kDay;
  rules({rule({.expire_date_ms = tomorrow})});
  ASSERT_TRUE(w.put("k", "x"));
  ASSERT_TRUE(w.engine->run_upkeep());
  EXPECT_EQ(keys(), "k");
  days(1);
  EXPECT_EQ(keys(), "");
}

TEST_F(Lifecycle, VersionedExpiryLeavesAMarkerAndNoncurrentOnesGoLater) {
  w.set_versioning(Versioning::Enabled);
  rules({rule({.expire_days = 1, .noncurrent_days = 3})});
  ASSERT_TRUE(w.put("k", "un"));
  days(2);
  EXPECT_EQ(keys(), "");
  EXPECT_EQ(versions(), 2u);
  days(2);
  EXPECT_EQ(versions(), 2u);
  days(2);
  // The version is gone; the marker has nothing under it and is older than a day.
  EXPECT_EQ(versions(), 1u);
  days(1);
  EXPECT_EQ(versions(), 0u);
  w.expect_whole();
}

TEST_F(Lifecycle, NewerNoncurrentVersionsAreKept) {
  w.set_versioning(Versioning::Enabled);
  rules({rule({.noncurrent_days = 1, .noncurrent_kept = 2})});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(w.put("k", std::to_string(i)));
  days(3);
  EXPECT_EQ(versions(), 3u);
  EXPECT_EQ(w.get("k").value(), "4");
  w.expect_whole();
}

TEST_F(Lifecycle, AMarkerOfNothingGoes) {
  w.set_versioning(Versioning::Enabled);
  rules({rule({.expire_delete_marker = true})});
  ASSERT_TRUE(w.remove("nothing"));
  ASSERT_TRUE(w.put("k", "x"));
  ASSERT_TRUE(w.remove("k"));
  days(1);
  const auto page = w.engine->list_versions({.collectivity = w.t, .bucket = w.b});
  ASSERT_EQ(page->versions.size(), 2u);
  EXPECT_EQ(page->versions.front().key, "k");
}

TEST_F(Lifecycle, LockedVersionsStay) {
  w.set_versioning(Versioning::Enabled);
  rules({rule({.expire_days = 1, .noncurrent_days = 1})});
  ASSERT_TRUE(w.put("held", "x"));
  ASSERT_TRUE(w.put("kept", "x"));
  const auto lock = [&](const Bytes& key, Retention retention, bool hold) {
    const auto edit = [=](ObjectFields& f, std::int64_t) -> Result<void> {
      f.retention = retention;
      f.legal_hold = hold ? LegalHold::On : LegalHold::None;
      return {};
    };
    ASSERT_TRUE(w.engine->commit(w.engine->change_object(w.t, w.b, key, "", edit, w.actor, w.record("PutObjectRetention"))));
  };
  lock("held", {}, true);
  lock("kept", {LockMode::Compliance, w.clock.wall_ms() + 20 * kDay}, false);
  days(2);
  days(5);
  EXPECT_EQ(versions(), 4u) << "each is hidden by a marker and still there";
  days(20);
  days(1);
  EXPECT_EQ(versions(), 2u) << "the retention has ended, the hold has not, and one marker has nothing under it";
}

TEST_F(Lifecycle, AbandonedUploadsGoAfterAWeekOrAsTold) {
  const auto upload = w.create_upload("gros");
  ASSERT_TRUE(upload);
  ASSERT_TRUE(w.put_part("gros", *upload, 1, content(30'000, 1)));
  days(6);
  EXPECT_TRUE(w.engine->find_upload(w.t, w.b, "gros", *upload, Tier::Disk));
  days(2);
  EXPECT_FALSE(w.engine->find_upload(w.t, w.b, "gros", *upload, Tier::Disk));
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->objects, 0u);
  rules({rule({.filter = {.prefix = "court/"}, .abort_days = 1})});
  const auto quick = w.create_upload("court/a"), other = w.create_upload("long");
  days(2);
  EXPECT_FALSE(w.engine->find_upload(w.t, w.b, "court/a", *quick, Tier::Disk));
  days(10);
  EXPECT_TRUE(w.engine->find_upload(w.t, w.b, "long", *other, Tier::Disk)) << "the bucket has a rule of its own";
  w.expect_whole_after_upkeep();
}

TEST_F(Lifecycle, EachIsAuditedWithItsRule) {
  rules({rule({.id = "menage", .expire_days = 1})});
  ASSERT_TRUE(w.put("k", "x"));
  const auto before = *w.engine->audit_size(w.t);
  days(2);
  std::string records;
  ASSERT_TRUE(w.engine->read_audit(w.t, before, UINT64_MAX, [&](const AuditEntry& entry) -> Result<void> {
    records += entry.body;
    return {};
  }));
  EXPECT_NE(records.find("\"LifecycleExpiration\""), std::string::npos) << records;
  EXPECT_NE(records.find("rule menage"), std::string::npos) << records;
}

TEST_F(Lifecycle, APreviewChangesNothing) {
  rules({rule({.expire_days = 1})});
  ASSERT_TRUE(w.put("k", "x"));
  EXPECT_TRUE(w.engine->lifecycle_preview(w.t, w.b, 10)->empty());
  w.clock.advance(2 * kDay);
  const auto due = w.engine->lifecycle_preview(w.t, w.b, 10);
  ASSERT_TRUE(due && due->size() == 1);
  EXPECT_EQ(due->front().key, "k");
  EXPECT_EQ(keys(), "k");
}

TEST_F(Lifecycle, OnlyTheVersionThatWasJudgedGoes) {
  ASSERT_TRUE(w.put("k", "vieux"));
  const Sequence seen = w.engine->open_object(w.t, w.b, "k", Tier::Disk, false)->object().sequence;
  ASSERT_TRUE(w.put("k", "neuf"));
  Engine::Removal removal{.owner = w.owner};
  removal.seen = seen;
  EXPECT_EQ(w.commit(w.engine->remove(w.t, w.b, "k", removal, std::nullopt, w.record("LifecycleExpiration"))).error(), make_error_code(EngineErrc::Changed));
  EXPECT_EQ(w.get("k").value(), "neuf");
}

TEST_F(Lifecycle, APassIsRememberedOverARestart) {
  rules({rule({.expire_days = 1})});
  ASSERT_TRUE(w.put("k", "x"));
  days(2);
  ASSERT_TRUE(w.put("l", "x"));
  w.reopen();
  ASSERT_TRUE(w.engine->run_upkeep());
  EXPECT_EQ(keys(), "l");
  days(2);
  EXPECT_EQ(keys(), "");
}

TEST(LifecycleJobs, AreCanonical) {
  LifecycleJob job{.day = 20'000, .place = std::pair(CollectivityId{16}, BucketId{3}), .uploads = true, .from = "k"};
  const auto back = decode_lifecycle_job(encode(job));
  ASSERT_TRUE(back);
  EXPECT_EQ(encode(*back), encode(job));
  EXPECT_EQ(back->place, job.place);
  EXPECT_FALSE(decode_lifecycle_job(encode(job) + "x"));
  EXPECT_EQ(decode_lifecycle_job(encode(LifecycleJob{.day = 1}))->place, std::nullopt);
}

}  // namespace
}  // namespace beffroi::storage
