// SPDX-License-Identifier: EUPL-1.2
// PUT, GET, DELETE, their conditions and quotas: what a verb promises and each refusal, then the same after a restart.
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

class Objects : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }
  void TearDown() override {
    if (w.engine) w.expect_whole_after_upkeep();
  }
  World w;
};

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kSizes[] = {0,          1,          4'095,       8'191,           8'192,          8'193,       kChunk - 1,
                                  kChunk,     kChunk + 1, 2 * kChunk,  4 * kChunk - 1,  4 * kChunk,     4 * kChunk + 1, 5 * kChunk + 7,
                                  1'000'000, 1'500'000};

TEST_F(Objects, EverySizeComesBack) {
  for (const std::size_t size : kSizes) {
    const Bytes key = "taille/" + std::to_string(size);
    const Bytes body = content(size, size);
    const auto done = w.put(key, body);
    ASSERT_TRUE(done) << size << " " << done.error().message();
    EXPECT_EQ(done->etag, to_hex(crypto::md5(body)));
    EXPECT_EQ(done->checksum, digests_of(body).checksum);
    EXPECT_FALSE(done->version_id.empty());
    EXPECT_EQ(done->time_ms, kStartMs);
    const auto got = w.get(key);
    ASSERT_TRUE(got) << size << " " << got.error().message();
    EXPECT_TRUE(*got == body) << size;
  }
  w.reopen();
  for (const std::size_t size : kSizes) {
    const auto got = w.get("taille/" + std::to_string(size));
    ASSERT_TRUE(got) << size << " " << got.error().message();
    EXPECT_TRUE(*got == content(size, size)) << size;
  }
}

TEST_F(Objects, EveryRangeOfEverySize) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{8'192}, kChunk, kChunk + 1, 4 * kChunk, 5 * kChunk + 7, std::size_t{1'500'000}}) {
    const Bytes body = content(size, size + 1);
    ASSERT_TRUE(w.put("k", body));
    std::vector<std::size_t> cuts;
    for (const std::size_t c : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 4 * kChunk, 4 * kChunk + 1, size / 2, size - 1, size}) {
      if (c <= size) cuts.push_back(c);
    }
    for (const std::size_t begin : cuts) {
      for (const std::size_t end : cuts) {
        if (begin > end) continue;
        const auto got = w.get(w.b, "k", begin, end);
        ASSERT_TRUE(got) << size << " " << begin << "-" << end << " " << got.error().message();
        EXPECT_TRUE(*got == BytesView(body).substr(begin, end - begin)) << size << " " << begin << "-" << end;
      }
    }
  }
}

TEST_F(Objects, OneReaderGivesSeveralRanges) {
  const Bytes body = content(5 * kChunk, 3);
  ASSERT_TRUE(w.put("k", body));
  auto reader = w.engine->open_object(w.t, w.b, "k", Tier::Disk, true);
  ASSERT_TRUE(reader);
  for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{0, 10}, {4 * kChunk, 5 * kChunk}, {kChunk - 5, kChunk + 5}, {7, 7}}) {
    ASSERT_TRUE(reader->start(begin, end, Tier::Disk));
    Bytes got;
    for (auto piece = reader->next(Tier::Disk); piece && !piece->empty(); piece = reader->next(Tier::Disk)) got += *piece;
    EXPECT_TRUE(got == BytesView(body).substr(begin, end - begin)) << begin;
  }
}

TEST_F(Objects, AColdReadAsksForADisk) {
  const Bytes body = content(200'000, 5);
  ASSERT_TRUE(w.put("k", body));
  w.reopen();
  w.disk->set_cold(true);
  // A restart left nothing in memory: neither the row nor the bytes.
  const auto refused = w.engine->open_object(w.t, w.b, "k", Tier::CacheOnly, true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), make_error_code(IndexErrc::WouldBlock));
  auto reader = w.engine->open_object(w.t, w.b, "k", Tier::Disk, true);
  ASSERT_TRUE(reader);
  const auto started = reader->start(0, body.size(), Tier::CacheOnly);
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error() == make_error_code(IoErrc::WouldBlock) || started.error() == make_error_code(IndexErrc::WouldBlock));
  ASSERT_TRUE(reader->start(0, body.size(), Tier::Disk));
  Bytes got;
  while (got.size() < body.size()) {
    auto piece = reader->next(Tier::CacheOnly);
    if (!piece) {
      EXPECT_EQ(piece.error(), make_error_code(IoErrc::WouldBlock));
      piece = reader->next(Tier::Disk);
    }
    ASSERT_TRUE(piece && !piece->empty());
    got += *piece;
  }
  EXPECT_TRUE(got == body);
  w.disk->set_cold(false);
}

