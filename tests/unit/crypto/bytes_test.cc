// SPDX-License-Identifier: EUPL-1.2
#include "crypto/bytes.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/crypto/vectors.h"

namespace beffroi {
namespace {

struct Rfc4648 {
  const char* plain;
  const char* base64;
  const char* base32;  // its padding taken away
  const char* base16;  // in lower case
};
// RFC 4648, section 10.
constexpr Rfc4648 kRfc4648[] = {
    {"", "", "", ""},
    {"f", "Zg==", "MY", "66"},
    {"fo", "Zm8=", "MZXQ", "666f"},
    {"foo", "Zm9v", "MZXW6", "666f6f"},
    {"foob", "Zm9vYg==", "MZXW6YQ", "666f6f62"},
    {"fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "MZXW6YTBOI", "666f6f626172"},
};

TEST(Encodings, FollowTheVectorsOfRfc4648) {
  for (const auto& v : kRfc4648) {
    EXPECT_EQ(to_base64(v.plain), v.base64);
    EXPECT_EQ(from_base64(v.base64), v.plain);
    EXPECT_EQ(to_base32(v.plain), v.base32);
    EXPECT_EQ(from_base32(v.base32), v.plain);
    EXPECT_EQ(to_hex(v.plain), v.base16);
    EXPECT_EQ(from_hex(v.base16), v.plain);
  }
}

TEST(Encodings, UrlAlphabetDiffersInTwoDigitsAndHasNoPadding) {
  const Bytes bytes("\xfb\xff\xfe\x01", 4);
  EXPECT_EQ(to_base64(bytes), "+//+AQ==");
  EXPECT_EQ(to_base64url(bytes), "-__-AQ");
  EXPECT_EQ(from_base64url("-__-AQ"), bytes);
  EXPECT_FALSE(from_base64url("-__-AQ=="));
  EXPECT_FALSE(from_base64url("+//+AQ"));
  EXPECT_FALSE(from_base64("-__-AQ=="));
}

TEST(Encodings, RefuseWhatTheyWouldNotWrite) {
  for (const char* bad : {"0", "0g", "0x", " 00", "00 ", "00\n"}) EXPECT_FALSE(from_hex(bad)) << bad;
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8==", "=",
                          "==", "====", "Zg==Zg==", "Zm9v====", "Zm9v\n", "Zm 9", "Z=g=", "Zm-_"}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
  for (const char* bad : {"M", "MZX", "MZXW6Y", "MZ", "my", "MY======", "M1", "M0", "MY "})
    EXPECT_FALSE(from_base32(bad)) << bad;
  EXPECT_EQ(from_hex("aAfF"), hex("aaff"));
}

// Every string of up to three digits: accepted only if it encodes back to itself, and every one-byte input is reached.
template <class Encode, class Decode>
void expect_canonical(std::string_view alphabet, Encode encode, Decode decode) {
  std::size_t accepted = 0;
  std::string text;
  const auto visit = [&](auto& self, int depth) -> void {
    if (const auto bytes = decode(text)) {
      ++accepted;
      EXPECT_EQ(encode(*bytes), text);
    }
    if (depth == 0) return;
    for (char c : alphabet) {
      text.push_back(c);
      self(self, depth - 1);
      text.pop_back();
    }
  };
  visit(visit, 3);
  EXPECT_GE(accepted, 257U);
}

TEST(Encodings, AreCanonical) {
  expect_canonical("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567a01=", to_base32, from_base32);
  expect_canonical("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=", to_base64url,
                   from_base64url);
  expect_canonical("0123456789abcdefg", to_hex, from_hex);
}

TEST(Encodings, KeepRandomBytes) {
  std::mt19937_64 random(4648);
  for (std::size_t n = 0; n < 200; ++n) {
    Bytes bytes(n, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  }
}

// The examples of the LEB128 description in DWARF 4, figure 22, and the edges of each length.
TEST(Varint, EncodesAndDecodes) {
  const std::pair<std::uint64_t, const char*> known[] = {
      {2, "02"},     {127, "7f"},     {128, "8001"},
      {129, "8101"}, {12857, "b964"}, {UINT64_MAX, "ffffffffffffffffff01"}};
  for (const auto& [value, encoded] : known) {
    Bytes out;
    append_varint(out, value);
    EXPECT_EQ(to_hex(out), encoded);
  }
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (std::uint64_t value : {(std::uint64_t{1} << shift) - 1, std::uint64_t{1} << shift}) {
      Bytes out;
      append_varint(out, value);
      ByteReader in(out);
      EXPECT_EQ(in.varint(), value);
      EXPECT_TRUE(in.at_end());
    }
  }
}

TEST(Varint, RefusesLongerFormsOverflowAndTheCutShort) {
  for (const char* bad : {"8000", "808000", "ff00", "", "80", "ffffff", "ffffffffffffffffff02",
                          "ffffffffffffffffff81", "80808080808080808080", "ffffffffffffffffffff01"}) {
    const Bytes bytes = hex(bad);
    ByteReader in(bytes);
    in.varint();
    EXPECT_FALSE(in.ok()) << bad;
  }
}

TEST(ByteReader, StaysFailedAfterTheFirstLack) {
  ByteReader in("abc");
  EXPECT_EQ(in.be<std::uint16_t>(), 0x6162);
  EXPECT_EQ(in.le<std::uint16_t>(), 0);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.take(1), "");
  EXPECT_EQ(in.le<std::uint8_t>(), 0);
  EXPECT_FALSE(in.at_end());
}

TEST(Integers, HaveTheirByteOrder) {
  Bytes out;
  append_le(out, std::uint32_t{0x01020304});
  append_be(out, std::uint32_t{0x01020304});
  append_be(out, std::uint64_t{0x0102030405060708});
  EXPECT_EQ(to_hex(out),
            "04030201"
            "01020304"
            "0102030405060708");
  ByteReader in(out);
  EXPECT_EQ(in.le<std::uint32_t>(), 0x01020304U);
  EXPECT_EQ(in.be<std::uint32_t>(), 0x01020304U);
  EXPECT_EQ(in.be<std::uint64_t>(), 0x0102030405060708U);
  EXPECT_TRUE(in.at_end());
}

TEST(Equality, LooksAtEveryByte) {
  const Bytes bytes(40, 'x');
  EXPECT_TRUE(equal_constant_time(bytes, Bytes(bytes)));
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_FALSE(equal_constant_time(bytes, BytesView(bytes).substr(1)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes other = bytes;
    other[i] = static_cast<char>(other[i] ^ 0x80);
    EXPECT_FALSE(equal_constant_time(bytes, other)) << i;
  }
}

}  // namespace
}  // namespace beffroi
