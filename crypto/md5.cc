// SPDX-License-Identifier: EUPL-1.2
#include "crypto/md5.h"

#include <immintrin.h>

#include <algorithm>
#include <bit>

#include "crypto/check.h"

namespace beffroi::crypto {
namespace {

constexpr std::size_t kLengthBytes = 8;

// floor(2^32 * abs(sin(i + 1))), RFC 1321 §3.4.
constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1,
    0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
    0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
    0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
    0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d,
    0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::array<int, 4>, 4> kTurns = {{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

using Lanes = std::uint32_t __attribute__((vector_size(32)));

// One block. Word: an integer, or eight of them; the constants and the order of words are the same for all lanes.
template <class Word>
[[gnu::always_inline]] inline void compress(Word* state, const Word* message) {
  Word a = state[0], b = state[1], c = state[2], d = state[3];
#pragma GCC unroll 64
  for (unsigned i = 0; i < 64; ++i) {
    const unsigned round = i / 16;
    Word mixed;
    unsigned word;
    if (round == 0) {
      mixed = d ^ (b & (c ^ d));
      word = i;
    } else if (round == 1) {
      mixed = (c & ~d) + (b & d);  // no bit is in both: the sum is the or, and b comes in late
      word = (5 * i + 1) % 16;
    } else if (round == 2) {
      mixed = b ^ c ^ d;
      word = (3 * i + 5) % 16;
    } else {
      mixed = c ^ (b | ~d);
      word = 7 * i % 16;
    }
    const Word sum = a + mixed + message[word] + kSines[i];
    const int turn = kTurns[round][i % 4];
    a = d;
    d = c;
    c = b;
    b = b + ((sum << turn) | (sum >> (32 - turn)));
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

void compress_one(std::array<std::uint32_t, 4>& state, const char* bytes, std::size_t blocks) {
  for (; blocks > 0; --blocks, bytes += kMd5BlockBytes) {
    std::uint32_t message[16];
    std::memcpy(message, bytes, kMd5BlockBytes);
    compress(state.data(), message);
  }
}

// Eight words of each of eight streams, turned so that each vector holds one word of all.
__attribute__((target("avx2"))) inline void load_turned(const std::array<const char*, kMd5Lanes>& at, std::size_t offset, Lanes* out) {
  __m256i r[8], t[8];
  for (int i = 0; i < 8; ++i) r[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at[i] + offset));
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    r[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    out[i] = reinterpret_cast<Lanes>(_mm256_permute2x128_si256(r[i], r[i + 4], 0x20));
    out[i + 4] = reinterpret_cast<Lanes>(_mm256_permute2x128_si256(r[i], r[i + 4], 0x31));
  }
}

__attribute__((target("avx2"))) void compress_lanes(std::array<std::uint32_t, 4>* const* states, std::array<const char*, kMd5Lanes> at,
                                                    std::size_t blocks) {
  Lanes state[4], message[16];
  for (unsigned word = 0; word < 4; ++word) {
    for (unsigned lane = 0; lane < kMd5Lanes; ++lane) state[word][lane] = (*states[lane])[word];
  }
  for (; blocks > 0; --blocks) {
    load_turned(at, 0, message);
    load_turned(at, 32, message + 8);
    compress(state, message);
    for (const char*& p : at) p += kMd5BlockBytes;
  }
  for (unsigned word = 0; word < 4; ++word) {
    for (unsigned lane = 0; lane < kMd5Lanes; ++lane) (*states[lane])[word] = state[word][lane];
  }
}

}  // namespace

BytesView Md5Stream::fill(BytesView bytes) {
  const std::size_t held = length_ % kMd5BlockBytes;
  length_ += bytes.size();
  if (held == 0) return bytes;
  const std::size_t taken = std::min(bytes.size(), kMd5BlockBytes - held);
  std::memcpy(open_.data() + held, bytes.data(), taken);
  if (held + taken == kMd5BlockBytes) compress_one(state_, open_.data(), 1);
  return bytes.substr(taken);
}

void Md5Stream::keep(BytesView tail) {
  if (!tail.empty()) std::memcpy(open_.data(), tail.data(), tail.size());
}

void Md5Stream::update(BytesView bytes) {
  bytes = fill(bytes);
  const std::size_t blocks = bytes.size() / kMd5BlockBytes;
  compress_one(state_, bytes.data(), blocks);
  keep(bytes.substr(blocks * kMd5BlockBytes));
}

Bytes Md5Stream::finish() {
  const std::uint64_t bits = length_ * 8;
  Bytes padding(1, '\x80');
  padding.resize(1 + (2 * kMd5BlockBytes - 1 - kLengthBytes - length_ % kMd5BlockBytes) % kMd5BlockBytes);
  append_le(padding, bits);
  update(padding);
  CHECK(length_ % kMd5BlockBytes == 0);
  Bytes out;
  for (const std::uint32_t word : state_) append_le(out, word);
  return out;
}

Bytes md5(BytesView bytes) {
  Md5Stream stream;
  stream.update(bytes);
  return stream.finish();
}

void md5_update(std::span<const Md5Feed> feeds) {
  CHECK(feeds.size() <= kMd5Lanes);
  static const bool wide = __builtin_cpu_supports("avx2");
  if (!wide || feeds.size() < 2) {
    for (const Md5Feed& feed : feeds) feed.stream->update(feed.bytes);
    return;
  }
  std::array<BytesView, kMd5Lanes> rest;
  std::size_t common = SIZE_MAX;  // blocks that every stream has
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    rest[i] = feeds[i].stream->fill(feeds[i].bytes);
    common = std::min(common, rest[i].size() / kMd5BlockBytes);
  }
  // A lane without a stream works on the first one's bytes, for nobody.
  std::array<std::array<std::uint32_t, 4>, kMd5Lanes> spare;
  std::array<std::array<std::uint32_t, 4>*, kMd5Lanes> states;
  std::array<const char*, kMd5Lanes> at;
  for (std::size_t i = 0; i < kMd5Lanes; ++i) {
    states[i] = i < feeds.size() ? &feeds[i].stream->state_ : &spare[i];
    at[i] = rest[i < feeds.size() ? i : 0].data();
    if (i >= feeds.size()) spare[i] = {};
  }
  if (common > 0) compress_lanes(states.data(), at, common);
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    const BytesView left = rest[i].substr(common * kMd5BlockBytes);
    const std::size_t blocks = left.size() / kMd5BlockBytes;
    compress_one(feeds[i].stream->state_, left.data(), blocks);
    feeds[i].stream->keep(left.substr(blocks * kMd5BlockBytes));
  }
}

void Md5Gang::update(Md5Stream& stream, BytesView bytes) {
  Waiter mine{{&stream, bytes}};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  served_.wait(lock, [&] { return mine.done || !working_; });
  if (mine.done) return;
  working_ = true;
  const std::size_t count = std::min(waiting_.size(), kMd5Lanes);
  // The first to come are the first served, and this thread must be among them: it takes the last place if need be.
  std::vector<Waiter*> served(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  if (std::find(served.begin(), served.end(), &mine) == served.end()) served.back() = &mine;
  std::erase_if(waiting_, [&](Waiter* w) { return std::find(served.begin(), served.end(), w) != served.end(); });
  lock.unlock();
  std::array<Md5Feed, kMd5Lanes> feeds;
  std::transform(served.begin(), served.end(), feeds.begin(), [](const Waiter* w) { return w->feed; });
  md5_update({feeds.data(), served.size()});
  lock.lock();
  for (Waiter* w : served) w->done = true;
  working_ = false;
  served_.notify_all();
}

}  // namespace beffroi::crypto
