// SPDX-License-Identifier: EUPL-1.2
#include "crypto/page_seal.h"

#include "crypto/aead.h"
#include "crypto/check.h"
#include "crypto/errors.h"
#include "crypto/random.h"

namespace beffroi::crypto {
namespace {

constexpr std::size_t kHeadBytes = 2 + 4;
constexpr std::size_t kAadBytes = 4 + kHeadBytes;
constexpr std::size_t kSealedAt = kHeadBytes + kGcmNonceBytes;

struct Aad {
  char bytes[kAadBytes];
  Aad(std::uint32_t number, BytesView head) {
    store_le(bytes, number);
    std::memcpy(bytes + 4, head.data(), kHeadBytes);
  }
  BytesView view() const { return {bytes, sizeof bytes}; }
};

}  // namespace

struct PageSealer::Impl {
  FileKey key;
};

PageSealer::PageSealer(const FileKey& key) : impl_(std::make_unique<Impl>(Impl{key.clone()})) {}
PageSealer::~PageSealer() = default;
PageSealer::PageSealer(PageSealer&&) noexcept = default;

// The nonce is drawn, not counted: a page that was not synced yet may be sealed again with more in it.
void PageSealer::seal(std::uint32_t number, std::uint32_t synced, BytesView payload, MutableBytes out) const {
  CHECK(payload.size() <= kPagePayloadBytes && out.size() == kPageBytes);
  store_le(out.data(), static_cast<std::uint16_t>(payload.size()));
  store_le(out.data() + 2, synced);
  const MutableBytes nonce = out.subspan(kHeadBytes, kGcmNonceBytes);
  random_fill(nonce);
  char* plain = out.data() + kSealedAt;
  payload.copy(plain, payload.size());
  std::memset(plain + payload.size(), 0, kPagePayloadBytes - payload.size());
  const Aad aad(number, BytesView(out.data(), kHeadBytes));
  gcm_seal(impl_->key.reveal(), BytesView(nonce.data(), nonce.size()), aad.view(),
           BytesView(plain, kPagePayloadBytes), out.subspan(kSealedAt));
}

Result<OpenedPage> PageSealer::open(std::uint32_t number, BytesView page, MutableBytes payload) const {
  CHECK(page.size() == kPageBytes && payload.size() == kPagePayloadBytes);
  const OpenedPage opened{load_le<std::uint16_t>(page.data()), load_le<std::uint32_t>(page.data() + 2)};
  if (opened.length > kPagePayloadBytes) return Errc::Unauthentic;
  const Aad aad(number, page.substr(0, kHeadBytes));
  const auto result = gcm_open(impl_->key.reveal(), page.substr(kHeadBytes, kGcmNonceBytes), aad.view(),
                               page.substr(kSealedAt), payload);
  if (!result) return result.error();
  return opened;
}

}  // namespace beffroi::crypto
