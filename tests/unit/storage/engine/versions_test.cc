// SPDX-License-Identifier: EUPL-1.2
// Versions of one key: which is read, which is listed, what a delete brings up, what locks forbid.
#include "storage/engine/object_lock.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

class Versions : public ::testing::Test {
 protected:
  void SetUp() override {
    w.make();
    w.set_versioning(Versioning::Enabled);
  }
  // ids, newest first; a marker with `-` before it, the latest with `*` behind it.
  std::string listed(const VersionQuery& base = {}) {
    VersionQuery query = base;
    query.collectivity = w.t;
    query.bucket = w.b;
    const auto page = w.engine->list_versions(query);
    EXPECT_TRUE(page) << page.error().message();
    std::string out;
    for (const auto& entry : page->versions) {
      out += out.empty() ? "" : " ";
      out += entry.object.delete_marker ? "-" : "";
      out += entry.key + "=" + name_of(entry.object) + (entry.latest ? "*" : "");
    }
    for (const auto& prefix : page->prefixes) out += (out.empty() ? "" : " ") + prefix;
    if (page->truncated) out += " ...";
    return out;
  }
  // A version by the name that the test gave it.
  std::string name_of(const Object& object) const {
    for (const auto& [name, id] : ids_) {
      if (id == object.version_id) return name;
    }
    return "?";
  }
  void put(const std::string& name, const Bytes& key = "k") {
    const auto done = w.put(key, "corps " + name);
    ASSERT_TRUE(done) << done.error().message();
    ids_[name] = done->version_id;
  }
  void mark(const std::string& name, const Bytes& key = "k") {
    const auto done = w.remove(key);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_TRUE(done->delete_marker);
    ids_[name] = done->version_id;
  }
  Result<Committed> remove(const std::string& name, const Bytes& key = "k") { return w.remove_version(key, ids_.at(name)); }
  Bytes body(const std::string& name) { return w.get_version("k", ids_.at(name)).value(); }
  void lock(const std::string& name, Retention retention, bool bypass = false, error_code expected = {}) {
    const auto edit = [=](ObjectFields& fields, std::int64_t now_ms) { return change_retention(fields, retention, bypass, now_ms); };
    const auto done = w.engine->commit(w.engine->change_object(w.t, w.b, "k", ids_.at(name), edit, w.actor, w.record("PutObjectRetention")));
    EXPECT_EQ(done ? error_code() : done.error(), expected);
  }

  World w;
  std::map<std::string, std::string> ids_;
};

TEST_F(Versions, KeepWhatIsReplaced) {
  put("a");
  put("b");
  EXPECT_EQ(w.get("k").value(), "corps b");
  EXPECT_EQ(body("a"), "corps a");
  EXPECT_EQ(body("b"), "corps b");
  EXPECT_EQ(listed(), "k=b* k=a");
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->objects, 2u);
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->bytes, 14u);
  w.expect_whole_after_upkeep();
}

TEST_F(Versions, AMarkerHidesAndItsRemovalBringsBack) {
  put("a");
  mark("m");
  EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::DeleteMarker));
  EXPECT_EQ(w.get_version("k", ids_["m"]).error(), make_error_code(EngineErrc::DeleteMarker));
  EXPECT_EQ(listed(), "-k=m* k=a");
  const auto page = w.engine->list_objects({.collectivity = w.t, .bucket = w.b});
  EXPECT_TRUE(page->objects.empty());
  w.expect_whole();
  const auto undone = remove("m");
  ASSERT_TRUE(undone);
  EXPECT_TRUE(undone->delete_marker);
  EXPECT_EQ(w.get("k").value(), "corps a");
  EXPECT_EQ(listed(), "k=a*");
  w.expect_whole();
}

TEST_F(Versions, RemovingTheLatestBringsUpTheNext) {
  put("a");
  put("b");
  mark("m");
  put("c");
  EXPECT_EQ(listed(), "k=c* -k=m k=b k=a");
  ASSERT_TRUE(remove("c"));
  EXPECT_EQ(listed(), "-k=m* k=b k=a");
  EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::DeleteMarker));
  w.expect_whole();
  ASSERT_TRUE(remove("a"));
  ASSERT_TRUE(remove("m"));
  EXPECT_EQ(listed(), "k=b*");
  ASSERT_TRUE(remove("b"));
  EXPECT_EQ(listed(), "");
  EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::NoSuchKey));
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->objects, 0u);
  w.expect_whole_after_upkeep();
}

