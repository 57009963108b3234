// SPDX-License-Identifier: EUPL-1.2
// MD5 (RFC 1321) of streams, of which several may be fed at once: an MD5 is one chain of dependent additions, so a core does one
// stream at 0.65 GB/s whatever its width, and eight independent ones side by side in the lanes of AVX2 at four times that together.
// For ETag and Content-MD5; nothing here rests on its strength.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "crypto/bytes.h"

namespace beffroi::crypto {

inline constexpr std::size_t kMd5BlockBytes = 64;
inline constexpr std::size_t kMd5Lanes = 8;

class Md5Stream {
 public:
  void update(BytesView);
  Bytes finish();  // 16 raw bytes; once

 private:
  friend void md5_update(std::span<const struct Md5Feed>);
  BytesView fill(BytesView bytes);  // completes the open block; what is left begins on a block
  void keep(BytesView tail);        // less than a block

  std::array<std::uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::uint64_t length_ = 0;  // bytes
  std::array<char, kMd5BlockBytes> open_{};
};

Bytes md5(BytesView);

// Bytes for one stream.
struct Md5Feed {
  Md5Stream* stream;
  BytesView bytes;
};
// Feeds at most kMd5Lanes different streams, side by side where the processor can.
void md5_update(std::span<const Md5Feed>);

// Threads that feed streams at the same time are served together: whoever finds nobody at work takes all that wait in one pass.
class Md5Gang {
 public:
  void update(Md5Stream&, BytesView);  // waits; any thread, one at a time for each stream

 private:
  struct Waiter {
    Md5Feed feed;
    bool done = false;
  };
  std::mutex mutex_;
  std::condition_variable served_;
  std::vector<Waiter*> waiting_;
  bool working_ = false;
};

}  // namespace beffroi::crypto
