// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_codec.h"

#include <zstd.h>

#include "crypto/check.h"
#include "crypto/errors.h"
#include "storage/audit/audit_format.h"

namespace beffroi::storage {
namespace {

// Records of a group repeat their member names and mostly their values: level 1 already takes nine tenths of that.
constexpr int kCompressionLevel = 1;

}  // namespace

struct AuditCompressor::Impl {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
};

AuditCompressor::AuditCompressor() : impl_(std::make_unique<Impl>()) {
  CHECK(impl_->context);
}
AuditCompressor::~AuditCompressor() = default;

Bytes AuditCompressor::compress(BytesView plain) {
  Bytes out(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size = ZSTD_compressCCtx(impl_->context.get(), out.data(), out.size(), plain.data(),
                                             plain.size(), kCompressionLevel);
  CHECK(!ZSTD_isError(size));  // only for want of memory: the output has room
  out.resize(size);
  return out;
}

struct AuditDecompressor::Impl {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), &ZSTD_freeDCtx};
};

AuditDecompressor::AuditDecompressor() : impl_(std::make_unique<Impl>()) {
  CHECK(impl_->context);
}
AuditDecompressor::~AuditDecompressor() = default;

Result<Bytes> AuditDecompressor::decompress(BytesView packed) {
  const auto plain_size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  // The two error values are above the limit too.
  if (plain_size > kAuditPayloadBytesMax) return crypto::Errc::BadFormat;
  if (ZSTD_findFrameCompressedSize(packed.data(), packed.size()) != packed.size())
    return crypto::Errc::BadFormat;
  Bytes out(plain_size, '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(impl_->context.get(), out.data(), out.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) || size != plain_size) return crypto::Errc::BadFormat;
  return out;
}

}  // namespace beffroi::storage
