// SPDX-License-Identifier: EUPL-1.2
// What the configuration says to the engine; the same for the daemon and for `beffroid check`.
#pragma once

#include "server/config.h"
#include "storage/engine/store.h"

namespace beffroi {

inline storage::EngineOptions store_options(const Config& config) {
  storage::EngineOptions options;
  options.data_dir = config.data_dir;
  options.keyring_path = config.keyring;
  options.block_cache_bytes = config.block_cache_bytes;
  options.inline_bytes_max = static_cast<std::uint32_t>(config.inline_bytes);
  return options;
}

}  // namespace beffroi
