// SPDX-License-Identifier: EUPL-1.2
#include "crypto/crc.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <array>

#if defined(__x86_64__)
#include <emmintrin.h>
#include <wmmintrin.h>
#endif

namespace beffroi::crypto {
namespace {

// CRC-64/NVME, bits reflected: the first bit of the message is the lowest one.
constexpr std::uint64_t kPolynomial = 0x9a6c9329ac4bc9b5;

constexpr std::uint64_t times_x(std::uint64_t v) {
  return (v >> 1) ^ ((v & 1) != 0 ? kPolynomial : 0);
}

// table[n][b] carries byte b over n more bytes of zeros: eight look-ups replace eight dependent steps.
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables t{};
  for (std::uint64_t b = 0; b < 256; ++b) {
    std::uint64_t v = b;
    for (int i = 0; i < 8; ++i) v = times_x(v);
    t[0][b] = v;
  }
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t b = 0; b < 256; ++b) t[n][b] = (t[n - 1][b] >> 8) ^ t[0][t[n - 1][b] & 0xff];
  }
  return t;
}
constexpr Tables kTables = make_tables();

// `state` is the complement of the public value.
std::uint64_t by_tables(std::uint64_t state, const char* p, std::size_t n) {
  for (; n >= 8; p += 8, n -= 8) {
    const std::uint64_t v = state ^ load_le<std::uint64_t>(p);
    state = 0;
    for (unsigned i = 0; i < 8; ++i) state ^= kTables[7 - i][v >> (8 * i) & 0xff];
  }
  for (; n > 0; ++p, --n) state = (state >> 8) ^ kTables[0][(state ^ static_cast<unsigned char>(*p)) & 0xff];
  return state;
}

#if defined(__x86_64__)

constexpr std::uint64_t x_to_the(unsigned n) {
  std::uint64_t v = std::uint64_t{1} << 63;  // 1
  for (; n > 0; --n) v = times_x(v);
  return v;
}

// Moves a 128-bit block `kBits` further down the message. Its earlier half is kBits + 64 from there, its
// later half kBits; one less each, because the product of two reflected words comes out one bit low.
template <unsigned kBits>
[[gnu::target("pclmul"), gnu::always_inline]] inline __m128i fold(__m128i block, __m128i next) {
  const __m128i k = _mm_set_epi64x(static_cast<long long>(x_to_the(kBits - 1)),
                                   static_cast<long long>(x_to_the(kBits + 63)));
  const __m128i earlier = _mm_clmulepi64_si128(block, k, 0x00);
  const __m128i later = _mm_clmulepi64_si128(block, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(earlier, later), next);
}

[[gnu::always_inline]] inline __m128i load(const char* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

// n >= 64. Four blocks side by side hide the multiplier's latency; the last block goes through the tables.
[[gnu::target("pclmul")]] std::uint64_t by_folding(std::uint64_t state, const char* p, std::size_t n) {
  __m128i a = _mm_xor_si128(load(p), _mm_cvtsi64_si128(static_cast<long long>(state)));
  __m128i b = load(p + 16);
  __m128i c = load(p + 32);
  __m128i d = load(p + 48);
  for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
    a = fold<512>(a, load(p));
    b = fold<512>(b, load(p + 16));
    c = fold<512>(c, load(p + 32));
    d = fold<512>(d, load(p + 48));
  }
  b = fold<128>(a, b);
  c = fold<128>(b, c);
  d = fold<128>(c, d);
  for (; n >= 16; p += 16, n -= 16) d = fold<128>(d, load(p));
  char block[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(block), d);
  return by_tables(by_tables(0, block, sizeof block), p, n);
}

bool can_fold() {
  static const bool yes = __builtin_cpu_supports("pclmul");
  return yes;
}

#endif

}  // namespace

std::uint32_t crc32(std::uint32_t crc, BytesView bytes) {
  return crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// ISA-L's takes and gives the complement, and counts in int.
std::uint32_t crc32c(std::uint32_t crc, BytesView bytes) {
  constexpr std::size_t kStepBytes = std::size_t{1} << 30;
  std::uint32_t state = ~crc;
  while (!bytes.empty()) {
    const BytesView step = bytes.substr(0, kStepBytes);
    auto* p = reinterpret_cast<unsigned char*>(const_cast<char*>(step.data()));  // it only reads
    state = crc32_iscsi(p, static_cast<int>(step.size()), state);
    bytes.remove_prefix(step.size());
  }
  return ~state;
}

std::uint64_t crc64nvme(std::uint64_t crc, BytesView bytes) {
#if defined(__x86_64__)
  if (bytes.size() >= 64 && can_fold()) return ~by_folding(~crc, bytes.data(), bytes.size());
#endif
  return crc64nvme_portable(crc, bytes);
}

std::uint64_t crc64nvme_portable(std::uint64_t crc, BytesView bytes) {
  return ~by_tables(~crc, bytes.data(), bytes.size());
}

}  // namespace beffroi::crypto
