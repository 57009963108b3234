// SPDX-License-Identifier: EUPL-1.2
#include "server/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace beffroi {
namespace {

ConfigError refused(std::string_view text, std::vector<std::string> settings = {}) {
  const auto config = parse_config(text, settings);
  EXPECT_FALSE(config) << text;
  return config ? ConfigError{} : config.error();
}

TEST(Config, EveryKeyHasADefault) {
  const auto config = parse_config("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen, "[::]:8443");
  EXPECT_GT(config->quota_default_bytes, 0u);
  EXPECT_GT(config->quota_default_objects, 0u);
}

TEST(Config, ReadsEachKindOfKey) {
  const auto config = parse_config(R"(
data_dir = "/srv/beffroi"
domains = ["s3.oise.example", "s3.example.org"]
strict_regions = true
drain_seconds = 5
)");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->data_dir, "/srv/beffroi");
  EXPECT_EQ(config->domains, (std::vector<std::string>{"s3.oise.example", "s3.example.org"}));
  EXPECT_TRUE(config->strict_regions);
  EXPECT_EQ(config->drain_seconds, 5u);
}

TEST(Config, ASettingWinsOverTheFile) {
  const std::vector<std::string> settings = {"drain_seconds=7", "domains=a.example,b.example",
                                             "strict_regions=true", "region=eu=x"};
  const auto config = parse_config("drain_seconds = 5\nregion = \"r\"\n", settings);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->drain_seconds, 7u);
  EXPECT_EQ(config->domains.size(), 2u);
  EXPECT_TRUE(config->strict_regions);
  EXPECT_EQ(config->region, "eu=x");
}

TEST(Config, EveryKeyCanBeSet) {
  const std::set<std::string_view> flags = {"require_mlock", "strict_regions"};
  for (const ConfigKey& key : config_keys()) {
    const std::string standard = config_value(Config{}, key.name);
    const std::string value = flags.contains(key.name) ? "true" : standard.empty() ? "a.example" : standard;
    std::vector<std::string> settings = {std::string(key.name) + "=" + value};
    if (key.name == "tls_certificate") settings.push_back("tls_key=k");
    if (key.name == "tls_key") settings.push_back("tls_certificate=c");
    const auto config = parse_config("", settings);
    ASSERT_TRUE(config) << key.name << ": " << config.error().message;
    EXPECT_EQ(config_value(*config, key.name), value) << key.name;
    EXPECT_FALSE(key.help.empty());
  }
}

TEST(Config, AnUnknownKeyIsRefusedWithTheOneThatWasMeant) {
  const ConfigError error = refused("drain_second = 5");
  EXPECT_EQ(error.key, "drain_second");
  EXPECT_NE(error.remedy.find("drain_seconds"), std::string::npos);
  EXPECT_NE(refused("", {"regionn=x"}).remedy.find("region"), std::string::npos);
  EXPECT_NE(refused("colour = \"red\"").remedy.find("--help"), std::string::npos);
}

TEST(Config, AWrongKindOrAValueOutOfBoundsNamesTheKey) {
  for (const char* text :
       {"drain_seconds = \"5\"", "drain_seconds = -1", "drain_seconds = 3601", "drain_seconds = 1.5"}) {
    EXPECT_EQ(refused(text).key, "drain_seconds") << text;
  }
  EXPECT_EQ(refused("domains = \"s3.example\"").key, "domains");
  EXPECT_EQ(refused("domains = [1]").key, "domains");
  EXPECT_EQ(refused("strict_regions = 1").key, "strict_regions");
  EXPECT_EQ(refused("listen = 8443").key, "listen");
  EXPECT_EQ(refused("", {"pool_threads=0"}).key, "pool_threads");
  EXPECT_EQ(refused("", {"pool_threads=4x"}).key, "pool_threads");
  EXPECT_EQ(refused("", {"strict_regions=yes"}).key, "strict_regions");
}

TEST(Config, WhatOneKeyAloneCannotTell) {
  EXPECT_EQ(refused("tls_certificate = \"a.pem\"").key, "tls_key");
  EXPECT_EQ(refused("domains = [\"S3.example\"]").key, "domains");
  EXPECT_EQ(refused("domains = [\"s3.example.\"]").key, "domains");
  EXPECT_EQ(refused("virtual_domain = \"a b\"").key, "virtual_domain");
  EXPECT_EQ(refused("log_level = \"loud\"").key, "log_level");
  EXPECT_EQ(refused("region = \"\"").key, "region");
}

TEST(Config, WhatIsNoTomlNamesTheLine) {
  EXPECT_NE(refused("region = \"a\"\nlisten = \n").message.find("line 2"), std::string::npos);
  EXPECT_FALSE(refused("", {"drain_seconds"}).remedy.empty());
  // Found by fuzzing: each ended the parser.
  EXPECT_NE(refused("\n[>").message.find("line 2"), std::string::npos);
  EXPECT_NE(refused("\n\n\u00a5->").message.find("line 3"), std::string::npos);
  EXPECT_NE(refused("region = '''a ' b''' \u00e9").message.find("line 1"), std::string::npos);
}

TEST(Config, TextsAndCommentsMayHaveAccents) {
  const auto config =
      parse_config("# d\u00e9p\u00f4t: 'a\ndata_dir = \"/srv/\\\"\u00e9\" # \u00e9\nkeyring = '/\u00e8'");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->data_dir, "/srv/\"\u00e9");
  EXPECT_EQ(config->keyring, "/\u00e8");
  EXPECT_FALSE(read_config("/nonexistent/beffroi.toml"));
}

TEST(Config, WhatNewBucketsStartWithIsOneOfAFew) {
  EXPECT_EQ(refused("default_object_ownership = \"Nobody\"").key, "default_object_ownership");
  EXPECT_EQ(refused("default_public_access_block = \"some\"").key, "default_public_access_block");
  const std::vector<std::string> settings = {"default_object_ownership=ObjectWriter", "default_public_access_block=none"};
  EXPECT_TRUE(parse_config("", settings));
}

}  // namespace
}  // namespace beffroi
