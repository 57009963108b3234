// SPDX-License-Identifier: EUPL-1.2
// Bytes and their encodings. Owned bytes are a std::string (what RocksDB, JSON and HTTP speak), a view is a std::string_view,
// a writable view a std::span<char>. Integers are big-endian in keys, little-endian in values (docs/formats.md).
//
//   hex      lower-case RFC 4648 base 16
//   base32   RFC 4648 base 32, upper-case, without padding
//   base64   RFC 4648 base 64 with padding; base64url without
//   varint   LEB128, at most 10 bytes, shortest form only
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace beffroi {

using Bytes = std::string;
using BytesView = std::string_view;
using MutableBytes = std::span<char>;

static_assert(std::endian::native == std::endian::little, "integers are stored by memcpy on a little-endian machine");

template <class T>
constexpr T byteswap(T v) {
  static_assert(std::is_unsigned_v<T>);
  if constexpr (sizeof(T) == 1) return v;
  else if constexpr (sizeof(T) == 2) return __builtin_bswap16(v);
  else if constexpr (sizeof(T) == 4) return __builtin_bswap32(v);
  else return __builtin_bswap64(v);
}

// Raw stores and loads; the caller owns at least sizeof(T) bytes at `p`.
template <class T>
void store_le(char* p, T v) { std::memcpy(p, &v, sizeof v); }
template <class T>
void store_be(char* p, T v) { v = byteswap(v); std::memcpy(p, &v, sizeof v); }
template <class T>
T load_le(const char* p) { T v; std::memcpy(&v, p, sizeof v); return v; }
template <class T>
T load_be(const char* p) { return byteswap(load_le<T>(p)); }

// Appends to a buffer.
template <class T>
void append_le(Bytes& out, T v) { char b[sizeof v]; store_le(b, v); out.append(b, sizeof v); }
template <class T>
void append_be(Bytes& out, T v) { char b[sizeof v]; store_be(b, v); out.append(b, sizeof v); }
void append_varint(Bytes& out, std::uint64_t v);
// Decimal digits, with zeros before them up to `width`; of a number with more digits, the last ones.
void append_decimal(Bytes& out, unsigned v, unsigned width);

// Takes bytes from the front of untrusted input. Every getter returns false at the first lack and stays false (`ok()`).
class ByteReader {
 public:
  explicit ByteReader(BytesView in) : in_(in) {}
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && in_.empty(); }
  BytesView rest() const { return in_; }
  template <class T>
  T le() { BytesView b = take(sizeof(T)); return ok_ ? load_le<T>(b.data()) : T{}; }
  template <class T>
  T be() { BytesView b = take(sizeof(T)); return ok_ ? load_be<T>(b.data()) : T{}; }
  std::uint64_t varint();               // a longer form than needed is a failure
  BytesView take(std::size_t n) {
    if (!ok_ || in_.size() < n) { ok_ = false; return {}; }
    BytesView b = in_.substr(0, n);
    in_.remove_prefix(n);
    return b;
  }

 private:
  BytesView in_;
  bool ok_ = true;
};

std::string to_hex(BytesView);
std::optional<Bytes> from_hex(std::string_view);          // accepts both cases
std::string to_base32(BytesView);
std::optional<Bytes> from_base32(std::string_view);       // upper-case only; left-over bits must be zero
std::string to_base64(BytesView);
std::optional<Bytes> from_base64(std::string_view);       // canonical, with padding
std::string to_base64url(BytesView);
std::optional<Bytes> from_base64url(std::string_view);    // canonical, without padding

// Equality in constant time for equal lengths.
bool equal_constant_time(BytesView a, BytesView b);

}  // namespace beffroi
