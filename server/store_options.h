// SPDX-License-Identifier: EUPL-1.2
// What the configuration says to the engine; the same for the daemon and for `beffroid check`.
#pragma once

#include "server/config.h"
#include "storage/engine/store.h"

namespace beffroi {

inline constexpr std::uint64_t kBallastBytesMax = 256ull << 20;  // a log file, a flush of the tables, some compactions

inline storage::EngineOptions store_options(const Config& config) {
  storage::EngineOptions options;
  options.data_dir = config.data_dir;
  options.keyring_path = config.keyring;
  options.block_cache_bytes = config.block_cache_bytes;
  options.audit_retention_ms = static_cast<std::int64_t>(config.audit_retention_days) * 86'400'000;
  options.lifecycle_day_ms = static_cast<std::int64_t>(config.lifecycle_day_seconds) * 1'000;
  options.watermark_warn_percent = static_cast<unsigned>(config.watermark_warn_percent);
  options.watermark_refuse_percent = static_cast<unsigned>(config.watermark_refuse_percent);
  options.ballast_bytes = kBallastBytesMax;
  options.inline_bytes_max = static_cast<std::uint32_t>(config.inline_bytes);
  return options;
}

}  // namespace beffroi
