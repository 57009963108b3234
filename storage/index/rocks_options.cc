// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/rocks_options.h"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

namespace beffroi::storage {
namespace {

constexpr std::size_t kManifestBytesMax = std::size_t{4} << 20;
constexpr std::size_t kBlockBytes = std::size_t{8} << 10;        // two or three pages a read
constexpr std::size_t kReadAheadBytes = std::size_t{256} << 10;  // of a compaction
constexpr std::uint64_t kRewriteSeconds = 7 * 24 * 3600;  // a removed name lives no longer than this in files
constexpr int kBloomBitsPerKey = 10;
constexpr int kWriteBuffersPerTable = 4;  // memory tables before writes stop; at one less they are slowed

// RocksDB's own messages may hold keys, and what matters of them comes back as a status: none is kept.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Tables that are asked for single keys that often do not exist.
bool has_bloom(Table table) {
  return table == Table::Current || table == Table::Versions || table == Table::Blobs ||
         table == Table::Inline;
}

}  // namespace

rocksdb::DBOptions rocks_db_options(const RocksIndexOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.info_log = std::make_shared<SilentLogger>();
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_open_files = options.max_open_files;
  db.max_file_opening_threads = 2;
  db.table_cache_numshardbits = 4;
  db.max_background_jobs = 2;
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_manifest_file_size = kManifestBytesMax;
  db.compaction_readahead_size = kReadAheadBytes;
  // An error of a background job stays one: the process stops and recovery decides.
  db.max_bgerror_resume_count = 0;
  // A file is never written again, so none is reused.
  db.recycle_log_file_num = 0;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.skip_stats_update_on_db_open = true;
  // One thread writes, and the log before it made the rows durable.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  db.avoid_flush_during_shutdown = true;
  db.avoid_unnecessary_blocking_io = true;
  return db;
}

rocksdb::ColumnFamilyOptions rocks_table_options(Table table, const RocksIndexOptions& options,
                                                 const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.format_version = 5;
  blocks.block_cache = cache;
  blocks.block_size = kBlockBytes;
  // Indexes and filters live in the bounded cache, in pieces: whole ones, up to 1 MiB a file, would push each other out.
  blocks.cache_index_and_filter_blocks = true;
  blocks.cache_index_and_filter_blocks_with_high_priority = true;
  blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  blocks.whole_key_filtering = true;
  if (has_bloom(table)) {
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    blocks.partition_filters = true;
  }

  rocksdb::ColumnFamilyOptions cf;
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  cf.compression = rocksdb::kNoCompression;  // sealed values do not compress
  cf.bottommost_compression = rocksdb::kNoCompression;
  cf.level_compaction_dynamic_level_bytes = true;
  cf.target_file_size_base = options.table_file_bytes;
  cf.write_buffer_size = options.write_buffer_bytes / kWriteBuffersPerTable;
  cf.max_write_buffer_number = kWriteBuffersPerTable;
  cf.periodic_compaction_seconds = kRewriteSeconds;
  return cf;
}

}  // namespace beffroi::storage
