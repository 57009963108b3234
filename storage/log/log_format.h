// SPDX-License-Identifier: EUPL-1.2
// Bytes of the commit log (docs/formats.md "Commit log"). Pure: no file is touched here. Integers are little-endian.
//
//   <epoch:08x>-<first sequence:016x>.log      a log file            spare-<n>      a file that waits to become one
//
//   header, 4 096 bytes                          frame, at a multiple of 4 096
//      0  "BFLG"                                    0  "BFFR"
//      4  version u8                                4  version u8
//      5  store uuid 16                             5  flags u8, 0
//     21  epoch u64                                 6  0 u16
//     29  first sequence u64                        8  sequence u64
//     37  tag 16 of the frame before `first`       16  body bytes u32
//     53  salt 32                                  20  tag 16 of the frame before
//     85  crc32c u32 of bytes 0-84                 36  AES-256-GCM(body), then its tag 16
//     89  zeros                                        zeros up to the next multiple of 4 096
//
// Key of a file = HKDF(log key, salt), so a counter is a nonce: 4 zero bytes, then the sequence u64. AAD = bytes 0-35.
// A body of 1 byte to 4 044 bytes takes 4 096 bytes of log, one of 16 MiB takes 16 781 312.
//
//   body = n x { table u8, op u8 (1 put, 2 delete), key length varint, key, value length varint, value }
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

inline constexpr std::uint8_t kLogVersion = 1;
inline constexpr std::size_t kLogBlockBytes = 4096;
inline constexpr std::size_t kLogHeaderBytes = kLogBlockBytes;
inline constexpr std::size_t kLogUuidBytes = 16;
inline constexpr std::size_t kLogSaltBytes = 32;
inline constexpr std::size_t kLogTagBytes = 16;
inline constexpr std::size_t kLogHeaderUsedBytes =
    4 + 1 + kLogUuidBytes + 8 + 8 + kLogTagBytes + kLogSaltBytes + 4;
static_assert(kLogHeaderUsedBytes == 89);

inline constexpr std::size_t kFrameHeaderBytes = 4 + 1 + 1 + 2 + 8 + 4 + kLogTagBytes;
inline constexpr std::size_t kFrameOverheadBytes = kFrameHeaderBytes + kLogTagBytes;
inline constexpr std::size_t kFrameBodyBytesMax =
    16u << 20;  // four times a full group; one change alone may need it
static_assert(kFrameHeaderBytes == 36 && kFrameOverheadBytes == 52);

// Bytes of log that a frame takes.
constexpr std::uint64_t frame_bytes(std::uint64_t body_bytes) {
  return (kFrameOverheadBytes + body_bytes + kLogBlockBytes - 1) / kLogBlockBytes * kLogBlockBytes;
}
static_assert(frame_bytes(0) == 4096 && frame_bytes(4044) == 4096 && frame_bytes(4045) == 8192);
static_assert(frame_bytes(kFrameBodyBytesMax) == 16'781'312);

using LogTag = std::array<char, kLogTagBytes>;

struct LogHeader {
  std::array<char, kLogUuidBytes> store_uuid{};
  std::uint64_t epoch = 0;
  Sequence first{0};
  LogTag previous{};
  std::array<char, kLogSaltBytes> salt{};
};

struct FrameHeader {
  Sequence sequence{0};
  std::uint32_t body_bytes = 0;
  LogTag previous{};
};

struct LogName {
  std::uint64_t epoch = 0;
  Sequence first{0};
  friend bool operator==(const LogName&, const LogName&) = default;
};

// One row as it rides in a frame. The views belong to the body.
struct LogRow {
  std::uint8_t table = 0;
  bool is_delete = false;
  BytesView key;
  BytesView value;  // empty for a delete
};

Bytes encode_log_header(const LogHeader&);             // kLogHeaderBytes
Result<LogHeader> decode_log_header(BytesView block);  // BadFormat, NewerFormat

std::array<char, kFrameHeaderBytes> encode_frame_header(const FrameHeader&);
// BadFormat when these bytes do not begin a frame that this version could have written. Nothing is authenticated yet.
Result<FrameHeader> decode_frame_header(BytesView bytes);
std::array<char, 12> frame_nonce(Sequence);

std::string log_file_name(const LogName&);
std::optional<LogName> parse_log_file_name(std::string_view name);  // nullopt for any other spelling
std::string spare_file_name(std::uint64_t number);
std::optional<std::uint64_t> parse_spare_file_name(std::string_view name);

void append_row(Bytes& body, const LogRow&);
Result<std::vector<LogRow>> decode_rows(
    BytesView body);  // BadFormat: nothing of a body that is not wholly right

}  // namespace beffroi::storage
