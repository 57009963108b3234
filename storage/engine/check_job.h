// SPDX-License-Identifier: EUPL-1.2
// Row `meta` `09` job 1: what an online check has come to (online_check.h), sealed under the system key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/ids.h"

namespace beffroi::storage {

// Where a body stands in the order of a check.
struct BodyPlace {
  CollectivityId collectivity{};
  BlobId blob{};
  std::uint16_t part = 0;
  friend auto operator<=>(const BodyPlace&, const BodyPlace&) = default;
};

struct CheckJob {
  std::int64_t started_ms = 0, ended_ms = 0;
  std::uint64_t bytes_per_second = 0;
  std::optional<BodyPlace> place;
  std::vector<std::string> findings;  // of bodies up to `place`; of everything once ended
};
Bytes encode(const CheckJob&);
Result<CheckJob> decode_check_job(BytesView);

}  // namespace beffroi::storage
