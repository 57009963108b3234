// SPDX-License-Identifier: EUPL-1.2
// What a bucket or a collectivity uses, as its row in `meta` (key 0B T B; B = 0: the collectivity) holds it:
// absolute in every frame that changes it, in clear (figures only). The time-weighted integral is what
// re-billing needs: an average over any span is the difference of two integrals divided by the span.
//
//   ver u8 | bytes u64 | objects u64 | physical u64 | since ms i64 | integral u128 | rows u64 | digest 32 89
//   bytes
#pragma once

#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/multiset_hash.h"
#include "crypto/result.h"

namespace beffroi::storage {

inline constexpr std::uint8_t kUsageVersion = 1;
inline constexpr std::size_t kUsageBytes = 1 + 8 + 8 + 8 + 8 + 16 + 8 + 32;
static_assert(kUsageBytes == 89);

struct Usage {
  std::uint64_t bytes = 0;     // logical: what quotas and bills count
  std::uint64_t objects = 0;   // objects, versions, markers and parts
  std::uint64_t physical = 0;  // bytes on disk: what watermarks count
  std::int64_t since_ms = 0;  // committer time up to which `integral` counts; 0 while nothing was ever stored
  unsigned __int128 integral = 0;  // bytes x ms; 10^15 bytes for 10^4 years fit
  std::uint64_t rows = 0;          // sealed rows that `digest` covers
  crypto::DigestSum digest;        // keyed digest of all live sealed rows

  // Counts the time since the last change at the present size; called before each change, the first too. CHECKs that
  // `now_ms` does not go back.
  void advance(std::int64_t now_ms);
};

Bytes encode(const Usage&);
Result<Usage> decode_usage(BytesView);  // BadFormat, NewerFormat

}  // namespace beffroi::storage
