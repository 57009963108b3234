// SPDX-License-Identifier: EUPL-1.2
// Listing, against the plain definition of S3's ListObjects computed over a set of keys.
#include <random>
#include <set>

#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

struct Page {
  std::vector<Bytes> keys, prefixes;
  bool truncated = false;
  Bytes last;
};

// S3's words: keys above `after` that start with `prefix`; those that hold the delimiter behind the prefix are rolled up into
// one common prefix each; keys and prefixes count alike, in the order of bytes.
Page by_definition(const std::set<Bytes>& keys, const ObjectQuery& q) {
  Page page;
  if (q.max == 0) return page;
  for (const Bytes& key : keys) {
    if (!key.starts_with(q.prefix) || key <= q.after) continue;
    const auto at = q.delimiter.empty() ? Bytes::npos : key.find(q.delimiter, q.prefix.size());
    const Bytes item = at == Bytes::npos ? key : key.substr(0, at + q.delimiter.size());
    if (at != Bytes::npos && (item == q.after || (!page.prefixes.empty() && page.prefixes.back() == item))) continue;
    if (page.keys.size() + page.prefixes.size() == q.max) {
      page.truncated = true;
      break;
    }
    (at == Bytes::npos ? page.keys : page.prefixes).push_back(item);
    page.last = item;
  }
  return page;
}

class Listing : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }
  Page list(const ObjectQuery& q) {
    const auto page = w.engine->list_objects(q);
    EXPECT_TRUE(page);
    Page out{.keys = {}, .prefixes = page->prefixes, .truncated = page->truncated, .last = page->last};
    for (const auto& entry : page->objects) out.keys.push_back(entry.key);
    return out;
  }
  void expect_same(const std::set<Bytes>& keys, const ObjectQuery& q) {
    const Page want = by_definition(keys, q), got = list(q);
    const std::string what = "prefix '" + q.prefix + "' delimiter '" + q.delimiter + "' after '" + q.after + "' max " + std::to_string(q.max);
    EXPECT_EQ(got.keys, want.keys) << what;
    EXPECT_EQ(got.prefixes, want.prefixes) << what;
    EXPECT_EQ(got.truncated, want.truncated) << what;
    EXPECT_EQ(got.last, want.last) << what;
  }
  World w;
};

TEST_F(Listing, FollowsTheDefinition) {
  const std::set<Bytes> keys{"a", "a/", "a//b", "a/../b", "a/b", "a/b/c", "a0", "b/1", "b/2", "c", Bytes("c\0d", 3), "d\xFF", "d\xFF\xFF", "d\xFF/x",
                             "\xC3\xA9t\xC3\xA9", "\xFF", "\xFF\xFF"};
  for (const Bytes& key : keys) ASSERT_TRUE(w.put(key, key));
  const BucketId other = w.add_bucket("voisin");
  ASSERT_TRUE(w.commit(w.prepare_put(other, "a/voisin", "x")));
  std::set<Bytes> texts = keys;
  for (const char* more : {"", "/", "a/b/", "b", "b/", "d", "zz", "\xFF\xFF\xFF", "a/z"}) texts.insert(more);
  for (const Bytes& prefix : texts) {
    for (const Bytes& after : texts) {
      for (const char* delimiter : {"", "/", "//", "b", "\xFF"}) {
        for (const std::size_t max : {std::size_t{1}, std::size_t{2}, std::size_t{1'000}}) {
          expect_same(keys, {.collectivity = w.t, .bucket = w.b, .prefix = prefix, .delimiter = delimiter, .after = after, .max = max});
        }
      }
    }
  }
  EXPECT_TRUE(list({.collectivity = w.t, .bucket = w.b, .max = 0}).keys.empty());
}

TEST_F(Listing, RandomKeysPageByPage) {
  const std::uint64_t seed = 20261124;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::set<Bytes> keys;
  for (int i = 0; i < 300; ++i) {
    Bytes key;
    for (std::size_t n = 1 + random() % 6; n > 0; --n) key += "ab/\x01\xFF"[random() % 5];
    keys.insert(key);
  }
  std::vector<Prepared> puts;
  for (const Bytes& key : keys) puts.push_back(*w.prepare_put(w.b, key, "x"));
  for (const auto& result : commit_together(*w.engine, std::move(puts))) ASSERT_TRUE(result);
  w.reopen();
  for (int i = 0; i < 60; ++i) {
    ObjectQuery q{.collectivity = w.t, .bucket = w.b, .prefix = random() % 2 ? "" : "a", .delimiter = random() % 3 ? "/" : "", .max = 1 + random() % 40};
    std::size_t items = 0;
    for (bool more = true; more;) {
      expect_same(keys, q);
      const Page page = list(q);
      items += page.keys.size() + page.prefixes.size();
      more = page.truncated;
      q.after = page.last;
    }
    q.after.clear();
    q.max = 100'000;
    const Page whole = by_definition(keys, q);
    EXPECT_EQ(items, whole.keys.size() + whole.prefixes.size());
  }
}

}  // namespace
}  // namespace beffroi::storage
