// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/address.h"

#include <gtest/gtest.h>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

const Domains kDomains{{"s3.example.fr", "example.fr", "s3.local"}, "buckets.example.org"};

struct Case {
  const char* host;
  const char* path;
  Address expected;
};

TEST(Address, FollowsTheRulesOfHostsAndPaths) {
  const Case cases[] = {
      // 1. the bare domain, an IP literal, an unknown name: path style in the signer's collectivity
      {"s3.example.fr", "/", {Style::Path, Scope::Signer, "", "", ""}},
      {"s3.example.fr:8443", "/bucket", {Style::Path, Scope::Signer, "", "bucket", ""}},
      {"S3.Example.FR.", "/bucket/", {Style::Path, Scope::Signer, "", "bucket", ""}},
      {"127.0.0.1:8443", "/bucket/key", {Style::Path, Scope::Signer, "", "bucket", "key"}},
      {"[::1]:8443", "/bucket/key", {Style::Path, Scope::Signer, "", "bucket", "key"}},
      {"localhost", "/bucket/key", {Style::Path, Scope::Signer, "", "bucket", "key"}},
      {"", "/bucket/key", {Style::Path, Scope::Signer, "", "bucket", "key"}},
      {"evils3.local", "/bucket/key", {Style::Path, Scope::Signer, "", "bucket", "key"}},
      // 2. slug.D and bucket.slug.D
      {"beauvais.s3.local", "/bucket/key", {Style::Path, Scope::Named, "beauvais", "bucket", "key"}},
      {"beauvais.s3.local", "/", {Style::Path, Scope::Named, "beauvais", "", ""}},
      {"data.beauvais.s3.local:443", "/key", {Style::VirtualHost, Scope::Named, "beauvais", "data", "key"}},
      {"a.b.beauvais.s3.local", "/", {Style::VirtualHost, Scope::Named, "beauvais", "a.b", ""}},
      {"www.s3.local", "/bucket", {Style::Path, Scope::Named, "www", "bucket", ""}},
      // the longest domain wins
      {"beauvais.s3.example.fr", "/bucket", {Style::Path, Scope::Named, "beauvais", "bucket", ""}},
      {"beauvais.example.fr", "/bucket", {Style::Path, Scope::Named, "beauvais", "bucket", ""}},
      // 3. the virtual domain
      {"data.buckets.example.org", "/k", {Style::VirtualHost, Scope::Signer, "", "data", "k"}},
      {"a.b.buckets.example.org", "/k", {Style::VirtualHost, Scope::Signer, "", "a.b", "k"}},
      {"buckets.example.org", "/data/k", {Style::Path, Scope::Signer, "", "data", "k"}},
      // 4. slug:bucket and :bucket in the path
      {"s3.local", "/beauvais:data/k", {Style::Path, Scope::Named, "beauvais", "data", "k"}},
      {"s3.local", "/beauvais%3Adata/k", {Style::Path, Scope::Named, "beauvais", "data", "k"}},
      {"s3.local", "/:data/k", {Style::Path, Scope::Default, "", "data", "k"}},
      // keys: decoded once, nothing normalised
      {"s3.local", "/data//a//b", {Style::Path, Scope::Signer, "", "data", "/a//b"}},
      {"s3.local", "/data/../other/./k", {Style::Path, Scope::Signer, "", "data", "../other/./k"}},
      {"s3.local", "/data%2Fk", {Style::Path, Scope::Signer, "", "data", "k"}},
      {"s3.local", "/data/a%2Fb", {Style::Path, Scope::Signer, "", "data", "a/b"}},
      {"s3.local", "/data/a+b%2B%25%2541", {Style::Path, Scope::Signer, "", "data", "a+b+%%41"}},
      {"s3.local", "/data/d%C3%A9lib", {Style::Path, Scope::Signer, "", "data", "d\xC3\xA9lib"}},
      {"s3.local", "/data/e\xCC\x81", {Style::Path, Scope::Signer, "", "data", "e\xCC\x81"}},
      {"data.beauvais.s3.local", "//k", {Style::VirtualHost, Scope::Named, "beauvais", "data", "/k"}},
      {"data.beauvais.s3.local", "/a:b", {Style::VirtualHost, Scope::Named, "beauvais", "data", "a:b"}},
  };
  for (const Case& c : cases) {
    S3Result<Address> address = parse_address(c.host, c.path, kDomains);
    ASSERT_TRUE(address) << c.host << " " << c.path;
    EXPECT_EQ(address->style, c.expected.style) << c.host << " " << c.path;
    EXPECT_EQ(address->scope, c.expected.scope) << c.host << " " << c.path;
    EXPECT_EQ(address->slug, c.expected.slug) << c.host << " " << c.path;
    EXPECT_EQ(address->bucket, c.expected.bucket) << c.host << " " << c.path;
    EXPECT_EQ(address->key, c.expected.key) << c.host << " " << c.path;
  }
}