TEST_F(Objects, HeadersAndMetadataComeBack) {
  const Bytes body = content(100, 1);
  ObjectHeaders headers{.content_type = "text/csv; charset=utf-8",
                        .content_encoding = "gzip",
                        .content_disposition = "attachment; filename=\"d\xC3\xA9lib.csv\"",
                        .content_language = "fr",
                        .cache_control = "max-age=60",
                        .expires = "Tue, 24 Nov 2026 09:00:00 GMT",
                        .metadata = {{"auteur", "Mairie"}, {"vide", ""}}};
  auto session = w.engine->begin_put(w.t, w.b, body.size(), true);
  ASSERT_TRUE(session && session->write(body));
  const auto done = w.commit(session->finish("d\xC3\xA9lib\xC3\xA9ration n\xC2\xB0" "12", digests_of(body), {.owner = w.owner, .headers = headers}, {}, w.actor, w.record("PutObject")));
  ASSERT_TRUE(done);
  w.reopen();
  const auto reader = w.engine->open_object(w.t, w.b, "d\xC3\xA9lib\xC3\xA9ration n\xC2\xB0" "12", Tier::Disk, false);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->object().headers, headers);
  EXPECT_EQ(reader->object().size, 100u);
  EXPECT_EQ(reader->object().owner, w.owner);
  EXPECT_EQ(reader->object().version_id, done->version_id);
  EXPECT_EQ(reader->object().modified_ms, kStartMs);
}

