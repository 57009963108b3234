// SPDX-License-Identifier: EUPL-1.2
// Sealed body: the STREAM construction over 64 KiB chunks, AES-256-GCM (docs/formats.md "Sealed body").
//
//   | chunk 0: 65 536 + 16 | chunk 1: 65 536 + 16 | ... | last chunk: 1..65 536 + 16 |     (an empty body: one empty last chunk)
//   nonce 12 = counter 11 bytes big-endian | 1 on the last chunk, else 0
//   AAD      = format u8 | T u32 | I u64 | part u16 | chunk number u64      (little-endian)
//
//   sizes   0 B -> 16 B      65 536 B -> 65 552 B      65 537 B -> 65 569 B      1 MiB -> 1 048 832 B
#pragma once

#include <array>
#include <cstdint>

#include "crypto/bytes.h"

namespace beffroi::crypto {

inline constexpr std::uint8_t kChunkFormat = 1;
inline constexpr std::uint64_t kChunkBytes = 64 * 1024;
inline constexpr std::uint64_t kChunkTagBytes = 16;
inline constexpr std::uint64_t kSealedChunkBytes = kChunkBytes + kChunkTagBytes;

constexpr std::uint64_t chunk_count(std::uint64_t plain) { return plain == 0 ? 1 : (plain + kChunkBytes - 1) / kChunkBytes; }
constexpr std::uint64_t sealed_bytes(std::uint64_t plain) { return plain + chunk_count(plain) * kChunkTagBytes; }
static_assert(sealed_bytes(0) == 16);
static_assert(sealed_bytes(65536) == 65552);
static_assert(sealed_bytes(65537) == 65569);
static_assert(sealed_bytes(1 << 20) == 1048832);

// Whose chunks these are; bound as associated data.
struct ChunkPlace {
  std::uint32_t collectivity = 0;
  std::uint64_t blob = 0;
  std::uint16_t part = 0;
};

using ChunkNonce = std::array<char, 12>;
using ChunkAad = std::array<char, 1 + 4 + 8 + 2 + 8>;

inline ChunkNonce chunk_nonce(std::uint64_t number, bool last) {
  ChunkNonce nonce{};
  store_be(nonce.data() + 3, number);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

inline ChunkAad chunk_aad(ChunkPlace place, std::uint64_t number) {
  ChunkAad aad{};
  aad[0] = static_cast<char>(kChunkFormat);
  store_le(aad.data() + 1, place.collectivity);
  store_le(aad.data() + 5, place.blob);
  store_le(aad.data() + 13, place.part);
  store_le(aad.data() + 15, number);
  return aad;
}

}  // namespace beffroi::crypto
