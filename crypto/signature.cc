// SPDX-License-Identifier: EUPL-1.2
#include "crypto/signature.h"

#include <sodium.h>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

static_assert(crypto_sign_PUBLICKEYBYTES == kPublicKeyBytes && crypto_sign_BYTES == kSignatureBytes);

const unsigned char* in_bytes(BytesView b) {
  return reinterpret_cast<const unsigned char*>(b.data());
}

}  // namespace

Signer::Signer(const CheckpointSeed& seed) {
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  char secret_key[crypto_sign_SECRETKEYBYTES];
  CHECK(crypto_sign_seed_keypair(public_key, reinterpret_cast<unsigned char*>(secret_key),
                                 in_bytes(seed.reveal())) == 0);
  secret_key_ = SecretBytes(BytesView(secret_key, sizeof secret_key));
  wipe(MutableBytes(secret_key));
}

Bytes Signer::public_key() const {
  return Bytes(secret_key_.reveal().substr(crypto_sign_SEEDBYTES));
}

Bytes Signer::sign(BytesView message) const {
  unsigned char signature[crypto_sign_BYTES];
  CHECK(crypto_sign_detached(signature, nullptr, in_bytes(message), message.size(),
                             in_bytes(secret_key_.reveal())) == 0);
  return Bytes(reinterpret_cast<const char*>(signature), sizeof signature);
}

bool verify(BytesView public_key, BytesView message, BytesView signature) {
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) return false;
  return crypto_sign_verify_detached(in_bytes(signature), in_bytes(message), message.size(),
                                     in_bytes(public_key)) == 0;
}

}  // namespace beffroi::crypto
