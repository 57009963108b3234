// SPDX-License-Identifier: EUPL-1.2
#include "crypto/digest.h"

#include <openssl/evp.h>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

// Fetched once: a fetch inside each init costs more than hashing a short message.
const EVP_MD* fetched(DigestAlgorithm algorithm) {
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  const EVP_MD* md = nullptr;
  switch (algorithm) {
    case DigestAlgorithm::Sha1:
      md = sha1;
      break;
    case DigestAlgorithm::Sha256:
      md = sha256;
      break;
    case DigestAlgorithm::Sha512:
      md = sha512;
      break;
  }
  CHECK(md != nullptr);
  return md;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

void start(EVP_MD_CTX* context, DigestAlgorithm algorithm) {
  CHECK(EVP_DigestInit_ex2(context, fetched(algorithm), nullptr) == 1);
}

Bytes finish(EVP_MD_CTX* context) {
  char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out), &size) == 1);
  return Bytes(out, size);
}

}  // namespace

struct Digest::Impl {
  Context context{EVP_MD_CTX_new()};
  bool finished = false;
};

Digest::Digest(DigestAlgorithm algorithm) : impl_(std::make_unique<Impl>()) {
  CHECK(impl_->context != nullptr);
  start(impl_->context.get(), algorithm);
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(BytesView bytes) {
  CHECK(!impl_->finished);
  CHECK(EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size()) == 1);
}

Bytes Digest::finish() {
  CHECK(!impl_->finished);
  impl_->finished = true;
  return crypto::finish(impl_->context.get());
}

Bytes digest(DigestAlgorithm algorithm, std::initializer_list<BytesView> parts) {
  // One context a thread and algorithm: changing the algorithm of a context frees and allocates its state.
  thread_local const Context contexts[] = {Context(EVP_MD_CTX_new()), Context(EVP_MD_CTX_new()), Context(EVP_MD_CTX_new())};
  EVP_MD_CTX* context = contexts[static_cast<std::size_t>(algorithm)].get();
  CHECK(context != nullptr);
  start(context, algorithm);
  for (BytesView part : parts) CHECK(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  return finish(context);
}

}  // namespace beffroi::crypto
