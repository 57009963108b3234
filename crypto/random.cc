// SPDX-License-Identifier: EUPL-1.2
#include "crypto/random.h"

#include <pthread.h>
#include <sodium.h>

#include <atomic>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

constexpr std::size_t kDrawBytes = 4096;

// Counts the forks between the first process and this one: a buffer of another count was copied from the
// parent.
std::atomic<unsigned> forks{0};

// Bytes are wiped as they are handed out: a later look at the memory does not give earlier nonces or keys
// away.
struct Drawn {
  char bytes[kDrawBytes];
  std::size_t used = kDrawBytes;
  unsigned forks_seen = 0;
  ~Drawn() { sodium_memzero(bytes, sizeof bytes); }
};

// libsodium aborts the process when the system's generator fails.
void draw(void* out, std::size_t n) {
  static const bool ready = [] {
    return sodium_init() >= 0 && pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); }) == 0;
  }();
  CHECK(ready);
  randombytes_buf(out, n);
}

}  // namespace

void random_fill(MutableBytes out) {
  if (out.size() > kDrawBytes / 4) return draw(out.data(), out.size());
  thread_local Drawn drawn;
  const unsigned now = forks.load(std::memory_order_relaxed);
  if (drawn.forks_seen != now || kDrawBytes - drawn.used < out.size()) {
    draw(drawn.bytes, kDrawBytes);
    drawn.used = 0;
    drawn.forks_seen = now;
  }
  std::memcpy(out.data(), drawn.bytes + drawn.used, out.size());
  sodium_memzero(drawn.bytes + drawn.used, out.size());
  drawn.used += out.size();
}

Bytes random_bytes(std::size_t n) {
  Bytes out(n, '\0');
  random_fill(MutableBytes(out.data(), out.size()));
  return out;
}

}  // namespace beffroi::crypto
