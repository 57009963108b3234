// SPDX-License-Identifier: EUPL-1.2
// Secret bytes: held in locked, guarded memory (secret_memory.h), wiped at destruction, movable, never copied by accident, never
// printed. Key<Tag> makes each kind of key a type of its own, so that one cannot stand for another.
#pragma once

#include <cstddef>
#include <utility>

#include "crypto/bytes.h"

namespace beffroi::crypto {

inline constexpr std::size_t kKeyBytes = 32;

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(BytesView source);  // copies; the caller wipes its own
  SecretBytes(SecretBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SecretBytes();
  SecretBytes clone() const { return SecretBytes(reveal()); }
  BytesView reveal() const { return {data_, size_}; }  // the one way to the bytes; easy to search for
  bool empty() const { return size_ == 0; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class Tag>
class Key {
 public:
  Key() = default;
  explicit Key(BytesView bytes32);  // CHECKs the size
  Key(Key&&) noexcept = default;
  Key& operator=(Key&&) noexcept = default;
  Key clone() const { return Key(reveal()); }
  BytesView reveal() const { return bytes_.reveal(); }
  bool empty() const { return bytes_.empty(); }

 private:
  SecretBytes bytes_;
};

// Overwrites `bytes` so that the compiler cannot leave it out.
void wipe(MutableBytes bytes);
inline void wipe(Bytes& bytes) {
  wipe(MutableBytes(bytes.data(), bytes.size()));
}

// Locks memory for keys: false when the kernel refuses (RLIMIT_MEMLOCK); the caller warns or stops.
bool memory_lock_works();

void check_key_size(BytesView bytes);
template <class Tag>
Key<Tag>::Key(BytesView bytes) : bytes_((check_key_size(bytes), bytes)) {}

}  // namespace beffroi::crypto
