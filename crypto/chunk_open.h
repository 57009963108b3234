// SPDX-License-Identifier: EUPL-1.2
// Opens sealed chunks (chunk_format.h). The last chunk is opened first, so that the size is true before a byte is served; an
// error is sticky.
#pragma once

#include <memory>

#include "crypto/bytes.h"
#include "crypto/chunk_format.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"

namespace beffroi::crypto {

class ChunkOpener {
 public:
  ChunkOpener(const ObjectKey&, ChunkPlace, std::uint64_t plain_bytes);
  ~ChunkOpener();
  ChunkOpener(ChunkOpener&&) noexcept;
  // Opens chunk `number` in place: `sealed` holds it with its tag; returns the plaintext, a prefix of the same memory.
  Result<MutableBytes> open(std::uint64_t number, MutableBytes sealed);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::crypto
