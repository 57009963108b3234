// SPDX-License-Identifier: EUPL-1.2
#include "crypto/bytes.h"

#include <array>

namespace beffroi {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view digits) {
  Values values{};
  for (auto& v : values) v = kNoDigit;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr Values hex_values() {
  Values values = values_of(kHexDigits);
  for (char c = 'A'; c <= 'F'; ++c)
    values[static_cast<unsigned char>(c)] = values[static_cast<unsigned char>(c + 32)];
  return values;
}

constexpr Values kHexValues = hex_values();
constexpr Values kBase32Values = values_of(kBase32Digits);
constexpr Values kBase64Values = values_of(kBase64Digits);
constexpr Values kBase64UrlValues = values_of(kBase64UrlDigits);

// Most significant bits first, the last digit filled with zero bits.
template <unsigned kBits>
std::string encode(BytesView in, std::string_view digits) {
  std::string out;
  out.reserve((in.size() * 8 + kBits - 1) / kBits);
  std::uint32_t window = 0;
  unsigned held = 0;
  for (unsigned char c : in) {
    window = window << 8 | c;
    held += 8;
    while (held >= kBits) {
      held -= kBits;
      out += digits[window >> held & ((1U << kBits) - 1)];
    }
  }
  if (held > 0) out += digits[window << (kBits - held) & ((1U << kBits) - 1)];
  return out;
}

// The inverse: refuses foreign digits, a length that no input has, and left-over bits that are not zero, so
// that what is accepted is exactly what encode() gives.
template <unsigned kBits>
std::optional<Bytes> decode(std::string_view in, const Values& values) {
  if (in.size() * kBits % 8 >= kBits) return std::nullopt;
  Bytes out;
  out.reserve(in.size() * kBits / 8);
  std::uint32_t window = 0;
  unsigned held = 0;
  for (unsigned char c : in) {
    const std::uint8_t value = values[c];
    if (value == kNoDigit) return std::nullopt;
    window = window << kBits | value;
    held += kBits;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(window >> held);
    }
  }
  if ((window & ((1U << held) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace

void append_varint(Bytes& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
  out += static_cast<char>(v);
}

void append_decimal(Bytes& out, unsigned v, unsigned width) {
  const std::size_t begin = out.size();
  out.resize(begin + width);
  for (std::size_t at = out.size(); at > begin; v /= 10) out[--at] = static_cast<char>('0' + v % 10);
}

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    const BytesView b = take(1);
    if (!ok_) return 0;
    const auto byte = static_cast<unsigned char>(b[0]);
    const bool too_big = shift == 63 && byte > 1;
    const bool not_shortest = shift > 0 && byte == 0;
    if (too_big || not_shortest) break;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::string to_hex(BytesView in) {
  std::string out(2 * in.size(), '\0');
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    out[2 * i] = kHexDigits[byte >> 4];
    out[2 * i + 1] = kHexDigits[byte & 15];
  }
  return out;
}
std::optional<Bytes> from_hex(std::string_view in) {
  return decode<4>(in, kHexValues);
}
std::string to_base32(BytesView in) {
  return encode<5>(in, kBase32Digits);
}
std::optional<Bytes> from_base32(std::string_view in) {
  return decode<5>(in, kBase32Values);
}

std::string to_base64(BytesView in) {
  std::string out = encode<6>(in, kBase64Digits);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<Bytes> from_base64(std::string_view in) {
  if (in.size() % 4 != 0) return std::nullopt;
  if (in.ends_with("=="))
    in.remove_suffix(2);
  else if (in.ends_with('='))
    in.remove_suffix(1);
  return decode<6>(in, kBase64Values);
}

std::string to_base64url(BytesView in) {
  return encode<6>(in, kBase64UrlDigits);
}
std::optional<Bytes> from_base64url(std::string_view in) {
  return decode<6>(in, kBase64UrlValues);
}

bool equal_constant_time(BytesView a, BytesView b) {
  if (a.size() != b.size()) return false;
  // The barrier keeps the compiler from turning the loop into an early return.
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    __asm__ volatile("" : "+r"(difference));
  }
  return difference == 0;
}

}  // namespace beffroi
