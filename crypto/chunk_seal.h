// SPDX-License-Identifier: EUPL-1.2
// Seals a body chunk by chunk (chunk_format.h). A key is used for one sealer only: a fresh one for each part and attempt.
#pragma once

#include <memory>

#include "crypto/bytes.h"
#include "crypto/chunk_format.h"
#include "crypto/key_hierarchy.h"

namespace beffroi::crypto {

class ChunkSealer {
 public:
  ChunkSealer(const ObjectKey&, ChunkPlace, std::uint64_t plain_bytes);  // the total is declared and CHECKed
  ~ChunkSealer();
  ChunkSealer(ChunkSealer&&) noexcept;
  ChunkSealer& operator=(ChunkSealer&&) noexcept;
  // Appends to `out` the sealed form of `plain`. Each call but the last takes a multiple of kChunkBytes; the last takes the rest.
  void seal(BytesView plain, Bytes& out);
  // The body ends earlier than was declared: so many bytes are still to be sealed. Not once it is finished.
  void shrink(std::uint64_t left);
  bool finished() const;  // every declared byte was sealed

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::crypto
