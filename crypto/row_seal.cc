// SPDX-License-Identifier: EUPL-1.2
#include "crypto/row_seal.h"

#include "crypto/aead.h"
#include "crypto/aes_block.h"
#include "crypto/check.h"
#include "crypto/errors.h"
#include "crypto/random.h"

namespace beffroi::crypto {
namespace {

constexpr BytesView kRowLabel = "beffroi/row/1";

// CMAC's first subkey (NIST SP 800-38B): the encrypted zero block, doubled in GF(2^128).
struct Subkey {
  char bytes[kAesBlockBytes] = {};
  explicit Subkey(BytesView key32) {
    aes256_encrypt_blocks(key32, BytesView(bytes, sizeof bytes), bytes);
    const auto high = load_be<std::uint64_t>(bytes);
    const auto low = load_be<std::uint64_t>(bytes + 8);
    store_be(bytes, high << 1 | low >> 63);
    const std::uint64_t carried_out = high >> 63;
    store_be(bytes + 8, (low << 1) ^ (carried_out * 0x87));
  }
  Subkey(const Subkey&) = delete;
  ~Subkey() { wipe(MutableBytes(bytes)); }
};

// XAES-256-GCM: the first half of the nonce makes the key of this one message, the second half is GCM's
// nonce.
struct MessageKey {
  char bytes[kKeyBytes];
  MessageKey(BytesView key32, const Subkey& subkey, BytesView nonce24) {
    char blocks[2 * kAesBlockBytes];
    for (int i = 0; i < 2; ++i) {
      char* block = blocks + i * kAesBlockBytes;
      const char head[4] = {0, static_cast<char>(i + 1), 'X', 0};
      std::memcpy(block, head, sizeof head);
      std::memcpy(block + sizeof head, nonce24.data(), 12);
      for (std::size_t j = 0; j < kAesBlockBytes; ++j)
        block[j] = static_cast<char>(block[j] ^ subkey.bytes[j]);
    }
    aes256_encrypt_blocks(key32, BytesView(blocks, sizeof blocks), bytes);
    wipe(MutableBytes(blocks));
  }
  MessageKey(const MessageKey&) = delete;
  ~MessageKey() { wipe(MutableBytes(bytes)); }
  BytesView view() const { return {bytes, sizeof bytes}; }
};

Bytes place_aad(RowPlace place) {
  Bytes aad;
  aad.reserve(kRowLabel.size() + 1 + place.key.size());
  aad += kRowLabel;
  aad += static_cast<char>(place.table);
  aad += place.key;
  return aad;
}

}  // namespace

struct RowSealer::Impl {
  RowKey key;
  Subkey subkey;
  std::uint16_t generation;
  Impl(const RowKey& k, std::uint16_t g) : key(k.clone()), subkey(key.reveal()), generation(g) {}
};

RowSealer::RowSealer(const RowKey& key, std::uint16_t generation)
    : impl_(std::make_unique<Impl>(key, generation)) {}
RowSealer::~RowSealer() = default;
RowSealer::RowSealer(RowSealer&&) noexcept = default;

std::uint16_t RowSealer::generation() const {
  return impl_->generation;
}

Bytes RowSealer::seal(RowPlace place, BytesView plaintext) const {
  Bytes out(kSealedRowOverheadBytes + plaintext.size(), '\0');
  out[0] = static_cast<char>(kSealedRowVersion);
  store_le(out.data() + 1, impl_->generation);
  const MutableBytes nonce(out.data() + kSealedRowHeaderBytes, kXaesNonceBytes);
  random_fill(nonce);
  const BytesView nonce_view(nonce.data(), nonce.size());
  const MessageKey key(impl_->key.reveal(), impl_->subkey, nonce_view);
  gcm_seal(key.view(), nonce_view.substr(12), place_aad(place), plaintext,
           MutableBytes(out).subspan(kSealedRowHeaderBytes + kXaesNonceBytes));
  return out;
}

Result<Bytes> RowSealer::open(RowPlace place, BytesView sealed) const {
  if (sealed.empty()) return Errc::BadFormat;
  const auto version = static_cast<std::uint8_t>(sealed[0]);
  if (version > kSealedRowVersion) return Errc::NewerFormat;
  if (version == 0 || sealed.size() < kSealedRowOverheadBytes) return Errc::BadFormat;
  if (load_le<std::uint16_t>(sealed.data() + 1) != impl_->generation) return Errc::UnknownKey;
  const BytesView nonce = sealed.substr(kSealedRowHeaderBytes, kXaesNonceBytes);
  const MessageKey key(impl_->key.reveal(), impl_->subkey, nonce);
  Bytes out(sealed.size() - kSealedRowOverheadBytes, '\0');
  const auto opened = gcm_open(key.view(), nonce.substr(12), place_aad(place),
                               sealed.substr(kSealedRowHeaderBytes + kXaesNonceBytes), out);
  if (!opened) return opened.error();
  return out;
}

Result<Bytes> seal_fingerprint(BytesView sealed) {
  if (sealed.size() < kSealedRowOverheadBytes) return Errc::BadFormat;
  Bytes out(sealed.substr(kSealedRowHeaderBytes, kXaesNonceBytes));
  out += sealed.substr(sealed.size() - kTagBytes);
  return out;
}

Bytes xaes_seal(BytesView key32, BytesView nonce24, BytesView plaintext, BytesView aad) {
  CHECK(nonce24.size() == kXaesNonceBytes);
  const MessageKey key(key32, Subkey(key32), nonce24);
  Bytes out(plaintext.size() + kTagBytes, '\0');
  gcm_seal(key.view(), nonce24.substr(12), aad, plaintext, out);
  return out;
}

Result<Bytes> xaes_open(BytesView key32, BytesView nonce24, BytesView ciphertext_and_tag, BytesView aad) {
  CHECK(nonce24.size() == kXaesNonceBytes);
  if (ciphertext_and_tag.size() < kTagBytes) return Errc::BadFormat;
  const MessageKey key(key32, Subkey(key32), nonce24);
  Bytes out(ciphertext_and_tag.size() - kTagBytes, '\0');
  const auto opened = gcm_open(key.view(), nonce24.substr(12), aad, ciphertext_and_tag, out);
  if (!opened) return opened.error();
  return out;
}

}  // namespace beffroi::crypto