TEST_F(Versions, RemovingWhatIsNotThereIsNoFault) {
  put("a");
  ids_["none"] = ids_["a"];
  ids_["none"].back() = ids_["none"].back() == 'A' ? 'B' : 'A';
  ASSERT_TRUE(remove("none"));
  ASSERT_TRUE(w.remove_version("k", "null"));
  ASSERT_TRUE(w.remove_version("k", "garbage"));
  ASSERT_TRUE(w.remove_version("absent", ids_["a"]));
  EXPECT_EQ(listed(), "k=a*");
  EXPECT_EQ(w.get_version("absent", ids_["a"]).error(), make_error_code(EngineErrc::NoSuchVersion));
}

TEST_F(Versions, SuspendedKeepsOneNullVersion) {
  w.set_versioning(Versioning::Suspended);
  put("n1");
  put("n2");
  EXPECT_EQ(listed(), "k=n2*");
  w.set_versioning(Versioning::Enabled);
  put("a");
  put("b");
  EXPECT_EQ(w.get_version("k", "null").value(), "corps n2");
  w.set_versioning(Versioning::Suspended);
  put("n3");  // the old null version goes, wherever it stands
  EXPECT_EQ(listed(), "k=n3* k=b k=a");
  mark("m");  // a null marker in its place
  EXPECT_EQ(listed(), "-k=m* k=b k=a");
  put("n4");
  EXPECT_EQ(listed(), "k=n4* k=b k=a");
  w.expect_whole_after_upkeep();
  w.set_versioning(Versioning::Enabled);
  put("c");
  mark("m2");
  EXPECT_EQ(w.get_version("k", "null").value(), "corps n4");
  ASSERT_TRUE(w.remove_version("k", "null"));
  EXPECT_EQ(listed(), "-k=m2* k=c k=b k=a");
  EXPECT_EQ(w.get_version("k", "null").error(), make_error_code(EngineErrc::NoSuchVersion));
  w.expect_whole_after_upkeep();
}

TEST_F(Versions, TheNullVersionIsFoundAfterItComesUp) {
  w.set_versioning(Versioning::Suspended);
  put("n");
  w.set_versioning(Versioning::Enabled);
  put("a");
  put("b");
  ASSERT_TRUE(remove("b"));
  EXPECT_EQ(w.get_version("k", "null").value(), "corps n");
  w.expect_whole();
  ASSERT_TRUE(remove("a"));
  EXPECT_EQ(listed(), "k=n*");
  EXPECT_EQ(w.get_version("k", "null").value(), "corps n");
  w.expect_whole();
}

TEST_F(Versions, ObjectsOfBeforeVersioningAreNull) {
  World fresh;
  fresh.make();
  ASSERT_TRUE(fresh.put("k", "avant"));
  fresh.set_versioning(Versioning::Enabled);
  ASSERT_TRUE(fresh.put("k", "apr\xC3\xA8s"));
  EXPECT_EQ(fresh.get_version("k", "null").value(), "avant");
  fresh.reopen();
  EXPECT_EQ(fresh.get_version("k", "null").value(), "avant");
  fresh.expect_whole();
}

TEST_F(Versions, LargeBodiesAndCopiesOfOldVersions) {
  const Bytes first = content(300'000, 1), second = content(200'000, 2);
  ids_["a"] = w.put("k", first)->version_id;
  ids_["b"] = w.put("k", second)->version_id;
  const auto source = w.engine->open_object(w.t, w.b, "k", Tier::Disk, false, ids_["a"]);
  ASSERT_TRUE(source);
  const auto copied = w.commit(w.engine->copy(w.t, {w.b, "k", ids_["a"], {}}, source->object(), w.b, "k", {.owner = w.owner}, {}, w.actor, w.record("CopyObject")));
  ASSERT_TRUE(copied) << copied.error().message();
  ids_["c"] = copied->version_id;
  EXPECT_EQ(w.get("k").value(), first);
  EXPECT_EQ(listed(), "k=c* k=b k=a");
  w.expect_whole();
  ASSERT_TRUE(remove("a"));
  EXPECT_EQ(w.get("k").value(), first);
  w.expect_whole_after_upkeep();
}

