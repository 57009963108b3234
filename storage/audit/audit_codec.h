// SPDX-License-Identifier: EUPL-1.2
// Compression of a block's payload with zstd; the contexts are made once and used again. One thread at a time.
#pragma once

#include <memory>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace beffroi::storage {

class AuditCompressor {
 public:
  AuditCompressor();
  ~AuditCompressor();
  Bytes compress(BytesView);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class AuditDecompressor {
 public:
  AuditDecompressor();
  ~AuditDecompressor();
  // BadFormat: not one zstd frame of known size, or more than kAuditPayloadBytesMax.
  Result<Bytes> decompress(BytesView);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
