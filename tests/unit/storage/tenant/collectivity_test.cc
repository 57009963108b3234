// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/collectivity.h"

#include <gtest/gtest.h>

#include "crypto/errors.h"
#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

Collectivity beauvais() {
  Collectivity c;
  c.id = CollectivityId{16};
  c.siren = "216000570";
  c.slug = "beauvais";
  c.name = "Ville de Beauvais — mairie";
  c.kind = CollectivityKind::Commune;
  c.cog_code = "60057";
  c.population = 56'605;
  c.parent = CollectivityId{17};
  c.accepted_sirets = {"73282932000074", "35600000000048"};
  c.contacts = {"dsi@beauvais.example", "archives@beauvais.example"};
  c.quota_bytes = 1'000'000'000'000;
  c.quota_objects = 1'000'000;
  c.state = CollectivityState::Suspended;
  c.created_ms = 1'795'507'200'000;
  return c;
}

TEST(Siren, PublishedNumbers) {
  // INSEE's own example, and two communes whose numbers follow from their codes.
  for (const char* siren : {"732829320", "214700205", "218601946", "356000000"})
    EXPECT_TRUE(valid_siren(siren)) << siren;
  for (const char* siren : {"732829321", "73282932", "7328293200", "73282932O", "", "732 829 32"}) {
    EXPECT_FALSE(valid_siren(siren)) << siren;
  }
}

TEST(Siren, EveryChangedDigitIsSeen) {
  const std::string good = "732829320";
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      std::string changed = good;
      changed[i] = c;
      EXPECT_EQ(valid_siren(changed), changed == good) << changed;
    }
  }
}

TEST(Siret, PublishedNumbers) {
  // 35600000049837 fails Luhn and is La Poste's all the same: the sum of its digits is a multiple of 5.
  for (const char* siret : {"73282932000074", "35600000000048", "35600000049837", "21860194600013"}) {
    EXPECT_TRUE(valid_siret(siret)) << siret;
  }
  for (const char* siret :
       {"73282932000075", "35600000049836", "7328293200007", "732829320000744", "7328293200007x"}) {
    EXPECT_FALSE(valid_siret(siret)) << siret;
  }
}

TEST(Slug, Form) {
  for (const char* slug :
       {"beauvais", "b2b", "saint-pierre-et-miquelon", "a-b", "60-oise", "cc-oise--picarde"}) {
    EXPECT_TRUE(valid_slug(slug)) << slug;
  }
  for (const char* slug : {"", "ab", "-abc", "abc-", "Beauvais", "a_b", "a.b", "xn--abc", "ab--c", "www",
                           "admin", "metrics", "216000570", "12345", "\xC3\xA9vreux"}) {
    EXPECT_FALSE(valid_slug(slug)) << slug;
  }
  EXPECT_TRUE(valid_slug(std::string(40, 'a')));
  EXPECT_FALSE(valid_slug(std::string(41, 'a')));
}

TEST(CogCode, FormOfEachKind) {
  using enum CollectivityKind;
  for (const char* code : {"", "60057", "2A004", "2B033", "97411"})
    EXPECT_TRUE(valid_cog_code(Commune, code)) << code;
  for (const char* code : {"6005", "600577", "2C004", "6A057", "60O57", "2a004"})
    EXPECT_FALSE(valid_cog_code(Commune, code)) << code;
  for (const char* code : {"", "60", "2A", "974"}) EXPECT_TRUE(valid_cog_code(Departement, code)) << code;
  for (const char* code : {"6", "601", "60057", "2C"})
    EXPECT_FALSE(valid_cog_code(Departement, code)) << code;
  EXPECT_TRUE(valid_cog_code(RegionAdmin, "32"));
  EXPECT_FALSE(valid_cog_code(RegionAdmin, "2A"));
  EXPECT_TRUE(valid_cog_code(Cc, "60057"));  // of its seat
}

TEST(Names, AreTheGlossarysAndComeBack) {
  for (int i = 1; i <= 14; ++i) {
    const CollectivityKind kind{static_cast<std::uint8_t>(i)};
    ASSERT_FALSE(kind_name(kind).empty()) << i;
    EXPECT_EQ(kind_from_name(kind_name(kind)), kind);
  }
  EXPECT_EQ(kind_from_name("region_admin"), CollectivityKind::RegionAdmin);
  EXPECT_EQ(kind_from_name("mixte_ferme"), CollectivityKind::MixteFerme);
  EXPECT_FALSE(kind_from_name("region"));
  EXPECT_FALSE(kind_from_name(""));
  for (const char* name : {"active", "suspended", "closing", "shredded"}) {
    const auto state = state_from_name(name);
    ASSERT_TRUE(state) << name;
    EXPECT_EQ(state_name(*state), name);
  }
}

