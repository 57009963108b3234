// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace beffroi::storage {
namespace {

Collectivity town(std::uint32_t t, std::string slug, std::string siren) {
  Collectivity c;
  c.id = CollectivityId{t};
  c.slug = std::move(slug);
  c.siren = std::move(siren);
  return c;
}

User user(std::uint32_t t, std::uint32_t id, std::string name) {
  User u;
  u.collectivity = CollectivityId{t};
  u.id = UserId{id};
  u.name = std::move(name);
  u.canonical_id = "canonical-" + std::to_string(t) + "-" + std::to_string(id);
  return u;
}

AccessKey key(std::uint32_t t, std::uint32_t user, std::string id) {
  AccessKey k;
  k.id = std::move(id);
  k.collectivity = CollectivityId{t};
  k.user = UserId{user};
  return k;
}

TEST(Directory, FindsByEveryName) {
  Directory d;
  d.put_collectivity(town(16, "beauvais", "216000570"));
  d.put_collectivity(town(17, "oise", "226000010"));
  ASSERT_TRUE(d.collectivity(CollectivityId{16}));
  EXPECT_EQ(d.by_slug("beauvais"), d.collectivity(CollectivityId{16}));
  EXPECT_EQ(d.by_siren("226000010"), d.collectivity(CollectivityId{17}));
  EXPECT_FALSE(d.collectivity(CollectivityId{18}));
  EXPECT_FALSE(d.by_slug("beauvai"));
  EXPECT_FALSE(d.by_siren(""));
  ASSERT_EQ(d.collectivities().size(), 2u);
  EXPECT_EQ(d.collectivities()[1]->slug, "oise");
}

TEST(Directory, AReplacedValueStaysAsItWasForItsHolder) {
  Directory d;
  d.put_collectivity(town(16, "beauvais", "216000570"));
  const auto held = d.by_slug("beauvais");
  Collectivity next = *held;
  next.siren = "200000016";  // a commune nouvelle takes another
  next.state = CollectivityState::Suspended;
  d.put_collectivity(next);
  EXPECT_EQ(held->state, CollectivityState::Active);
  EXPECT_EQ(d.by_slug("beauvais")->state, CollectivityState::Suspended);
  EXPECT_FALSE(d.by_siren("216000570"));
  EXPECT_EQ(d.by_siren("200000016"), d.collectivity(CollectivityId{16}));
}

TEST(Directory, UsersBelongToOneCollectivity) {
  Directory d;
  d.put_user(user(16, 1, "marie"));
  d.put_user(user(17, 1, "marie"));
  d.put_user(user(16, 2, "robot"));
  EXPECT_EQ(d.user_by_canonical_id("canonical-17-1"), d.user(CollectivityId{17}, UserId{1}));
  EXPECT_FALSE(d.user_by_canonical_id("canonical-17-9"));
  EXPECT_EQ(d.user_by_name(CollectivityId{17}, "marie"), d.user(CollectivityId{17}, UserId{1}));
  EXPECT_FALSE(d.user_by_name(CollectivityId{17}, "robot"));
  EXPECT_FALSE(d.user_by_name(CollectivityId{99}, "robot"));
  EXPECT_EQ(d.users(CollectivityId{16}).size(), 2u);
  EXPECT_TRUE(d.users(CollectivityId{15}).empty());
  d.put_user(user(16, 1, "anne"));  // renamed
  EXPECT_FALSE(d.user_by_name(CollectivityId{16}, "marie"));
  EXPECT_TRUE(d.user_by_name(CollectivityId{16}, "anne"));
}

TEST(Directory, KeysByIdAndByUser) {
  Directory d;
  d.put_access_key(key(16, 1, "BFA"));
  d.put_access_key(key(16, 2, "BFB"));
  d.put_access_key(key(17, 1, "BFC"));
  EXPECT_EQ(d.access_key("BFB")->user, UserId{2});
  EXPECT_FALSE(d.access_key("BF"));
  EXPECT_EQ(d.access_keys(CollectivityId{16}).size(), 2u);
  ASSERT_EQ(d.access_keys(CollectivityId{16}, UserId{1}).size(), 1u);
  AccessKey revoked = key(16, 1, "BFA");
  revoked.revoked = true;
  d.put_access_key(std::move(revoked));
  EXPECT_TRUE(d.access_key("BFA")->revoked);
}

TEST(DirectoryDeathTest, NamesAreNotMoved) {
  Directory d;
  d.put_collectivity(town(16, "beauvais", "216000570"));
  EXPECT_DEATH(d.put_collectivity(town(17, "beauvais", "226000010")), "check failed");
  EXPECT_DEATH(d.put_collectivity(town(17, "oise", "216000570")), "check failed");
  EXPECT_DEATH(d.put_collectivity(town(16, "beauvais-sur-oise", "216000570")), "check failed");
}

TEST(Directory, ReadersSeeOneValueOrTheOther) {
  Directory d;
  d.put_collectivity(town(16, "beauvais", "216000570"));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto c = d.by_slug("beauvais");
        EXPECT_EQ(c->quota_bytes, c->quota_objects);
        EXPECT_LE(d.access_keys(CollectivityId{16}).size(), 1u);
      }
    });
  }
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    Collectivity c = town(16, "beauvais", "216000570");
    c.quota_bytes = c.quota_objects = i;
    d.put_collectivity(std::move(c));
    AccessKey k = key(16, 1, "BFA");
    k.revoked = i % 2 == 0;
    d.put_access_key(std::move(k));
  }
  done = true;
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace beffroi::storage
