// SPDX-License-Identifier: EUPL-1.2
#include "crypto/aes_block.h"

#include <openssl/evp.h>

#include <climits>
#include <memory>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

Context new_context(const EVP_CIPHER* cipher, int encrypt) {
  Context context(EVP_CIPHER_CTX_new());
  CHECK(cipher != nullptr && context != nullptr);
  CHECK(EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, encrypt, nullptr) == 1);
  CHECK(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  return context;
}

Context new_ecb(int encrypt) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  return new_context(cipher, encrypt);
}

Context new_ctr() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  return new_context(cipher, 1);
}

const unsigned char* in_bytes(BytesView b) { return reinterpret_cast<const unsigned char*>(b.data()); }

void update(EVP_CIPHER_CTX* context, BytesView in, MutableBytes out) {
  int written = 0;
  CHECK(in.size() <= INT_MAX && out.size() == in.size());
  CHECK(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &written, in_bytes(in), static_cast<int>(in.size())) == 1);
  CHECK(static_cast<std::size_t>(written) == in.size());
}

void run(EVP_CIPHER_CTX* context, BytesView key, BytesView in, MutableBytes out) {
  CHECK(key.size() == 32 && in.size() % kAesBlockBytes == 0 && out.size() == in.size() && in.size() <= 1024);
  CHECK(EVP_CipherInit_ex2(context, nullptr, in_bytes(key), nullptr, -1, nullptr) == 1);
  update(context, in, out);
}

}  // namespace

void aes256_encrypt_blocks(BytesView key32, BytesView in, MutableBytes out) {
  thread_local const Context context = new_ecb(1);
  run(context.get(), key32, in, out);
}

void aes256_decrypt_blocks(BytesView key32, BytesView in, MutableBytes out) {
  thread_local const Context context = new_ecb(0);
  run(context.get(), key32, in, out);
}

void aes256_ctr(BytesView key32, BytesView counter16, MutableBytes bytes) {
  thread_local const Context context = new_ctr();
  CHECK(key32.size() == 32 && counter16.size() == kAesBlockBytes);
  CHECK(EVP_CipherInit_ex2(context.get(), nullptr, in_bytes(key32), in_bytes(counter16), -1, nullptr) == 1);
  update(context.get(), BytesView(bytes.data(), bytes.size()), bytes);
}

}  // namespace beffroi::crypto
