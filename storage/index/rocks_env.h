// SPDX-License-Identifier: EUPL-1.2
// RocksDB's surroundings: our file system, the process's threads and clock. Included by rocks_*.cc alone.
#pragma once

#include <memory>

#include "storage/index/door.h"

namespace rocksdb {
class Env;
class FileSystem;
}  // namespace rocksdb

namespace beffroi::storage {

// `door` outlives the environment. Behind a frozen door its clock does not sleep: RocksDB waits for a second after a failed job
// before it lets go, and there is nothing left to wait for.
std::unique_ptr<rocksdb::Env> make_rocks_env(const std::shared_ptr<rocksdb::FileSystem>& fs,
                                             const Door& door);

}  // namespace beffroi::storage
