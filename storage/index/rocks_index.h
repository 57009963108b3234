// SPDX-License-Identifier: EUPL-1.2
// The Index on RocksDB: one column family a table, no write-ahead log, every file a sealed page file behind a frozen door
// (rocks_fs.h, door.h). Opening a directory without tables makes them.
//
// A call that fails for another reason than NotFound or WouldBlock is fatal for the caller: the door is frozen (Damaged), or
// RocksDB has stopped writing (IoErrc::Io). on_frozen tells why, once; a file system that stays full is such a reason.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/key_hierarchy.h"
#include "storage/index/index.h"
#include "storage/index/page_file.h"
#include "storage/io/files.h"

namespace beffroi::storage {

struct RocksIndexOptions {
  Files& files;                 // outlives the index
  std::string directory;        // of the tables; made if missing, in an existing parent
  Bytes store_uuid;             // 16 bytes
  const crypto::IndexKey& key;  // copied

  std::size_t block_cache_bytes = std::size_t{32} << 20;   // blocks, indexes and filters read from files
  std::size_t write_buffer_bytes = std::size_t{64} << 20;  // rows not in files yet, of all tables
  std::size_t table_file_bytes = std::size_t{64} << 20;    // of one file of a table
  int max_open_files = 256;

  // Called on a background thread before a file is made of rows in memory: what must be durable before them becomes so here.
  std::function<void()> before_flush = {};
  // Called on a thread whose write found no room, with how often it was before: makes some, or waits for it; true to write again,
  // false to freeze the door. RocksDB itself never hears of a full file system: after it has, it may wait for itself (DB::Resume
  // of 7.8.3 was seen to).
  WaitForRoom wait_for_room = {};
  // Called once, on any thread, when the door froze or RocksDB stopped; the process should end.
  std::function<void(std::string_view reason)> on_frozen = {};
};

// Damaged, IoErrc.
Result<std::unique_ptr<Index>> open_rocks_index(RocksIndexOptions options);

}  // namespace beffroi::storage
