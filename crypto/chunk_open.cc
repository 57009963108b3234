// SPDX-License-Identifier: EUPL-1.2
#include "crypto/chunk_open.h"

#include <optional>

#include "crypto/aead.h"
#include "crypto/check.h"
#include "crypto/errors.h"

namespace beffroi::crypto {

struct ChunkOpener::Impl {
  Aes256Gcm gcm;
  ChunkPlace place;
  std::uint64_t plain_bytes;
  bool size_is_true = false;  // the last chunk was authentic
  std::optional<Errc> failed{};

  std::uint64_t last() const { return chunk_count(plain_bytes) - 1; }
  std::uint64_t plain_of(std::uint64_t number) const {
    return number < last() ? kChunkBytes : plain_bytes - last() * kChunkBytes;
  }
  Result<MutableBytes> fail(Errc e) {
    failed = e;
    return e;
  }
};

ChunkOpener::ChunkOpener(const ObjectKey& key, ChunkPlace place, std::uint64_t plain_bytes)
    : impl_(std::make_unique<Impl>(Impl{Aes256Gcm(key.reveal()), place, plain_bytes})) {}
ChunkOpener::~ChunkOpener() = default;
ChunkOpener::ChunkOpener(ChunkOpener&&) noexcept = default;

Result<MutableBytes> ChunkOpener::open(std::uint64_t number, MutableBytes sealed) {
  Impl& self = *impl_;
  if (self.failed) return *self.failed;
  CHECK(number <= self.last());
  CHECK(self.size_is_true || number == self.last());
  if (sealed.size() != self.plain_of(number) + kChunkTagBytes) return self.fail(Errc::Truncated);
  const ChunkNonce nonce = chunk_nonce(number, number == self.last());
  const ChunkAad aad = chunk_aad(self.place, number);
  const MutableBytes plain = sealed.first(sealed.size() - kChunkTagBytes);
  const auto opened = self.gcm.open(BytesView(nonce.data(), nonce.size()), BytesView(aad.data(), aad.size()),
                                    BytesView(sealed.data(), sealed.size()), plain);
  if (!opened) return self.fail(Errc::Unauthentic);
  if (number == self.last()) self.size_is_true = true;
  return plain;
}

}  // namespace beffroi::crypto
