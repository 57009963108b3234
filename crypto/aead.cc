// SPDX-License-Identifier: EUPL-1.2
#include "crypto/aead.h"

#include <openssl/evp.h>

#include <limits>

#include "crypto/check.h"
#include "crypto/errors.h"
#include "crypto/secret.h"

namespace beffroi::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

constexpr int kOpen = 0;
constexpr int kSeal = 1;

const unsigned char* in_bytes(BytesView b) {
  return reinterpret_cast<const unsigned char*>(b.data());
}
unsigned char* out_bytes(char* p) {
  return reinterpret_cast<unsigned char*>(p);
}

// GCM runs the cipher forwards in both directions, so one key schedule serves both.
Context new_context() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  Context context(EVP_CIPHER_CTX_new());
  CHECK(cipher != nullptr && context != nullptr);
  CHECK(EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, kSeal, nullptr) == 1);
  return context;
}

// `key` may be empty: the one of the last start stays.
void start(EVP_CIPHER_CTX* context, int direction, BytesView key, BytesView nonce, BytesView aad) {
  CHECK(nonce.size() == kGcmNonceBytes && aad.size() <= 65536);
  const unsigned char* key_bytes = key.empty() ? nullptr : in_bytes(key);
  CHECK(EVP_CipherInit_ex2(context, nullptr, key_bytes, in_bytes(nonce), direction, nullptr) == 1);
  int ignored = 0;
  if (!aad.empty()) {
    CHECK(EVP_CipherUpdate(context, nullptr, &ignored, in_bytes(aad), static_cast<int>(aad.size())) == 1);
  }
}

void transform(EVP_CIPHER_CTX* context, BytesView in, char* out) {
  CHECK(in.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  if (in.empty()) return;
  int written = 0;
  CHECK(EVP_CipherUpdate(context, out_bytes(out), &written, in_bytes(in), static_cast<int>(in.size())) == 1);
  CHECK(static_cast<std::size_t>(written) == in.size());
}

void seal_with(EVP_CIPHER_CTX* context, BytesView key, BytesView nonce, BytesView aad, BytesView plain,
               MutableBytes out) {
  CHECK(out.size() == plain.size() + kGcmTagBytes);
  start(context, kSeal, key, nonce, aad);
  transform(context, plain, out.data());
  char* tag = out.data() + plain.size();
  int ignored = 0;
  CHECK(EVP_CipherFinal_ex(context, out_bytes(tag), &ignored) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag) == 1);
}

Result<void> open_with(EVP_CIPHER_CTX* context, BytesView key, BytesView nonce, BytesView aad,
                       BytesView sealed, MutableBytes out) {
  if (sealed.size() < kGcmTagBytes) return Errc::Unauthentic;
  const BytesView ciphertext = sealed.substr(0, sealed.size() - kGcmTagBytes);
  CHECK(out.size() == ciphertext.size());
  char tag[kGcmTagBytes];  // a copy: OpenSSL takes it through a pointer to changeable memory
  std::memcpy(tag, sealed.data() + ciphertext.size(), sizeof tag);
  start(context, kOpen, key, nonce, aad);
  transform(context, ciphertext, out.data());
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1);
  char nothing[kGcmTagBytes];
  int ignored = 0;
  if (EVP_CipherFinal_ex(context, out_bytes(nothing), &ignored) == 1) return {};
  wipe(out);
  return Errc::Unauthentic;
}

EVP_CIPHER_CTX* context_of_thread() {
  thread_local const Context context = new_context();
  return context.get();
}

}  // namespace

struct Aes256Gcm::Impl {
  Context context = new_context();
};

Aes256Gcm::Aes256Gcm(BytesView key32) : impl_(std::make_unique<Impl>()) {
  check_key_size(key32);
  CHECK(EVP_CipherInit_ex2(impl_->context.get(), nullptr, in_bytes(key32), nullptr, kSeal, nullptr) == 1);
}

Aes256Gcm::~Aes256Gcm() = default;
Aes256Gcm::Aes256Gcm(Aes256Gcm&&) noexcept = default;

void Aes256Gcm::seal(BytesView nonce, BytesView aad, BytesView plain, MutableBytes out) {
  seal_with(impl_->context.get(), {}, nonce, aad, plain, out);
}

Result<void> Aes256Gcm::open(BytesView nonce, BytesView aad, BytesView sealed, MutableBytes out) {
  return open_with(impl_->context.get(), {}, nonce, aad, sealed, out);
}

void gcm_seal(BytesView key32, BytesView nonce, BytesView aad, BytesView plain, MutableBytes out) {
  check_key_size(key32);
  seal_with(context_of_thread(), key32, nonce, aad, plain, out);
}

Result<void> gcm_open(BytesView key32, BytesView nonce, BytesView aad, BytesView sealed, MutableBytes out) {
  check_key_size(key32);
  return open_with(context_of_thread(), key32, nonce, aad, sealed, out);
}

}  // namespace beffroi::crypto
