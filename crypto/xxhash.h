// SPDX-License-Identifier: EUPL-1.2
// xxHash with seed 0 (XXH64, XXH3 of 64 and of 128 bits), fed block by block: S3's newer checksums. Nothing here rests on its strength.
#pragma once

#include <memory>

#include "crypto/bytes.h"

namespace beffroi::crypto {

enum class XxHashAlgorithm { XxHash64, XxHash3, XxHash128 };

class XxHash {
 public:
  explicit XxHash(XxHashAlgorithm);
  ~XxHash();
  XxHash(XxHash&&) noexcept;
  XxHash& operator=(XxHash&&) noexcept;
  void update(BytesView);
  Bytes finish() const;  // the canonical form: 8 or 16 bytes, big-endian

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::crypto
