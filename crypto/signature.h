// SPDX-License-Identifier: EUPL-1.2
// Ed25519 (RFC 8032): signs what leaves the appliance and must be believed later, the high-water mark and
// checkpoints.
#pragma once

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"

namespace beffroi::crypto {

inline constexpr std::size_t kPublicKeyBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;

// Const use is thread-safe.
class Signer {
 public:
  explicit Signer(const CheckpointSeed&);
  Bytes public_key() const;
  Bytes sign(BytesView message) const;

 private:
  SecretBytes secret_key_;  // libsodium's form: seed | public key
};

// False for a wrong signature, and for a key or signature of another size, of small order or not canonical.
bool verify(BytesView public_key, BytesView message, BytesView signature);

}  // namespace beffroi::crypto
