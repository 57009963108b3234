// SPDX-License-Identifier: EUPL-1.2
// chunk_seal and chunk_open: what one writes the other reads, at each length around a chunk and in each step, and nothing else.
#include <gtest/gtest.h>

#include <random>

#include "crypto/aead.h"
#include "crypto/chunk_open.h"
#include "crypto/chunk_seal.h"
#include "crypto/errors.h"

namespace beffroi::crypto {
namespace {

constexpr ChunkPlace kPlace{0x11, 0x2233, 0x44};
const Bytes kKey(32, 'o');

Bytes text(std::size_t n) {
  std::mt19937_64 random(n);
  Bytes bytes(n, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

Bytes seal(BytesView plain, std::size_t step, ChunkPlace place = kPlace) {
  ChunkSealer sealer(ObjectKey(kKey), place, plain.size());
  Bytes out;
  std::size_t at = 0;
  while (!sealer.finished()) {
    const BytesView piece = plain.substr(at, step);
    sealer.seal(piece, out);
    at += piece.size();
  }
  EXPECT_EQ(at, plain.size());
  return out;
}

BytesView sealed_chunk(BytesView sealed, std::uint64_t number) {
  if (number * kSealedChunkBytes > sealed.size()) return {};
  return sealed.substr(number * kSealedChunkBytes, kSealedChunkBytes);
}

// Opens the last chunk, then all in order.
Result<Bytes> open(BytesView sealed, std::uint64_t plain_bytes, ChunkPlace place = kPlace) {
  ChunkOpener opener(ObjectKey(kKey), place, plain_bytes);
  const std::uint64_t count = chunk_count(plain_bytes);
  Bytes last(sealed_chunk(sealed, count - 1));
  if (const auto opened = opener.open(count - 1, last); !opened) return opened.error();
  Bytes out;
  for (std::uint64_t i = 0; i < count; ++i) {
    Bytes chunk(sealed_chunk(sealed, i));
    const auto opened = opener.open(i, chunk);
    if (!opened) return opened.error();
    out.append(opened->data(), opened->size());
  }
  return out;
}

constexpr std::size_t kLengths[] = {0,     1,      15,     16,     65519,  65520,   65535,   65536,
                                    65537, 131071, 131072, 131073, 196608, 200'000, 262'144, 327'681};

TEST(Chunks, KeepEachLengthInEachStep) {
  for (std::size_t n : kLengths) {
    const Bytes plain = text(n);
    const Bytes whole = seal(plain, kChunkBytes);
    EXPECT_EQ(whole.size(), sealed_bytes(n));
    for (std::size_t step : {2 * kChunkBytes, 3 * kChunkBytes, 16 * kChunkBytes})
      EXPECT_EQ(seal(plain, step), whole) << n;
    const auto opened = open(whole, n);
    ASSERT_TRUE(opened) << n;
    EXPECT_EQ(*opened, plain);
  }
}

// The format, written by hand with AES-256-GCM alone.
TEST(Chunks, AreLaidOutAsTheirFormatSays) {
  const Bytes plain = text(2 * kChunkBytes + 100);
  const char* nonces[] = {"000000000000000000000000", "000000000000000000000100", "000000000000000000000201"};
  Bytes expected;
  for (std::size_t i = 0; i < 3; ++i) {
    const Bytes aad = *from_hex(
                          "01"
                          "11000000"
                          "3322000000000000"
                          "4400") +
                      static_cast<char>(i) + Bytes(7, '\0');
    const BytesView chunk = BytesView(plain).substr(i * kChunkBytes, kChunkBytes);
    Bytes sealed(chunk.size() + kChunkTagBytes, '\0');
    gcm_seal(kKey, *from_hex(nonces[i]), aad, chunk, sealed);
    expected += sealed;
  }
  EXPECT_EQ(seal(plain, kChunkBytes), expected);
}

TEST(Chunks, EndEarlierThanDeclared) {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{kChunkBytes}, std::size_t{kChunkBytes + 1}, std::size_t{3 * kChunkBytes}}) {
    const Bytes plain = text(size);
    ChunkSealer sealer(ObjectKey(kKey), kPlace, size + 100'000);
    // All whole chunks but the last are sealed before the end is known.
    const std::size_t before = size == 0 ? 0 : (size - 1) / kChunkBytes * kChunkBytes;
    Bytes sealed;
    sealer.seal(BytesView(plain).substr(0, before), sealed);
    sealer.shrink(size - before);
    sealer.seal(BytesView(plain).substr(before), sealed);
    EXPECT_TRUE(sealer.finished());
    EXPECT_EQ(sealed, seal(plain, size + 1)) << size;
  }
}

TEST(ChunksDeathTest, DoNotEndOnAnEmptyChunk) {
  ChunkSealer sealer(ObjectKey(kKey), kPlace, 100'000);
  Bytes sealed;
  sealer.seal(text(kChunkBytes), sealed);
  EXPECT_DEATH(sealer.shrink(0), "check failed");
  EXPECT_DEATH(sealer.shrink(50'000), "check failed");
}

TEST(Chunks, AppendToWhatIsThere) {
  ChunkSealer sealer(ObjectKey(kKey), kPlace, 5);
  EXPECT_FALSE(sealer.finished());
  Bytes out = "before";
  sealer.seal("", out);
  EXPECT_EQ(out, "before");
  sealer.seal("plain", out);
  EXPECT_TRUE(sealer.finished());
  EXPECT_EQ(out, "before" + seal("plain", kChunkBytes));
}

TEST(Chunks, RefuseATruncatedStream) {
  for (std::size_t n : kLengths) {
    const Bytes sealed = seal(text(n), kChunkBytes);
    for (std::uint64_t keep = 1; keep < chunk_count(n); ++keep) {
      const auto opened = open(sealed, keep * kChunkBytes);
      ASSERT_FALSE(opened) << "whole chunks taken away pass for the end";
      EXPECT_EQ(opened.error(), Errc::Unauthentic);
    }
    if (n > 0) {
      EXPECT_FALSE(open(sealed, n - 1)) << n;
    }
    EXPECT_FALSE(open(sealed, n + 1)) << n;
    EXPECT_FALSE(open(sealed, n + kChunkBytes)) << n;
    EXPECT_EQ(open(BytesView(sealed).substr(0, sealed.size() - 1), n).error(), Errc::Truncated) << n;
  }
}

TEST(Chunks, HaveNoEmptyLastChunk) {
  // A whole chunk that is not the last, then an empty last one: what a sealer that ends too late would write.
  const Bytes head = seal(text(kChunkBytes + 1), kChunkBytes).substr(0, kSealedChunkBytes);
  EXPECT_FALSE(open(head + seal("", kChunkBytes), kChunkBytes));
}

TEST(Chunks, RefuseAnotherOrder) {
  const Bytes sealed = seal(text(4 * kChunkBytes), kChunkBytes);
  for (std::uint64_t a = 0; a < 4; ++a) {
    for (std::uint64_t b = a + 1; b < 4; ++b) {
      Bytes swapped;
      for (std::uint64_t i = 0; i < 4; ++i) swapped += sealed_chunk(sealed, i == a ? b : i == b ? a : i);
      const auto opened = open(swapped, 4 * kChunkBytes);
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error(), Errc::Unauthentic);
    }
  }
}

TEST(Chunks, RefuseAnotherPlaceOrKey) {
  const Bytes sealed = seal("plain", kChunkBytes);
  for (ChunkPlace place :
       {ChunkPlace{0x12, 0x2233, 0x44}, ChunkPlace{0x11, 0x2234, 0x44}, ChunkPlace{0x11, 0x2233, 0x45}}) {
    EXPECT_EQ(open(sealed, 5, place).error(), Errc::Unauthentic);
  }
  ChunkOpener stranger(random_key<ObjectKey>(), kPlace, 5);
  Bytes copy = sealed;
  EXPECT_EQ(stranger.open(0, copy).error(), Errc::Unauthentic);
}

TEST(Chunks, RefuseEveryFlippedBit) {
  const Bytes sealed = seal("plain", kChunkBytes);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes other = sealed;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(open(other, 5).error(), Errc::Unauthentic) << bit;
  }
}

TEST(Chunks, OpenOutOfOrderOnceTheSizeIsTrue) {
  const Bytes plain = text(3 * kChunkBytes);
  const Bytes sealed = seal(plain, kChunkBytes);
  ChunkOpener opener(ObjectKey(kKey), kPlace, plain.size());
  for (std::uint64_t i : {2, 1, 0, 1}) {
    Bytes chunk(sealed_chunk(sealed, i));
    const auto opened = opener.open(i, chunk);
    ASSERT_TRUE(opened);
    EXPECT_EQ(BytesView(opened->data(), opened->size()),
              BytesView(plain).substr(i * kChunkBytes, kChunkBytes));
  }
}

TEST(Chunks, AnErrorIsSticky) {
  const Bytes sealed = seal("plain", kChunkBytes);
  ChunkOpener opener(ObjectKey(kKey), kPlace, 5);
  Bytes bad = sealed;
  bad[0] = static_cast<char>(bad[0] ^ 1);
  EXPECT_EQ(opener.open(0, bad).error(), Errc::Unauthentic);
  Bytes good = sealed;
  EXPECT_EQ(opener.open(0, good).error(), Errc::Unauthentic);
}

TEST(ChunksDeathTest, HoldTheCallerToItsWord) {
  const Bytes sealed = seal(text(kChunkBytes + 1), kChunkBytes);
  EXPECT_DEATH(
      {
        ChunkOpener opener(ObjectKey(kKey), kPlace, kChunkBytes + 1);
        Bytes chunk(sealed_chunk(sealed, 0));
        static_cast<void>(opener.open(0, chunk));  // before the last one
      },
      "check failed");
  EXPECT_DEATH(
      {
        ChunkSealer sealer(ObjectKey(kKey), kPlace, 3);
        Bytes out;
        sealer.seal("more", out);
      },
      "check failed");
}

}  // namespace
}  // namespace beffroi::crypto
