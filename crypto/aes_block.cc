// SPDX-License-Identifier: EUPL-1.2
#include "crypto/aes_block.h"

#include <openssl/evp.h>

#include <memory>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

Context new_context(int encrypt) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  Context context(EVP_CIPHER_CTX_new());
  CHECK(cipher != nullptr && context != nullptr);
  CHECK(EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, encrypt, nullptr) == 1);
  CHECK(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  return context;
}

void run(EVP_CIPHER_CTX* context, BytesView key, BytesView in, MutableBytes out) {
  CHECK(key.size() == 32 && in.size() % kAesBlockBytes == 0 && out.size() == in.size() && in.size() <= 1024);
  CHECK(EVP_CipherInit_ex2(context, nullptr, reinterpret_cast<const unsigned char*>(key.data()), nullptr, -1,
                           nullptr) == 1);
  int written = 0;
  CHECK(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &written,
                         reinterpret_cast<const unsigned char*>(in.data()),
                         static_cast<int>(in.size())) == 1);
  CHECK(static_cast<std::size_t>(written) == in.size());
}

}  // namespace

void aes256_encrypt_blocks(BytesView key32, BytesView in, MutableBytes out) {
  thread_local const Context context = new_context(1);
  run(context.get(), key32, in, out);
}

void aes256_decrypt_blocks(BytesView key32, BytesView in, MutableBytes out) {
  thread_local const Context context = new_context(0);
  run(context.get(), key32, in, out);
}

}  // namespace beffroi::crypto