TEST_F(Versions, AreListedByPages) {
  put("a1", "a");
  put("a2", "a");
  put("b1", "b/1");
  put("b2", "b/2");
  mark("b3", "b/2");
  put("c1", "c");
  EXPECT_EQ(listed({.max = 2}), "a=a2* a=a1 ...");
  EXPECT_EQ(listed({.after_key = "a", .after_version = ids_["a2"], .max = 2}), "a=a1 b/1=b1* ...");
  EXPECT_EQ(listed({.after_key = "b/2", .after_version = ids_["b3"]}), "b/2=b2 c=c1*");
  EXPECT_EQ(listed({.delimiter = "/"}), "a=a2* a=a1 c=c1* b/");
  EXPECT_EQ(listed({.delimiter = "/", .after_key = "b/"}), "c=c1*");
  EXPECT_EQ(listed({.prefix = "b/", .after_key = "b/1"}), "-b/2=b3* b/2=b2");
  EXPECT_EQ(listed({.prefix = "b/", .after_key = "a", .after_version = ids_["a2"]}), "b/1=b1* -b/2=b3* b/2=b2");
  ASSERT_TRUE(remove("a1", "a"));
  EXPECT_EQ(listed({.after_key = "a", .after_version = ids_["a1"], .max = 1}), "b/1=b1* ...") << "the marker's version is gone";
  EXPECT_EQ(w.engine->list_versions({.collectivity = w.t, .bucket = w.b, .after_key = "a", .after_version = "x"}).error(), make_error_code(EngineErrc::InvalidArgument));
}

TEST_F(Versions, OneKeyIsNoOtherKeysPrefix) {
  put("a1", "a");
  put("ab", "ab");
  put("a0", Bytes("a\0", 2));
  mark("m", "a");
  EXPECT_EQ(listed(), "-a=m* a=a1 " + Bytes("a\0", 2) + "=a0* ab=ab*");
  EXPECT_EQ(w.get("ab").value(), "corps ab");
  w.expect_whole();
}

TEST_F(Versions, ConditionsLookAtTheCurrentOne) {
  put("a");
  mark("m");
  EXPECT_TRUE(w.put("k", "neuf", {.if_none_match = EtagList{.any = true, .tags = {}}})) << "a marker is no object";
  EXPECT_EQ(w.put("k", "neuf", {.if_none_match = EtagList{.any = true, .tags = {}}}).error(), make_error_code(EngineErrc::PreconditionFailed));
}

