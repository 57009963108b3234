// SPDX-License-Identifier: EUPL-1.2
// Multipart uploads and copies: parts replaced, left out, aborted; Complete twice; blobs that several objects share.
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

class Multipart : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }
  void TearDown() override {
    if (w.engine) w.expect_whole_after_upkeep();
  }
  std::uint64_t physical() { return w.engine->usage(w.t, BucketId{0})->physical; }
  World w;
};

using Copies = Multipart;

TEST_F(Multipart, PartsBecomeOneObject) {
  const Bytes one = content(kPartBytesMin, 1), two = content(kPartBytesMin + 70'000, 2), three = content(123, 3);
  const auto upload = w.create_upload("gros");
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->size(), kUploadIdBytes);
  // Out of order, with gaps.
  const auto third = w.put_part("gros", *upload, 10'000, three);
  ASSERT_TRUE(third) << third.error().message();
  EXPECT_EQ(third->etag, to_hex(crypto::md5(three)));
  ASSERT_TRUE(w.put_part("gros", *upload, 1, one));
  ASSERT_TRUE(w.put_part("gros", *upload, 7, two));
  EXPECT_EQ(w.get("gros").error(), make_error_code(EngineErrc::NoSuchKey)) << "nothing is visible before Complete";
  w.expect_whole();

  const auto done = w.complete("gros", *upload, {World::named(1, one), World::named(7, two), World::named(10'000, three)});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->etag, to_hex(crypto::md5(crypto::md5(one) + crypto::md5(two) + crypto::md5(three))) + "-3");
  const Bytes whole = one + two + three;
  EXPECT_EQ(done->checksum, digests_of(whole).checksum) << "combined from the parts'";
  EXPECT_TRUE(*w.get("gros") == whole);
  EXPECT_EQ(w.engine->usage(w.t, w.b)->bytes, whole.size());
  EXPECT_EQ(w.engine->usage(w.t, w.b)->objects, 1u);
  w.expect_whole_after_upkeep();

  // Ranges inside each part and across their borders, before and after a restart.
  for (int life = 0; life < 2; ++life) {
    for (const std::uint64_t border : {std::uint64_t{one.size()}, std::uint64_t{one.size() + two.size()}}) {
      for (const auto& [begin, end] : {std::pair{border - 1, border}, {border, border + 1}, {border - 100'000, border + 100}, {border - 1, border + 1}}) {
        const auto got = w.get(w.b, "gros", begin, end);
        ASSERT_TRUE(got) << got.error().message();
        EXPECT_TRUE(*got == whole.substr(begin, end - begin)) << begin;
      }
    }
    w.reopen();
  }
  ASSERT_TRUE(w.remove("gros"));
  w.expect_whole_after_upkeep();
  EXPECT_EQ(physical(), 0u);
}

TEST_F(Multipart, AnEmptyLastPart) {
  const Bytes one = content(kPartBytesMin, 1);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 1, one));
  ASSERT_TRUE(w.put_part("k", *upload, 2, ""));
  ASSERT_TRUE(w.complete("k", *upload, {World::named(1, one), World::named(2, "")}));
  EXPECT_TRUE(*w.get("k") == one);
  const auto empty = w.create_upload("vide");
  ASSERT_TRUE(w.put_part("vide", *empty, 1, ""));
  ASSERT_TRUE(w.complete("vide", *empty, {World::named(1, "")}));
  EXPECT_TRUE(w.get("vide")->empty());
}

TEST_F(Multipart, CompleteChecksTheList) {
  const Bytes a = content(100, 1), b = content(200, 2);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 1, a));
  ASSERT_TRUE(w.put_part("k", *upload, 2, b));
  EXPECT_EQ(w.complete("k", *upload, {}).error(), make_error_code(EngineErrc::InvalidPart));
  EXPECT_EQ(w.complete("k", *upload, {World::named(3, a)}).error(), make_error_code(EngineErrc::InvalidPart));
  EXPECT_EQ(w.complete("k", *upload, {World::named(1, b)}).error(), make_error_code(EngineErrc::InvalidPart));
  EXPECT_EQ(w.complete("k", *upload, {World::named(2, b), World::named(1, a)}).error(), make_error_code(EngineErrc::InvalidPartOrder));
  EXPECT_EQ(w.complete("k", *upload, {World::named(1, a), World::named(1, a)}).error(), make_error_code(EngineErrc::InvalidPartOrder));
  EXPECT_EQ(w.complete("k", *upload, {World::named(1, a), World::named(2, b)}).error(), make_error_code(EngineErrc::EntityTooSmall));
  const auto with = [&](CompleteRequest request) {
    request.parts = {World::named(2, b)};
    return w.commit(w.engine->complete_upload(w.t, w.b, "k", *upload, request, {}, w.actor, w.record("CompleteMultipartUpload")));
  };
  EXPECT_EQ(with({.parts = {}, .checksum = std::nullopt, .size = 201}).error(), make_error_code(EngineErrc::InvalidArgument));
  EXPECT_EQ(with({.parts = {}, .checksum = digests_of(a).checksum, .size = {}}).error(), make_error_code(EngineErrc::ChecksumMismatch));
  NamedPart wrong_sum = World::named(2, b);
  wrong_sum.checksum = digests_of(a).checksum.value;
  EXPECT_EQ(w.complete("k", *upload, {wrong_sum}).error(), make_error_code(EngineErrc::InvalidPart));
  EXPECT_EQ(w.complete("k", Bytes(16, 'x'), {World::named(2, b)}).error(), make_error_code(EngineErrc::NoSuchUpload));
  EXPECT_EQ(w.complete("autre", *upload, {World::named(2, b)}).error(), make_error_code(EngineErrc::NoSuchUpload));
  EXPECT_EQ(w.complete("k", *upload, {World::named(2, b)}, {.if_match = EtagList{.any = true, .tags = {}}}).error(), make_error_code(EngineErrc::NoSuchKey));
  ASSERT_TRUE(with({.parts = {}, .checksum = digests_of(b).checksum, .size = 200}));
  EXPECT_TRUE(*w.get("k") == b);
}

TEST_F(Multipart, CompleteTwiceGivesOneAnswerForADay) {
  const Bytes a = content(100, 1), b = content(200, 2);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 1, a));
  ASSERT_TRUE(w.put_part("k", *upload, 2, b));
  const auto first = w.complete("k", *upload, {World::named(2, b)});
  ASSERT_TRUE(first);
  for (int life = 0; life < 2; ++life) {
    const auto again = w.complete("k", *upload, {World::named(2, b)});
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->version_id, first->version_id);
    EXPECT_EQ(again->etag, first->etag);
    EXPECT_EQ(again->checksum, first->checksum);
    EXPECT_EQ(w.complete("k", *upload, {World::named(1, a)}).error(), make_error_code(EngineErrc::NoSuchUpload));
    EXPECT_EQ(w.abort("k", *upload).error(), make_error_code(EngineErrc::NoSuchUpload));
    EXPECT_EQ(w.put_part("k", *upload, 1, a).error(), make_error_code(EngineErrc::NoSuchUpload));
    EXPECT_EQ(w.engine->list_parts(w.t, w.b, "k", *upload, 0, 10).error(), make_error_code(EngineErrc::NoSuchUpload));
    EXPECT_TRUE(w.engine->list_uploads({.collectivity = w.t, .bucket = w.b})->uploads.empty());
    w.reopen();
  }
  EXPECT_TRUE(*w.get("k") == b) << "and the object is still there";
  // Also after its object went; and the outcome is no reason to keep the bucket.
  ASSERT_TRUE(w.remove("k"));
  EXPECT_TRUE(w.complete("k", *upload, {World::named(2, b)}));
  EXPECT_EQ(w.get("k").error(), make_error_code(EngineErrc::NoSuchKey)) << "the answer is repeated, not the work";
  w.clock.advance(kOutcomeKeptMs + 1);
  ASSERT_TRUE(w.engine->run_upkeep());
  EXPECT_EQ(w.complete("k", *upload, {World::named(2, b)}).error(), make_error_code(EngineErrc::NoSuchUpload));
}

