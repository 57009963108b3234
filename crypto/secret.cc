// SPDX-License-Identifier: EUPL-1.2
#include "crypto/secret.h"

#include <sodium.h>

#include "crypto/check.h"
#include "crypto/secret_memory.h"

namespace beffroi::crypto {

SecretBytes::SecretBytes(BytesView source) : size_(source.size()) {
  if (source.empty()) return;
  data_ = take_secret_memory(size_);
  std::memcpy(data_, source.data(), size_);
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) give_secret_memory(data_, size_);
}

void wipe(MutableBytes bytes) {
  sodium_memzero(bytes.data(), bytes.size());
}

bool memory_lock_works() {
  alignas(4096) static char page[4096];
  if (sodium_mlock(page, sizeof page) != 0) return false;
  return sodium_munlock(page, sizeof page) == 0;
}

void check_key_size(BytesView bytes) {
  CHECK(bytes.size() == kKeyBytes);
}

}  // namespace beffroi::crypto
