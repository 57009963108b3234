// SPDX-License-Identifier: EUPL-1.2
#include "crypto/page_seal.h"

#include <gtest/gtest.h>

#include "crypto/aead.h"
#include "crypto/errors.h"

namespace beffroi::crypto {
namespace {

struct Opened {
  Result<OpenedPage> page;
  Bytes payload;
};

Opened open(const PageSealer& sealer, std::uint32_t number, BytesView page) {
  Bytes payload(kPagePayloadBytes, 'x');
  const auto result = sealer.open(number, page, payload);
  return {result, payload};
}

Bytes seal(const PageSealer& sealer, std::uint32_t number, std::uint32_t synced, BytesView payload) {
  Bytes page(kPageBytes, '\0');
  sealer.seal(number, synced, payload, page);
  return page;
}

TEST(PageSealer, KeepsPayloadLengthAndSynced) {
  const PageSealer sealer(random_key<FileKey>());
  for (std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{4061}, kPagePayloadBytes}) {
    const auto opened = open(sealer, 7, seal(sealer, 7, 3, Bytes(n, 'p')));
    ASSERT_TRUE(opened.page);
    EXPECT_EQ(opened.page->length, n);
    EXPECT_EQ(opened.page->synced, 3U);
    EXPECT_EQ(opened.payload, Bytes(n, 'p') + Bytes(kPagePayloadBytes - n, '\0'));
  }
}

// The layout, taken apart by hand with AES-256-GCM alone.
TEST(PageSealer, IsLaidOutAsItsFormatSays) {
  const Bytes key(32, 'f');
  const Bytes page = seal(PageSealer(FileKey(key)), 0x01020304, 0x0a0b0c0d, "payload");
  EXPECT_EQ(to_hex(page.substr(0, 6)), "07000d0c0b0a");
  const Bytes aad = *from_hex(
      "04030201"
      "0700"
      "0d0c0b0a");
  Bytes plain(kPagePayloadBytes, '\0');
  ASSERT_TRUE(gcm_open(key, page.substr(6, 12), aad, page.substr(18), plain));
  EXPECT_EQ(plain, "payload" + Bytes(kPagePayloadBytes - 7, '\0'));
}

TEST(PageSealer, RefusesAnotherPlaceKeyOrByte) {
  const PageSealer sealer(random_key<FileKey>());
  const Bytes page = seal(sealer, 1, 0, "payload");
  EXPECT_EQ(open(sealer, 2, page).page.error(), Errc::Unauthentic);
  EXPECT_EQ(open(PageSealer(random_key<FileKey>()), 1, page).page.error(), Errc::Unauthentic);
  EXPECT_EQ(open(sealer, 1, Bytes(kPageBytes, '\0')).page.error(), Errc::Unauthentic);
  EXPECT_EQ(open(sealer, 1, Bytes(kPageBytes, '\xff')).page.error(), Errc::Unauthentic);
  for (std::size_t i = 0; i < kPageBytes; ++i) {
    Bytes other = page;
    other[i] = static_cast<char>(other[i] ^ (1 << i % 8));
    EXPECT_EQ(open(sealer, 1, other).page.error(), Errc::Unauthentic) << i;
  }
}

TEST(PageSealer, NeverRepeatsANonce) {
  const PageSealer sealer(random_key<FileKey>());
  EXPECT_NE(seal(sealer, 1, 0, "payload").substr(6, 12), seal(sealer, 1, 0, "payload").substr(6, 12));
}

}  // namespace
}  // namespace beffroi::crypto
