// SPDX-License-Identifier: EUPL-1.2
#include "crypto/secret_memory.h"

#include <sodium.h>

#include <cstring>
#include <mutex>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

char* guarded(std::size_t size) {
  static const bool ready = sodium_init() >= 0;
  CHECK(ready);
  auto* memory = static_cast<char*>(sodium_malloc(size));
  CHECK(memory != nullptr);
  return memory;
}

// Free slots, each holding the address of the next one. Slabs are kept until the process ends: keys come and go all the time,
// and one that lives in a static object must not outlive its memory.
class Slots {
 public:
  char* take() {
    const std::lock_guard lock(mutex_);
    if (free_ == nullptr) add_slab();
    char* slot = free_;
    std::memcpy(&free_, slot, sizeof free_);
    return slot;
  }
  void give(char* slot) {
    sodium_memzero(slot, kSecretSlotBytes);
    const std::lock_guard lock(mutex_);
    std::memcpy(slot, &free_, sizeof free_);
    free_ = slot;
  }

 private:
  void add_slab() {
    char* slab = guarded(kSecretSlabBytes);
    sodium_memzero(slab, kSecretSlabBytes);
    for (std::size_t at = kSecretSlabBytes; at > 0; at -= kSecretSlotBytes) {
      char* slot = slab + at - kSecretSlotBytes;
      std::memcpy(slot, &free_, sizeof free_);
      free_ = slot;
    }
  }

  std::mutex mutex_;
  char* free_ = nullptr;
};

Slots& slots() {
  static Slots* const instance = new Slots;
  return *instance;
}

}  // namespace

char* take_secret_memory(std::size_t size) {
  return size <= kSecretSlotBytes ? slots().take() : guarded(size);
}

void give_secret_memory(char* memory, std::size_t size) {
  if (size <= kSecretSlotBytes) return slots().give(memory);
  sodium_free(memory);
}

}  // namespace beffroi::crypto
