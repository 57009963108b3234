// SPDX-License-Identifier: EUPL-1.2
// An extent file, extent/<id:08x>:
//
//   | header page 4 096: "BFEX" ver u8 | kind u8 | 0 u16 | id u32 | zeros | | run | run | ...      (integers little-endian)
//
// A run starts on a 4 KiB boundary and takes its sealed bytes rounded up to 4 KiB.
//   sizes   1 sealed byte -> 4 096     4 096 -> 4 096     4 097 -> 8 192
#pragma once

#include <cstdint>

#include "storage/ids.h"

namespace beffroi::storage {

inline constexpr std::uint8_t kExtentVersion = 1;
inline constexpr std::uint64_t kExtentPageBytes = 4096;
inline constexpr std::uint64_t kExtentHeaderBytes = kExtentPageBytes;
inline constexpr std::uint64_t kSharedExtentBytes = 1ull << 30;
inline constexpr std::uint64_t kSmallLaneBytesMax =
    1ull << 20;  // of sealed bytes; larger parts go to the other lane
inline constexpr std::uint64_t kOwnExtentBytesMin =
    32ull << 20;  // of sealed bytes; from here a part has its own file

enum class ExtentKind : std::uint8_t { Small = 1, Large = 2, Own = 3 };
enum class ExtentState : std::uint8_t { Writing = 1, Open = 2, Sealed = 3, Doomed = 4 };

// Where the sealed bytes of one part are. `length` is their exact count; the space taken is run_footprint(length).
struct Run {
  ExtentId extent{0};
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  friend bool operator==(const Run&, const Run&) = default;
};

constexpr std::uint64_t run_footprint(std::uint64_t length) {
  return (length + kExtentPageBytes - 1) / kExtentPageBytes * kExtentPageBytes;
}
static_assert(run_footprint(1) == 4096);
static_assert(run_footprint(4096) == 4096);
static_assert(run_footprint(4097) == 8192);

constexpr ExtentKind lane_of(std::uint64_t sealed_bytes) {
  return sealed_bytes >= kOwnExtentBytesMin  ? ExtentKind::Own
         : sealed_bytes > kSmallLaneBytesMax ? ExtentKind::Large
                                             : ExtentKind::Small;
}

}  // namespace beffroi::storage
