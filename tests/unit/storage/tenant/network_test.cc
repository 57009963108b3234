// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/network.h"

#include <gtest/gtest.h>

namespace beffroi::storage {
namespace {

bool matches(const char* network, const char* address) {
  const auto n = parse_network(network);
  const auto a = parse_address(address);
  EXPECT_TRUE(n && a) << network << ' ' << address;
  return n && a && n->contains(*a);
}

TEST(Network, Contains) {
  EXPECT_TRUE(matches("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(matches("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(matches("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(matches("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(matches("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(matches("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(matches("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(matches("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(matches("::/0", "2001:db8::1"));
  EXPECT_TRUE(matches("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(matches("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(matches("192.0.2.0/24", "::ffff:192.0.2.1"));
}

TEST(Network, RefusesWhatIsNotOne) {
  for (const char* text :
       {"", "/", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/024", "192.0.2.0/+8", "192.0.2.0/-1",
        "192.0.2.0/8 ", "192.0.2.1/24", "192.0.2/24", "192.0.2.0.0/24", "256.0.0.0/8", "2001:db8::/129",
        "2001:db8::1/64", "fe80::1%eth0", "[::1]", "localhost", "192.0.2.0/24/8"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
  EXPECT_FALSE(parse_address(std::string_view("192.0.2.1\0x", 11)));
  EXPECT_FALSE(parse_address(std::string(100, '1')));
}

TEST(Network, TextComesBack) {
  for (const char* text : {"192.0.2.0/24", "0.0.0.0/0", "192.0.2.7/32", "2001:db8::/32", "::/0", "::1/128"}) {
    const auto network = parse_network(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(to_text(*network), text);
  }
  // A prefix shorter than the mapped one is IPv6's, whatever its address looks like.
  for (const char* text : {"::/96", "::ffff:0:0/95", "::fffe:0:0/95"}) {
    const auto network = parse_network(text);
    if (network) {
      EXPECT_EQ(parse_network(to_text(*network)), network) << text;
    }
  }
}

}  // namespace
}  // namespace beffroi::storage