TEST_F(Multipart, PartsLeftOutAreFreed) {
  const Bytes a = content(400'000, 1), b = content(500'000, 2), c = content(1'300'000, 3);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 1, a));
  ASSERT_TRUE(w.put_part("k", *upload, 2, b));
  ASSERT_TRUE(w.put_part("k", *upload, 3, c));
  EXPECT_EQ(w.engine->usage(w.t, w.b)->objects, 3u);
  ASSERT_TRUE(w.complete("k", *upload, {World::named(2, b)}));
  EXPECT_EQ(w.engine->usage(w.t, w.b)->objects, 1u);
  EXPECT_EQ(w.engine->usage(w.t, w.b)->bytes, b.size());
  w.expect_whole_after_upkeep();
  EXPECT_EQ(physical(), run_footprint(crypto::sealed_bytes(b.size())));
  EXPECT_TRUE(*w.get("k") == b);
}

TEST_F(Multipart, APartSentAgainReplacesTheFirst) {
  const Bytes a = content(100'000, 1), b = content(200'000, 2);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 1, a));
  ASSERT_TRUE(w.put_part("k", *upload, 1, b));
  EXPECT_EQ(w.engine->usage(w.t, w.b)->objects, 1u);
  EXPECT_EQ(w.engine->usage(w.t, w.b)->bytes, b.size());
  w.expect_whole_after_upkeep();
  EXPECT_EQ(physical(), run_footprint(crypto::sealed_bytes(b.size())));
  EXPECT_EQ(w.complete("k", *upload, {World::named(1, a)}).error(), make_error_code(EngineErrc::InvalidPart));
  ASSERT_TRUE(w.complete("k", *upload, {World::named(1, b)}));
  EXPECT_TRUE(*w.get("k") == b);
}