TEST(Address, RefusesWhatIsNotAnAddress) {
  const std::pair<const char*, const char*> bad_uris[] = {
      {"s3.local", ""},
      {"s3.local", "bucket"},
      {"s3.local", "/data/%"},
      {"s3.local", "/data/%4"},
      {"s3.local", "/data/%zz"},
      {"s3.local", "/data/a%00b"},
      {"s3.local", "/data/%FF"},
      {"s3.local", "/data/%C3"},
      {"s3.local", "/data/%C0%AF"},
      {"s3.local", "/data/%ED%A0%80"},
      {"s3.local", "/data/%F5%80%80%80"},
  };
  for (const auto& [host, path] : bad_uris) {
    EXPECT_EQ(code_of(parse_address(host, path, kDomains)), Code::InvalidURI) << path;
  }
  const std::pair<const char*, const char*> bad_buckets[] = {
      {"s3.local", "//key"},
      {"s3.local", "/Upper/key"},
      {"s3.local", "/ab/key"},
      {"s3.local", "/../key"},
      {"s3.local", "/a:b:c/key"},
      {"s3.local", "/beauvais:/key"},
      {"beauvais.s3.local", "/a:bucket/key"},
  };
  for (const auto& [host, path] : bad_buckets) {
    EXPECT_EQ(code_of(parse_address(host, path, kDomains)), Code::InvalidBucketName) << host << path;
  }
  EXPECT_TRUE(parse_address("s3.local", "/data/" + std::string(1024, 'k'), kDomains));
  EXPECT_EQ(code_of(parse_address("s3.local", "/data/" + std::string(1025, 'k'), kDomains)),
            Code::KeyTooLongError);
}

TEST(Address, KnowsBucketNames) {
  for (const char* good : {"abc", "a-b", "a.b", "1bucket", "192.168.1", "192.168.1.1.1", "a--b"}) {
    EXPECT_TRUE(is_valid_bucket_name(good)) << good;
  }
  EXPECT_TRUE(is_valid_bucket_name(std::string(63, 'a')));
  for (const char* bad :
       {"", "ab", "-ab", "ab-", ".ab", "ab.", "a..b", "a-.b", "a.-b", "A-b", "a_b", "192.168.1.1", "xn--bucket", "sthree-x",
        "bucket-s3alias", "bucket--ol-s3", "buck\xC3\xA9t", "a b", "a/b"}) {
    EXPECT_FALSE(is_valid_bucket_name(bad)) << bad;
  }
  EXPECT_FALSE(is_valid_bucket_name(std::string(64, 'a')));
}

TEST(Address, ReadsCopySources) {
  struct CopyCase {
    const char* header;
    std::optional<Scope> scope;
    const char *slug, *bucket, *key;
    std::optional<std::string> version;
  };
  const CopyCase cases[] = {
      {"data/key", {}, "", "data", "key", {}},
      {"/data/key", {}, "", "data", "key", {}},
      {"data/a/b%2Fc", {}, "", "data", "a/b/c", {}},
      {"data//key", {}, "", "data", "/key", {}},
      {"data/key?versionId=null", {}, "", "data", "key", "null"},
      {"data/key%3FversionId%3Dx", {}, "", "data", "key?versionId=x", {}},
      {"data/key?versionId=A%2Bb", {}, "", "data", "key", "A+b"},
      {"data/../other/key", {}, "", "data", "../other/key", {}},
      {"data/key%2Bplus", {}, "", "data", "key+plus", {}},
      {"data/key+space", {}, "", "data", "key space", {}},  // as Amazon reads it
      {"data/key?x", {}, "", "data", "key?x", {}},
      {"data%2Fkey", {}, "", "data", "key", {}},
      {"beauvais:data/key", Scope::Named, "beauvais", "data", "key", {}},
      {":data/key", Scope::Default, "", "data", "key", {}},
  };
  for (const CopyCase& c : cases) {
    S3Result<CopySource> source = parse_copy_source(c.header);
    ASSERT_TRUE(source) << c.header;
    EXPECT_EQ(source->scope, c.scope) << c.header;
    EXPECT_EQ(source->slug, c.slug) << c.header;
    EXPECT_EQ(source->bucket, c.bucket) << c.header;
    EXPECT_EQ(source->key, c.key) << c.header;
    EXPECT_EQ(source->version_id, c.version) << c.header;
  }
  for (const char* bad : {"", "/", "data", "data/", "/data/", "data/%zz", "data/%00", "data/\xFF",
                          "data/key?versionId=", "arn:aws:s3:::data/key"}) {
    EXPECT_EQ(code_of(parse_copy_source(bad)), Code::InvalidArgument) << bad;
  }
  EXPECT_EQ(code_of(parse_copy_source("../key")), Code::InvalidBucketName);
  EXPECT_EQ(code_of(parse_copy_source("Data/key")), Code::InvalidBucketName);
}

}  // namespace
}  // namespace beffroi::s3
