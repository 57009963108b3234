// SPDX-License-Identifier: EUPL-1.2
#include "crypto/chunk_seal.h"

#include <algorithm>

#include "crypto/aead.h"
#include "crypto/check.h"

namespace beffroi::crypto {

struct ChunkSealer::Impl {
  Aes256Gcm gcm;
  ChunkPlace place;
  std::uint64_t left;  // declared bytes that are not sealed yet
  std::uint64_t number = 0;
  bool finished = false;

  void seal_chunk(BytesView plain, Bytes& out) {
    left -= plain.size();
    finished = left == 0;
    const ChunkNonce nonce = chunk_nonce(number, finished);
    const ChunkAad aad = chunk_aad(place, number);
    const std::size_t at = out.size();
    out.resize(at + plain.size() + kChunkTagBytes);
    gcm.seal(BytesView(nonce.data(), nonce.size()), BytesView(aad.data(), aad.size()), plain,
             MutableBytes(out).subspan(at));
    ++number;
  }
};

ChunkSealer::ChunkSealer(const ObjectKey& key, ChunkPlace place, std::uint64_t plain_bytes)
    : impl_(std::make_unique<Impl>(Impl{Aes256Gcm(key.reveal()), place, plain_bytes})) {}
ChunkSealer::~ChunkSealer() = default;
ChunkSealer::ChunkSealer(ChunkSealer&&) noexcept = default;
ChunkSealer& ChunkSealer::operator=(ChunkSealer&&) noexcept = default;

void ChunkSealer::seal(BytesView plain, Bytes& out) {
  CHECK(!impl_->finished && plain.size() <= impl_->left);
  CHECK(plain.size() % kChunkBytes == 0 || plain.size() == impl_->left);
  if (impl_->left == 0) return impl_->seal_chunk({}, out);
  if (plain.empty()) return;
  out.reserve(out.size() + sealed_bytes(plain.size()));
  while (!plain.empty()) {
    const BytesView chunk = plain.substr(0, kChunkBytes);
    impl_->seal_chunk(chunk, out);
    plain.remove_prefix(chunk.size());
  }
}

void ChunkSealer::shrink(std::uint64_t left) {
  // A body whose last chunk would be empty has sealed it without its mark: only an empty body may end on nothing.
  CHECK(!impl_->finished && left <= impl_->left && (left > 0 || impl_->number == 0));
  impl_->left = left;
}

bool ChunkSealer::finished() const {
  return impl_->finished;
}

}  // namespace beffroi::crypto
