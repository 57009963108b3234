// SPDX-License-Identifier: EUPL-1.2
// The frozen door: between the tables' library and their files stands one switch that only goes one way. It freezes at the first
// page that does not authenticate, the first read that fails and the first write whose outcome is unknown. From then on every
// write, rename, removal and sync through it fails, and the index answers Damaged to every read, whatever the library believes:
// RocksDB 7.8 can end a scan early with status OK after a block it could not read, and a compaction would then make the loss
// permanent. It stays frozen until the process ends. Thread-safe.
//
// LIMIT: a bit that flips in memory after its page was authenticated is found by RocksDB's own block checksum only, not here.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "storage/io/guarded.h"

namespace beffroi::storage {

class Door {
 public:
  using OnFrozen = std::function<void(std::string_view reason)>;

  // `on_frozen` is called once, on the thread that froze the door, without any lock of the door held.
  explicit Door(OnFrozen on_frozen) : on_frozen_(std::move(on_frozen)) {}
  // The first reason is kept. It names a file, never a key.
  void freeze(std::string_view reason);
  bool frozen() const { return frozen_.load(std::memory_order_acquire); }
  std::string reason() const;  // empty while the door is open

 private:
  OnFrozen on_frozen_;
  std::atomic<bool> frozen_{false};
  Guarded<std::string> reason_;
};

}  // namespace beffroi::storage
