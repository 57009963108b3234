// SPDX-License-Identifier: EUPL-1.2
// One sealed page of a page file (docs/formats.md "Page file"); storage/index/rocks_fs lays pages out in files.
//
//   page 4 096 = length u16 | synced u32 | nonce 12 | ciphertext 4 062, zero-padded | tag 16      AES-256-GCM, key of the file
//   AAD        = page number u32 | length u16 | synced u32                                         (little-endian)
#pragma once

#include <memory>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"

namespace beffroi::crypto {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kPagePayloadBytes = 4062;
static_assert(2 + 4 + 12 + kPagePayloadBytes + 16 == kPageBytes);

struct OpenedPage {
  std::uint16_t length = 0;  // bytes of payload that count
  std::uint32_t synced = 0;  // pages that were already synced when this one was sealed
};

// Thread-safe for const use.
class PageSealer {
 public:
  explicit PageSealer(const FileKey&);
  ~PageSealer();
  PageSealer(PageSealer&&) noexcept;
  // `payload` <= kPagePayloadBytes; `out` is kPageBytes and lies elsewhere.
  void seal(std::uint32_t number, std::uint32_t synced, BytesView payload, MutableBytes out) const;
  // Opens `page` into `payload` (kPagePayloadBytes). Unauthentic.
  Result<OpenedPage> open(std::uint32_t number, BytesView page, MutableBytes payload) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::crypto
