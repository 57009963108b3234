// SPDX-License-Identifier: EUPL-1.2
// RocksDB's file system: its files are page files (page_file.h) on storage/io, behind a Door. Everything RocksDB writes is
// sealed; whatever cannot be read or does not authenticate freezes the door, and so does a write or sync with an unknown outcome.
// Reported to RocksDB without freezing: a file that may rightly be missing or torn after a
// crash (sizes asked at open, every kind of file but a table).
//
// Not supported, because each would write synced bytes again or read past the seal: ReuseWritableFile, ReopenWritableFile,
// NewRandomRWFile, Truncate, memory maps, hard links. Locks are no-ops: the data directory's lease is taken elsewhere.
#pragma once

#include <memory>

#include "storage/index/door.h"
#include "storage/index/page_file.h"
#include "storage/io/files.h"

namespace rocksdb {
class FileSystem;
}

namespace beffroi::storage {

// The kind of a page file by RocksDB's name for it.
PageFileKind page_file_kind(std::string_view path);

// `files` and `door` outlive the file system.
std::shared_ptr<rocksdb::FileSystem> make_rocks_fs(Files& files, PageFileOwner owner, Door& door,
                                                 WaitForRoom wait_for_room = {});

// Reads every page of one file of RocksDB, as it would be read after a restart; does not touch the door.
Result<void> verify_page_file(Files& files, const std::string& path, const PageFileOwner& owner);

}  // namespace beffroi::storage