TEST_F(Objects, AnOverwriteReplacesAndFreesWhatWasThere) {
  std::uint64_t seed = 0;
  Bytes last;
  for (const std::size_t size : {std::size_t{100}, std::size_t{50'000}, std::size_t{1'200'000}, std::size_t{0}, std::size_t{9'000}, std::size_t{70'000}}) {
    last = content(size, ++seed);
    ASSERT_TRUE(w.put("k", last));
    const auto usage = w.engine->usage(w.t, BucketId{0});
    ASSERT_TRUE(usage);
    EXPECT_EQ(usage->bytes, size);
    EXPECT_EQ(usage->objects, 1u);
  }
  w.expect_whole_after_upkeep();
  const auto usage = w.engine->usage(w.t, BucketId{0});
  EXPECT_EQ(usage->physical, run_footprint(crypto::sealed_bytes(last.size()))) << "only the last body holds room";
  EXPECT_TRUE(*w.get("k") == last);
}

TEST_F(Objects, DeleteForgetsAndFrees) {
  ASSERT_TRUE(w.put("petit", content(10, 1)));
  ASSERT_TRUE(w.put("grand", content(300'000, 2)));
  EXPECT_TRUE(w.remove("petit"));
  EXPECT_TRUE(w.remove("grand"));
  EXPECT_TRUE(w.remove("jamais"));
  EXPECT_EQ(w.get("petit").error(), make_error_code(EngineErrc::NoSuchKey));
  EXPECT_EQ(w.get("grand").error(), make_error_code(EngineErrc::NoSuchKey));
  w.expect_whole_after_upkeep();
  const auto usage = w.engine->usage(w.t, w.b);
  EXPECT_EQ(usage->bytes, 0u);
  EXPECT_EQ(usage->objects, 0u);
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->physical, 0u);
  w.reopen();
  EXPECT_EQ(w.get("grand").error(), make_error_code(EngineErrc::NoSuchKey));
}

TEST_F(Objects, AReaderKeepsWhatIsDeletedMeanwhile) {
  const Bytes body = content(900'000, 9);
  ASSERT_TRUE(w.put("k", body));
  auto reader = w.engine->open_object(w.t, w.b, "k", Tier::Disk, true);
  ASSERT_TRUE(reader && reader->start(0, body.size(), Tier::Disk));
  ASSERT_TRUE(w.remove("k"));
  ASSERT_TRUE(w.engine->run_upkeep());
  EXPECT_EQ(w.engine->status().gc_rows, 1u) << "pinned";
  Bytes got;
  for (auto piece = reader->next(Tier::Disk); piece && !piece->empty(); piece = reader->next(Tier::Disk)) got += *piece;
  EXPECT_TRUE(got == body);
  { auto gone = std::move(*reader); }
  w.expect_whole_after_upkeep();
}

TEST_F(Objects, ConditionsAreCheckedAtCommit) {
  const auto tag = [](const Bytes& body) { return EtagList{.any = false, .tags = {to_hex(crypto::md5(body))}}; };
  const Bytes one = content(10, 1), two = content(9'000, 2);
  const Conditions only_new{.if_none_match = EtagList{.any = true, .tags = {}}};
  EXPECT_EQ(w.put("k", one, {.if_match = tag(one)}).error(), make_error_code(EngineErrc::NoSuchKey));
  ASSERT_TRUE(w.put("k", one, only_new));
  EXPECT_EQ(w.put("k", two, only_new).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_EQ(w.put("k", two, {.if_match = tag(two)}).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_TRUE(*w.get("k") == one);
  ASSERT_TRUE(w.put("k", two, {.if_match = tag(one)}));
  EXPECT_EQ(w.remove("k", {.if_match = tag(one)}).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_EQ(w.remove("k", {.if_match_size = 10}).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_EQ(w.remove("k", {.if_match_modified_s = kStartMs / 1000 + 1}).error(), make_error_code(EngineErrc::PreconditionFailed));
  ASSERT_TRUE(w.remove("k", {.if_match = tag(two), .if_match_size = two.size(), .if_match_modified_s = kStartMs / 1000}));
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->objects, 0u);
}

TEST_F(Objects, OnlyOneOfManyConditionalWritesWins) {
  std::vector<Prepared> changes;
  for (int i = 0; i < 20; ++i) {
    auto put = w.prepare_put(w.b, "k", content(i % 2 ? 10 : 20'000, i), {.if_none_match = EtagList{.any = true, .tags = {}}});
    ASSERT_TRUE(put);
    changes.push_back(std::move(*put));
  }
  int won = 0;
  for (const auto& result : commit_together(*w.engine, std::move(changes))) {
    if (result) {
      ++won;
    } else {
      EXPECT_EQ(result.error(), make_error_code(EngineErrc::PreconditionFailed));
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_TRUE(*w.get("k") == content(20'000, 0)) << "the first to arrive";
}

// In memory, in each lane, in an extent of its own; ending in any chunk, one whole chunk from the declared end or more.
TEST_F(Objects, ABodyMayEndEarlierThanDeclared) {
  std::uint64_t seed = 0, bytes = 0;
  for (const std::size_t declared : {std::size_t{5'000}, std::size_t{300'000}, std::size_t{1'500'000}, std::size_t{2'000'000}}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4'096}, std::size_t{65'536}, std::size_t{131'073}, declared}) {
      if (size > declared) continue;
      const Bytes body = content(size, ++seed);
      auto session = w.engine->begin_put(w.t, w.b, declared, true);
      ASSERT_TRUE(session && session->write(BytesView(body).substr(0, size - (size > 0))));
      if (size < declared) session->shrink(size);
      ASSERT_TRUE(session->write(BytesView(body).substr(size - (size > 0))));
      const std::string key = std::to_string(seed);
      ASSERT_TRUE(w.commit(session->finish(key, digests_of(body), {.owner = w.owner}, {}, w.actor, w.record("PostObject"))));
      EXPECT_TRUE(*w.get(key) == body) << declared << " " << size;
      bytes += size;
    }
  }
  const auto quota = w.engine->quotas().usage(w.t);
  EXPECT_EQ(quota->reserved_bytes, 0u);
  EXPECT_EQ(quota->committed_bytes, bytes);
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->bytes, bytes);
  w.reopen();
  w.expect_whole_after_upkeep();
}

TEST_F(Objects, RefusalsGiveBackWhatTheyHeld) {
  EXPECT_EQ(w.commit(w.prepare_put(BucketId{999}, "k", content(10, 1))).error(), make_error_code(EngineErrc::NoSuchBucket));
  EXPECT_EQ(w.commit(w.prepare_put(BucketId{999}, "k", content(90'000, 1))).error(), make_error_code(EngineErrc::NoSuchBucket));
  EXPECT_EQ(w.engine->begin_put(w.t, w.b, kObjectBytesMax + 1, true).error(), make_error_code(EngineErrc::EntityTooLarge));
  {
    auto session = w.engine->begin_put(w.t, w.b, 10, true);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->write(content(11, 1)).error(), make_error_code(EngineErrc::EntityTooLarge));
  }
  {
    auto session = w.engine->begin_put(w.t, w.b, 2'000'000, true);  // an own extent that never commits
    ASSERT_TRUE(session && session->write(content(300'000, 1)));
  }
  w.expect_whole_after_upkeep();
  const auto quota = w.engine->quotas().usage(w.t);
  EXPECT_EQ(quota->reserved_bytes, 0u);
  EXPECT_EQ(quota->reserved_objects, 0u);
  EXPECT_EQ(quota->committed_bytes, 0u);
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->physical, 0u);
}

TEST_F(Objects, AQuotaIsNeverPassedByAByte) {
  ASSERT_TRUE(w.engine->commit(w.engine->set_quota(w.t, {.bytes = 100'000, .objects = 3}, w.record("SetQuota"))));
  ASSERT_TRUE(w.put("a", content(60'000, 1)));
  QuotaRefusal refusal;
  const auto refused = w.engine->begin_put(w.t, w.b, 40'001, true, &refusal);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), make_error_code(TenantErrc::QuotaExceeded));
  EXPECT_EQ(refusal.which, QuotaRefusal::Which::Bytes);
  EXPECT_EQ(refusal.used, 60'000u);
  EXPECT_EQ(refusal.limit, 100'000u);
  ASSERT_TRUE(w.put("b", content(40'000, 2)));
  ASSERT_TRUE(w.put("c", ""));
  const auto fourth = w.engine->begin_put(w.t, w.b, 0, true, &refusal);
  ASSERT_FALSE(fourth);
  EXPECT_EQ(refusal.which, QuotaRefusal::Which::Objects);
  // Room given back is room again, also after a restart.
  ASSERT_TRUE(w.remove("b"));
  w.reopen();
  EXPECT_FALSE(w.engine->begin_put(w.t, w.b, 40'001, true));
  ASSERT_TRUE(w.put("d", content(40'000, 3)));
  EXPECT_FALSE(w.prepare_copy(w.b, "a", w.b, "e"));
}

TEST_F(Objects, UploadsUnderWayCountAgainstTheQuota) {
  ASSERT_TRUE(w.engine->commit(w.engine->set_quota(w.t, {.bytes = 1'000'000, .objects = 100}, w.record("SetQuota"))));
  std::vector<Prepared> changes;
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    auto put = w.prepare_put(w.b, "k" + std::to_string(i), content(50'001, i));
    if (put) changes.push_back(std::move(*put));
    else ++refused;
  }
  EXPECT_EQ(changes.size(), 19u);  // 19 x 50 001 <= 1 000 000 < 20 x 50 001
  EXPECT_EQ(refused, 11);
  for (const auto& result : commit_together(*w.engine, std::move(changes))) EXPECT_TRUE(result);
  EXPECT_EQ(w.engine->usage(w.t, BucketId{0})->bytes, 19u * 50'001);
}

TEST_F(Objects, AFullDiskRefusesBeforeTheBody) {
  ASSERT_TRUE(w.put("k", content(20'000, 1)));
  const auto space = w.disk->space("/data");
  ASSERT_TRUE(space);
  w.disk->set_capacity(space->total - space->available);
  const auto refused = w.engine->begin_put(w.t, w.b, 3'000'000, true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), make_error_code(EngineErrc::NoSpace));
  w.disk->set_capacity(0);
  EXPECT_TRUE(*w.get("k") == content(20'000, 1));
  ASSERT_TRUE(w.put("l", content(3'000'000, 2)));
  EXPECT_TRUE(w.fail_stop->reason().empty()) << w.fail_stop->reason();
}

TEST_F(Objects, StopsAndStartsManyTimes) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(w.put("k" + std::to_string(i), content(30'000 * i, i)));
    if (i % 2) w.reopen();
    else {
      w.crash(CrashKind::PowerCut, 0);
      w.open();
    }
    for (int k = 0; k <= i; ++k) EXPECT_TRUE(*w.get("k" + std::to_string(k)) == content(30'000 * k, k));
    w.expect_whole();
  }
}

}  // namespace
}  // namespace beffroi::storage
