// SPDX-License-Identifier: EUPL-1.2
#include "crypto/version_id.h"

#include "crypto/aes_block.h"
#include "crypto/random.h"

namespace beffroi::crypto {

std::string make_version_id(const IdKey& key, std::uint64_t commit_sequence) {
  char block[kAesBlockBytes];
  store_be(block, commit_sequence);
  random_fill(MutableBytes(block).subspan(8));
  aes256_encrypt_blocks(key.reveal(), BytesView(block, sizeof block), block);
  return to_base32(BytesView(block, sizeof block));
}

std::optional<std::uint64_t> sequence_of(const IdKey& key, std::string_view version_id) {
  if (version_id.size() != kVersionIdChars) return std::nullopt;
  const auto block = from_base32(version_id);
  if (!block) return std::nullopt;
  char opened[kAesBlockBytes];
  aes256_decrypt_blocks(key.reveal(), *block, opened);
  return load_be<std::uint64_t>(opened);
}

}  // namespace beffroi::crypto
