// SPDX-License-Identifier: EUPL-1.2
#include "crypto/secret.h"

#include <sodium.h>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

void sodium_ready() {
  static const bool ready = sodium_init() >= 0;
  CHECK(ready);
}

}  // namespace

SecretBytes::SecretBytes(BytesView source) : size_(source.size()) {
  if (source.empty()) return;
  sodium_ready();
  data_.reset(static_cast<char*>(sodium_malloc(source.size())));
  CHECK(data_ != nullptr);
  std::memcpy(data_.get(), source.data(), source.size());
}

void SecretBytes::Wipe::operator()(char* p) const {
  sodium_free(p);
}

void wipe(MutableBytes bytes) {
  sodium_memzero(bytes.data(), bytes.size());
}

bool memory_lock_works() {
  sodium_ready();
  alignas(4096) static char page[4096];
  if (sodium_mlock(page, sizeof page) != 0) return false;
  return sodium_munlock(page, sizeof page) == 0;
}

void check_key_size(BytesView bytes) {
  CHECK(bytes.size() == kKeyBytes);
}

}  // namespace beffroi::crypto