TEST(Check, NamesTheWrongField) {
  EXPECT_FALSE(check(beauvais()));
  const auto field_of = [](auto change) {
    Collectivity c = beauvais();
    change(c);
    const auto error = check(c);
    return error ? std::string(error->field) : "";
  };
  EXPECT_EQ(field_of([](auto& c) { c.siren = "216000571"; }), "siren");
  EXPECT_EQ(field_of([](auto& c) { c.slug = "www"; }), "slug");
  EXPECT_EQ(field_of([](auto& c) { c.name = ""; }), "name");
  EXPECT_EQ(field_of([](auto& c) { c.name = std::string(kCollectivityNameBytesMax + 1, 'a'); }), "name");
  EXPECT_EQ(field_of([](auto& c) { c.name = std::string(kCollectivityNameBytesMax, 'a'); }), "");
  EXPECT_EQ(field_of([](auto& c) { c.name = "a\nb"; }), "name");
  EXPECT_EQ(field_of([](auto& c) { c.name = "\xFF"; }), "name");
  EXPECT_EQ(field_of([](auto& c) { c.kind = CollectivityKind{99}; }), "kind");
  EXPECT_EQ(field_of([](auto& c) { c.cog_code = "600"; }), "cog_code");
  EXPECT_EQ(field_of([](auto& c) { c.parent = c.id; }), "parent");
  EXPECT_EQ(field_of([](auto& c) { c.accepted_sirets = {"216000570"}; }), "accepted_sirets");
  EXPECT_EQ(field_of([](auto& c) { c.accepted_sirets.assign(kAcceptedSiretsMax + 1, "73282932000074"); }),
            "accepted_sirets");
  for (const char* mail : {"", "a", "@a", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: c"}) {
    EXPECT_EQ(field_of([&](auto& c) { c.contacts = {mail}; }), "contacts") << mail;
  }
  EXPECT_EQ(field_of([](auto& c) { c.contacts.assign(kContactsMax + 1, "a@b"); }), "contacts");
  EXPECT_EQ(field_of([](auto& c) { c.state = CollectivityState{0}; }), "state");
}

TEST(Codec, ComesBack) {
  for (const Collectivity& c : {beauvais(), [] {
                                  Collectivity bare;
                                  bare.id = CollectivityId{16};
                                  return bare;
                                }()}) {
    const auto decoded = decode_collectivity(c.id, encode(c));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, c);
  }
}

TEST(Codec, EveryCutIsRefused) {
  const Bytes whole = encode(beauvais());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = decode_collectivity(CollectivityId{16}, BytesView(whole).substr(0, n));
    // A cut between two fields is a shorter record; what it gives must at least be another value.
    if (cut) {
      EXPECT_NE(*cut, beauvais());
    }
  }
  EXPECT_FALSE(decode_collectivity(CollectivityId{16}, whole + "x"));
}

TEST(Codec, LaterVersionsAreNamedAndOtherFormsRefused) {
  RecordWriter later;
  later.field(14, BytesView("x"));
  EXPECT_EQ(decode_collectivity(CollectivityId{16}, later.take()).error(), crypto::Errc::NewerFormat);
  RecordWriter kind;
  kind.field(4, std::uint8_t{15});
  EXPECT_EQ(decode_collectivity(CollectivityId{16}, kind.take()).error(), crypto::Errc::NewerFormat);
  RecordWriter empty_list;
  empty_list.field(9, BytesView(""));
  EXPECT_EQ(decode_collectivity(CollectivityId{16}, empty_list.take()).error(), crypto::Errc::BadFormat);
  RecordWriter short_siret;
  short_siret.field(8, BytesView("7328293200007"));
  EXPECT_EQ(decode_collectivity(CollectivityId{16}, short_siret.take()).error(), crypto::Errc::BadFormat);
  RecordWriter wide;
  wide.field(6, std::uint64_t{5});  // population is a u32
  EXPECT_EQ(decode_collectivity(CollectivityId{16}, wide.take()).error(), crypto::Errc::BadFormat);
}

}  // namespace
}  // namespace beffroi::storage
