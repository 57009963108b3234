// SPDX-License-Identifier: EUPL-1.2
// Record: the one way a row's value is laid out (docs/formats.md "Tables").
//
//   ver u8 | tag u8 | length varint | bytes | tag u8 | ...        tags ascending, each at most once; unknown tag = NewerFormat
//
// Integers in fields are little-endian, in as many bytes as their type. An absent field is its type's default.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "crypto/bytes.h"
#include "crypto/errors.h"
#include "crypto/result.h"

namespace beffroi::storage {

inline constexpr std::uint8_t kRecordVersion = 1;

class RecordWriter {
 public:
  RecordWriter() : out_(1, static_cast<char>(kRecordVersion)) {}
  void field(std::uint8_t tag, BytesView value);  // CHECKs that tags ascend
  template <class T>
  requires std::is_integral_v<T>
  void field(std::uint8_t tag, T value) {  // left out when zero
    if (value == T{}) return;
    char b[sizeof value];
    store_le(b, value);
    field(tag, BytesView(b, sizeof b));
  }
  void text(std::uint8_t tag, BytesView value) {  // left out when empty
    if (!value.empty()) field(tag, value);
  }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
  std::uint8_t last_ = 0;
};

// Walks a record: while (reader.next()) switch (reader.tag()) ...; a default arm calls reader.unknown(). Then reader.status().
class RecordReader {
 public:
  explicit RecordReader(BytesView record);
  bool next();  // false at the end or at the first fault
  std::uint8_t tag() const { return tag_; }
  BytesView bytes() const { return value_; }
  // A field of another size is BadFormat, and so is a zero, which the writer leaves out: one record, one encoding.
  template <class T>
  T integer() {
    const T value = value_.size() == sizeof(T) ? load_le<T>(value_.data()) : T{};
    if (value == T{}) fail(crypto::Errc::BadFormat);
    return value;
  }
  // A field that is left out when it is empty.
  std::string text() {
    if (value_.empty()) fail(crypto::Errc::BadFormat);
    return std::string(value_);
  }
  // A field that is there only when it is true.
  bool flag() {
    if (integer<std::uint8_t>() != 1) fail(crypto::Errc::BadFormat);
    return true;
  }
  void unknown() { fail(crypto::Errc::NewerFormat); }
  void fail(crypto::Errc e) {
    if (!error_) error_ = e;
  }
  Result<void> status() const;

 private:
  ByteReader in_;
  std::uint8_t tag_ = 0;
  BytesView value_;
  error_code error_;
};

}  // namespace beffroi::storage