TEST_F(Multipart, AbortFreesEverything) {
  const auto upload = w.create_upload("k");
  for (std::uint16_t n = 1; n <= 300; ++n) ASSERT_TRUE(w.put_part("k", *upload, n, content(n == 5 ? 1'200'000 : 10, n)));
  EXPECT_EQ(w.engine->commit(w.engine->delete_bucket(w.t, w.b, "dossiers", w.actor, w.record("DeleteBucket"))).error(),
            make_error_code(EngineErrc::BucketNotEmpty));
  ASSERT_TRUE(w.abort("k", *upload));
  EXPECT_EQ(w.abort("k", *upload).error(), make_error_code(EngineErrc::NoSuchUpload));
  EXPECT_EQ(w.put_part("k", *upload, 1, "x").error(), make_error_code(EngineErrc::NoSuchUpload));
  EXPECT_EQ(w.engine->usage(w.t, w.b)->objects, 0u);
  w.expect_whole_after_upkeep();
  EXPECT_EQ(physical(), 0u);
  EXPECT_TRUE(w.engine->commit(w.engine->delete_bucket(w.t, w.b, "dossiers", w.actor, w.record("DeleteBucket"))));
}

TEST_F(Multipart, APartThatCameAfterTheListWasReadIsSeen) {
  const Bytes a = content(100, 1), b = content(200, 2);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 1, a));
  auto complete = w.prepare_complete("k", *upload, {World::named(1, a)});
  auto abort = w.prepare_abort("k", *upload);
  ASSERT_TRUE(complete && abort);
  ASSERT_TRUE(w.put_part("k", *upload, 1, b));
  EXPECT_EQ(w.engine->commit(std::move(*complete)).error(), make_error_code(EngineErrc::Changed));
  EXPECT_EQ(w.engine->commit(std::move(*abort)).error(), make_error_code(EngineErrc::Changed));
  EXPECT_EQ(w.complete("k", *upload, {World::named(1, a)}).error(), make_error_code(EngineErrc::InvalidPart));
  ASSERT_TRUE(w.complete("k", *upload, {World::named(1, b)}));
}

