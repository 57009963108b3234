// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/log_format.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "crypto/check.h"
#include "crypto/crc.h"
#include "crypto/errors.h"

namespace beffroi::storage {
namespace {

constexpr BytesView kHeaderMagic = "BFLG";
constexpr BytesView kFrameMagic = "BFFR";
constexpr std::uint8_t kPut = 1;
constexpr std::uint8_t kDelete = 2;

template <std::size_t n>
void append_array(Bytes& out, const std::array<char, n>& bytes) {
  out.append(bytes.data(), n);
}

template <std::size_t n>
std::array<char, n> take_array(ByteReader& in) {
  std::array<char, n> out{};
  const BytesView bytes = in.take(n);
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// Lower-case hexadecimal digits, all of them.
bool parse_hex(std::string_view digits, std::uint64_t& out) {
  for (const char c : digits) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  return error == std::errc{} && end == digits.data() + digits.size();
}

}  // namespace

Bytes encode_log_header(const LogHeader& header) {
  Bytes out(kHeaderMagic);
  out.reserve(kLogHeaderBytes);
  append_le(out, kLogVersion);
  append_array(out, header.store_uuid);
  append_le(out, header.epoch);
  append_le(out, raw(header.first));
  append_array(out, header.previous);
  append_array(out, header.salt);
  append_le(out, crypto::crc32c(0, out));
  CHECK(out.size() == kLogHeaderUsedBytes);
  out.resize(kLogHeaderBytes, '\0');
  return out;
}

Result<LogHeader> decode_log_header(BytesView block) {
  if (block.size() != kLogHeaderBytes) return crypto::Errc::BadFormat;
  ByteReader in(block);
  if (in.take(kHeaderMagic.size()) != kHeaderMagic) return crypto::Errc::BadFormat;
  const auto version = in.le<std::uint8_t>();
  LogHeader header;
  header.store_uuid = take_array<kLogUuidBytes>(in);
  header.epoch = in.le<std::uint64_t>();
  header.first = Sequence{in.le<std::uint64_t>()};
  header.previous = take_array<kLogTagBytes>(in);
  header.salt = take_array<kLogSaltBytes>(in);
  const std::uint32_t crc = crypto::crc32c(0, block.substr(0, kLogHeaderUsedBytes - 4));
  if (in.le<std::uint32_t>() != crc) return crypto::Errc::BadFormat;
  if (version > kLogVersion) return crypto::Errc::NewerFormat;
  if (version != kLogVersion) return crypto::Errc::BadFormat;
  const BytesView rest = in.rest();
  if (rest.find_first_not_of('\0') != BytesView::npos) return crypto::Errc::BadFormat;
  return header;
}

std::array<char, kFrameHeaderBytes> encode_frame_header(const FrameHeader& header) {
  std::array<char, kFrameHeaderBytes> out{};
  std::copy(kFrameMagic.begin(), kFrameMagic.end(), out.begin());
  out[4] = static_cast<char>(kLogVersion);
  store_le(out.data() + 8, raw(header.sequence));
  store_le(out.data() + 16, header.body_bytes);
  std::copy(header.previous.begin(), header.previous.end(), out.begin() + 20);
  return out;
}

Result<FrameHeader> decode_frame_header(BytesView bytes) {
  ByteReader in(bytes.substr(0, kFrameHeaderBytes));
  if (in.take(kFrameMagic.size()) != kFrameMagic) return crypto::Errc::BadFormat;
  if (in.le<std::uint8_t>() != kLogVersion) return crypto::Errc::BadFormat;
  if (in.le<std::uint8_t>() != 0 || in.le<std::uint16_t>() != 0) return crypto::Errc::BadFormat;
  FrameHeader header;
  header.sequence = Sequence{in.le<std::uint64_t>()};
  header.body_bytes = in.le<std::uint32_t>();
  header.previous = take_array<kLogTagBytes>(in);
  if (!in.ok() || header.body_bytes > kFrameBodyBytesMax) return crypto::Errc::BadFormat;
  return header;
}

std::array<char, 12> frame_nonce(Sequence sequence) {
  std::array<char, 12> nonce{};
  store_le(nonce.data() + 4, raw(sequence));
  return nonce;
}

std::string log_file_name(const LogName& name) {
  char out[32];
  std::snprintf(out, sizeof out, "%08llx-%016llx.log", static_cast<unsigned long long>(name.epoch),
                static_cast<unsigned long long>(raw(name.first)));
  return out;
}

std::optional<LogName> parse_log_file_name(std::string_view name) {
  if (name.size() != 8 + 1 + 16 + 4 || name[8] != '-' || !name.ends_with(".log")) return std::nullopt;
  std::uint64_t epoch = 0, first = 0;
  if (!parse_hex(name.substr(0, 8), epoch) || !parse_hex(name.substr(9, 16), first)) return std::nullopt;
  return LogName{epoch, Sequence{first}};
}

std::string spare_file_name(std::uint64_t number) {
  return "spare-" + std::to_string(number);
}

std::optional<std::uint64_t> parse_spare_file_name(std::string_view name) {
  if (!name.starts_with("spare-")) return std::nullopt;
  const std::string_view digits = name.substr(6);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

void append_row(Bytes& body, const LogRow& row) {
  body.push_back(static_cast<char>(row.table));
  body.push_back(static_cast<char>(row.is_delete ? kDelete : kPut));
  append_varint(body, row.key.size());
  body.append(row.key);
  append_varint(body, row.value.size());
  body.append(row.value);
}

Result<std::vector<LogRow>> decode_rows(BytesView body) {
  std::vector<LogRow> rows;
  ByteReader in(body);
  while (!in.at_end()) {
    LogRow row;
    row.table = in.le<std::uint8_t>();
    const auto op = in.le<std::uint8_t>();
    row.is_delete = op == kDelete;
    row.key = in.take(in.varint());
    row.value = in.take(in.varint());
    if (!in.ok() || (op != kPut && op != kDelete)) return crypto::Errc::BadFormat;
    if (row.is_delete && !row.value.empty()) return crypto::Errc::BadFormat;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace beffroi::storage
