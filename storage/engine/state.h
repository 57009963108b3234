// SPDX-License-Identifier: EUPL-1.2
// Row `meta` "state": put in every frame, so that no id is ever given out twice and time never goes back; and row "format",
// put once.
#pragma once

#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

inline constexpr std::uint64_t kBlobLease = 1u << 20;  // blob ids leased at a time; used only after the frame that leases them

struct StoreState {
  Sequence applied{0};
  std::int64_t time_ms = 0;  // committer time of the frame
  CollectivityId next_collectivity{kFirstCollectivity};
  BucketId next_bucket{1};
  UserId next_user{1};
  ExtentId next_extent{1};
  std::uint64_t next_job = 1;
  std::uint64_t blob_lease = 1;  // ids below it may have been used
  std::uint64_t epoch = 0;

  friend bool operator==(const StoreState&, const StoreState&) = default;
};

Bytes encode(const StoreState&);
Result<StoreState> decode_state(BytesView);

// Row "format".
struct StoreFormat {
  Bytes uuid;                    // 16 bytes, as in the keyring
  std::uint8_t min_reader = 1;   // the oldest format version that may open this store
  bool high_water = true;        // a high-water mark exists: a start without one is closed

  friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};

Bytes encode(const StoreFormat&);
Result<StoreFormat> decode_format(BytesView);

// Row "flushed": the sequence that every other table's files hold.
Bytes encode_flushed(Sequence);
Result<Sequence> decode_flushed(BytesView);

}  // namespace beffroi::storage
