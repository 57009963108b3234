// SPDX-License-Identifier: EUPL-1.2
#include "crypto/crc_combine.h"

namespace beffroi::crypto {
namespace {

// Polynomials over GF(2), reflected: the top bit is x^0.
template <class Word, Word kPolynomial>
struct Field {
  static constexpr Word kOne = Word{1} << (sizeof(Word) * 8 - 1);

  static Word multiply(Word a, Word b) {
    Word product = 0;
    for (Word bit = kOne; bit != 0; bit >>= 1) {
      if (a & bit) product ^= b;
      b = b & 1 ? (b >> 1) ^ kPolynomial : b >> 1;
    }
    return product;
  }

  // x^(8 n)
  static Word power(std::uint64_t n) {
    Word square = kOne >> 8;  // x^8
    Word result = kOne;
    for (; n != 0; n >>= 1) {
      if (n & 1) result = multiply(result, square);
      square = multiply(square, square);
    }
    return result;
  }

  static Word combine(Word first, Word second, std::uint64_t bytes) { return multiply(power(bytes), first) ^ second; }
};

}  // namespace

std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) {
  return Field<std::uint32_t, 0xEDB88320>::combine(first, second, second_bytes);
}
std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) {
  return Field<std::uint32_t, 0x82F63B78>::combine(first, second, second_bytes);
}
std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes) {
  return Field<std::uint64_t, 0x9A6C9329AC4BC9B5>::combine(first, second, second_bytes);
}

}  // namespace beffroi::crypto
