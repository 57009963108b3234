// SPDX-License-Identifier: EUPL-1.2
// RocksDB's settings (docs/formats.md "Tables"). Included by rocks_index.cc and rocks_options.cc alone.
#pragma once

#include <rocksdb/options.h>

#include "storage/index/rocks_index.h"

namespace beffroi::storage {

// Without environment and listeners.
rocksdb::DBOptions rocks_db_options(const RocksIndexOptions& options);
// Of one table; every table shares `cache`.
rocksdb::ColumnFamilyOptions rocks_table_options(Table table, const RocksIndexOptions& options,
                                                 const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace beffroi::storage