TEST_F(Multipart, PartsAndUploadsAreListed) {
  const auto upload = w.create_upload("b/2");
  ASSERT_TRUE(w.create_upload("b/2"));
  ASSERT_TRUE(w.create_upload("a"));
  ASSERT_TRUE(w.create_upload("b/1"));
  ASSERT_TRUE(w.create_upload("c"));
  for (const std::uint16_t n : {3, 1, 10'000}) ASSERT_TRUE(w.put_part("b/2", *upload, n, content(n, n)));
  const auto parts = w.engine->list_parts(w.t, w.b, "b/2", *upload, 0, 2);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->parts.size(), 2u);
  EXPECT_TRUE(parts->truncated);
  EXPECT_EQ(parts->parts[0].number, 1);
  EXPECT_EQ(parts->parts[1].number, 3);
  EXPECT_EQ(parts->parts[1].etag, to_hex(crypto::md5(content(3, 3))));
  const auto rest = w.engine->list_parts(w.t, w.b, "b/2", *upload, 3, 2);
  ASSERT_EQ(rest->parts.size(), 1u);
  EXPECT_FALSE(rest->truncated);
  EXPECT_EQ(rest->parts[0].number, 10'000);

  const auto all = w.engine->list_uploads({.collectivity = w.t, .bucket = w.b});
  ASSERT_TRUE(all);
  std::vector<Bytes> keys;
  for (const auto& u : all->uploads) keys.push_back(u.key);
  EXPECT_EQ(keys, (std::vector<Bytes>{"a", "b/1", "b/2", "b/2", "c"}));
  const auto grouped = w.engine->list_uploads({.collectivity = w.t, .bucket = w.b, .delimiter = "/"});
  EXPECT_EQ(grouped->prefixes, std::vector<Bytes>{"b/"});
  EXPECT_EQ(grouped->uploads.size(), 2u);

  // Page by page gives each once, whatever the page's length.
  for (std::size_t max = 1; max <= 6; ++max) {
    UploadQuery q{.collectivity = w.t, .bucket = w.b, .max = max};
    std::vector<Bytes> seen;
    for (int pages = 0; pages < 10; ++pages) {
      const auto page = w.engine->list_uploads(q);
      ASSERT_TRUE(page);
      for (const auto& u : page->uploads) seen.push_back(u.key + u.upload_id);
      EXPECT_LE(page->uploads.size(), max);
      if (!page->truncated) break;
      q.after_key = page->last_key;
      q.after_upload = page->last_upload;
    }
    EXPECT_EQ(seen.size(), 5u) << max;
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  }
}

TEST_F(Copies, ShareTheBytesOfTheirSource) {
  const Bytes body = content(400'000, 1);
  ASSERT_TRUE(w.put("source", body));
  const std::uint64_t before = physical();
  const auto done = w.copy("source", "copie");
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->etag, to_hex(crypto::md5(body)));
  EXPECT_EQ(physical(), before);
  EXPECT_EQ(w.engine->usage(w.t, w.b)->bytes, 2 * body.size());
  ASSERT_TRUE(w.copy("copie", "troisi\xC3\xA8me"));
  w.expect_whole();
  ASSERT_TRUE(w.remove("source"));
  w.expect_whole_after_upkeep();
  EXPECT_TRUE(*w.get("copie") == body);
  w.reopen();
  ASSERT_TRUE(w.put("copie", ""));
  w.expect_whole_after_upkeep();
  EXPECT_TRUE(*w.get("troisi\xC3\xA8me") == body);
  EXPECT_EQ(physical(), before);
  ASSERT_TRUE(w.remove("troisi\xC3\xA8me"));
  w.expect_whole_after_upkeep();
  EXPECT_EQ(physical(), 0u);
}

TEST_F(Copies, OntoItselfGivesNewHeaders) {
  const Bytes body = content(100'000, 1);
  ASSERT_TRUE(w.put("k", body));
  for (int i = 0; i < 3; ++i) {
    const auto source = w.engine->open_object(w.t, w.b, "k", Tier::Disk, false);
    ObjectHeaders headers{.content_type = "text/" + std::to_string(i)};
    auto change = w.engine->copy(w.t, {w.b, "k", "", {}}, source->object(), w.b, "k", {.owner = w.owner, .headers = headers}, {}, w.actor, w.record("CopyObject"));
    ASSERT_TRUE(change && w.engine->commit(std::move(*change)));
    EXPECT_EQ(w.engine->open_object(w.t, w.b, "k", Tier::Disk, false)->object().headers, headers);
    w.expect_whole();
  }
  EXPECT_EQ(w.engine->usage(w.t, w.b)->bytes, body.size());
  EXPECT_TRUE(*w.get("k") == body);
  ASSERT_TRUE(w.remove("k"));
  w.expect_whole_after_upkeep();
  EXPECT_EQ(physical(), 0u);
}

TEST_F(Copies, OfAMultipartObjectKeepItsEtag) {
  const Bytes body = content(1'400'000, 1);
  const auto upload = w.create_upload("k");
  ASSERT_TRUE(w.put_part("k", *upload, 3, body));
  const auto done = w.complete("k", *upload, {World::named(3, body)});
  const auto copied = w.copy("k", "l");
  ASSERT_TRUE(done && copied);
  EXPECT_EQ(copied->etag, done->etag);
  ASSERT_TRUE(w.remove("k"));
  w.expect_whole_after_upkeep();
  EXPECT_TRUE(*w.get("l") == body);
}

TEST_F(Copies, AreRefusedWhereTheSourceMoved) {
  ASSERT_TRUE(w.put("petit", content(10, 1)));
  ASSERT_TRUE(w.put("k", content(20'000, 1)));
  EXPECT_EQ(w.copy("petit", "l").error(), make_error_code(EngineErrc::Changed)) << "no blob to share";
  EXPECT_EQ(w.copy("absent", "l").error(), make_error_code(EngineErrc::NoSuchKey));
  auto larger = w.prepare_copy(w.b, "k", w.b, "l");
  auto to_inline = w.prepare_copy(w.b, "k", w.b, "l");
  auto gone = w.prepare_copy(w.b, "k", w.b, "l");
  ASSERT_TRUE(larger && to_inline && gone);
  ASSERT_TRUE(w.put("k", content(30'000, 2)));
  EXPECT_EQ(w.engine->commit(std::move(*larger)).error(), make_error_code(EngineErrc::Changed)) << "more than was reserved";
  ASSERT_TRUE(w.put("k", content(5, 2)));
  EXPECT_EQ(w.engine->commit(std::move(*to_inline)).error(), make_error_code(EngineErrc::Changed));
  ASSERT_TRUE(w.remove("k"));
  EXPECT_EQ(w.engine->commit(std::move(*gone)).error(), make_error_code(EngineErrc::NoSuchKey));
  EXPECT_EQ(w.engine->quotas().usage(w.t)->reserved_bytes, 0u);
}

TEST_F(Copies, CheckTheConditionsOfTheirSource) {
  const Bytes body = content(20'000, 1);
  ASSERT_TRUE(w.put("k", body));
  const auto source = w.engine->open_object(w.t, w.b, "k", Tier::Disk, false);
  const auto copy = [&](Conditions of_source, Conditions of_target) {
    return w.commit(w.engine->copy(w.t, {w.b, "k", "", std::move(of_source)}, source->object(), w.b, "l", {.owner = w.owner},
                                   std::move(of_target), w.actor, w.record("CopyObject")));
  };
  const EtagList other{.any = false, .tags = {"autre"}}, same{.any = false, .tags = {to_hex(crypto::md5(body))}};
  EXPECT_EQ(copy({.if_match = other}, {}).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_EQ(copy({.if_none_match = same}, {}).error(), make_error_code(EngineErrc::PreconditionFailed));
  EXPECT_EQ(copy({}, {.if_match = same}).error(), make_error_code(EngineErrc::NoSuchKey));
  EXPECT_TRUE(copy({.if_match = same}, {.if_none_match = EtagList{.any = true, .tags = {}}}));
  EXPECT_EQ(copy({}, {.if_none_match = EtagList{.any = true, .tags = {}}}).error(), make_error_code(EngineErrc::PreconditionFailed));
}

}  // namespace
}  // namespace beffroi::storage