TEST_F(Versions, ARetainedVersionStays) {
  put("a");
  const std::int64_t now = w.clock.wall_ms();
  lock("a", {LockMode::Governance, now + 10'000});
  EXPECT_EQ(remove("a").error(), make_error_code(EngineErrc::Locked));
  put("b");
  mark("m");
  EXPECT_EQ(body("a"), "corps a") << "what is written over it does not touch it";
  const auto bypassed = w.commit(w.engine->remove(w.t, w.b, "k", {.version = ids_["a"], .owner = w.owner, .bypass = true}, w.actor, w.record("DeleteObject")));
  EXPECT_TRUE(bypassed);
  put("c");
  lock("c", {LockMode::Compliance, now + 10'000});
  EXPECT_EQ(w.commit(w.engine->remove(w.t, w.b, "k", {.version = ids_["c"], .owner = w.owner, .bypass = true}, w.actor, w.record("DeleteObject"))).error(),
            make_error_code(EngineErrc::Locked));
  lock("c", {LockMode::Compliance, now + 9'000}, true, EngineErrc::Locked);
  lock("c", {LockMode::Governance, now + 20'000}, true, EngineErrc::Locked);
  lock("c", {}, true, EngineErrc::Locked);
  lock("c", {LockMode::Compliance, now + 11'000});
  w.clock.advance(10'500);
  EXPECT_EQ(remove("c").error(), make_error_code(EngineErrc::Locked));
  w.clock.advance(1'000);
  EXPECT_TRUE(remove("c"));
  w.expect_whole_after_upkeep();
}

TEST_F(Versions, AClockSetBackReleasesNothing) {
  put("a");
  const std::int64_t now = w.clock.wall_ms();
  lock("a", {LockMode::Compliance, now + 10'000});
  w.clock.advance(20'000);
  put("b");  // the committer's time is now beyond the retention
  w.stop();
  w.clock.jump(-86'420'000);
  w.open();
  put("c");
  lock("c", {LockMode::Compliance, now + 30'000});
  EXPECT_EQ(remove("c").error(), make_error_code(EngineErrc::Locked));
  EXPECT_TRUE(remove("a")) << "its time had come before the clock was set back";
}

TEST_F(Versions, AHeldVersionStays) {
  put("a");
  const auto hold = [&](bool on) {
    const auto edit = [on](ObjectFields& fields, std::int64_t) -> Result<void> {
      fields.legal_hold = on ? LegalHold::On : LegalHold::Off;
      return {};
    };
    ASSERT_TRUE(w.engine->commit(w.engine->change_object(w.t, w.b, "k", "", edit, w.actor, w.record("PutObjectLegalHold"))));
  };
  hold(true);
  const auto refused = w.commit(w.engine->remove(w.t, w.b, "k", {.version = ids_["a"], .owner = w.owner, .bypass = true}, w.actor, w.record("DeleteObject")));
  EXPECT_EQ(refused.error(), make_error_code(EngineErrc::Locked));
  hold(false);
  EXPECT_TRUE(remove("a"));
}

TEST_F(Versions, TakeTheBucketsDefaultRetention) {
  ASSERT_TRUE(w.change_bucket([](BucketSettings& s) -> Result<void> {
    s.object_lock = true;
    s.default_retention = {LockMode::Governance, 2, 0};
    return {};
  }));
  put("a");
  const auto reader = w.engine->open_object(w.t, w.b, "k", Tier::Disk, false);
  EXPECT_EQ(reader->object().retention, (Retention{LockMode::Governance, reader->object().modified_ms + 2 * 86'400'000}));
  EXPECT_EQ(remove("a").error(), make_error_code(EngineErrc::Locked));
  mark("m");
  EXPECT_TRUE(remove("m")) << "markers are not retained";
}

TEST_F(Versions, EditsFindTheirVersion) {
  put("a");
  put("b");
  const auto edit = [](ObjectFields& fields, std::int64_t) -> Result<void> {
    fields.tags = {{"service", "voirie"}};
    return {};
  };
  const auto change = [&](const std::string& version) {
    return w.engine->commit(w.engine->change_object(w.t, w.b, "k", version, edit, w.actor, w.record("PutObjectTagging")));
  };
  ASSERT_TRUE(change(ids_["a"]));
  EXPECT_EQ(w.engine->open_object(w.t, w.b, "k", Tier::Disk, false, ids_["a"])->object().tags.size(), 1u);
  EXPECT_TRUE(w.engine->open_object(w.t, w.b, "k", Tier::Disk, false)->object().tags.empty());
  EXPECT_EQ(change("null").error(), make_error_code(EngineErrc::NoSuchVersion));
  mark("m");
  EXPECT_EQ(change("").error(), make_error_code(EngineErrc::DeleteMarker));
  w.expect_whole();
}

TEST_F(Versions, AMarkerCountsAgainstTheQuota) {
  put("a");
  ASSERT_TRUE(w.engine->commit(w.engine->set_quota(w.t, {.bytes = 1, .objects = 2}, w.record("SetQuota"))));
  mark("m");
  EXPECT_EQ(w.remove("k").error(), make_error_code(TenantErrc::QuotaExceeded));
  EXPECT_TRUE(remove("a")) << "what frees is never refused";
  mark("m2");
  w.expect_whole();
}

TEST_F(Versions, ABucketWithVersionsIsNotEmpty) {
  mark("m");
  const auto refused = w.engine->commit(w.engine->delete_bucket(w.t, w.b, "dossiers", w.actor, w.record("DeleteBucket")));
  EXPECT_EQ(refused.error(), make_error_code(EngineErrc::BucketNotEmpty));
}

}  // namespace
}  // namespace beffroi::storage
