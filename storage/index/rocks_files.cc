// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/rocks_files.h"

namespace beffroi::storage {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus io_status(error_code error, const std::string& path) {
  if (error == IoErrc::NoSpace) return IOStatus::NoSpace(path);
  if (error == IoErrc::NotFound) return IOStatus::PathNotFound(path);
  return IOStatus::IOError(path, error.message());
}

IOStatus fatal_status(Door& door, error_code error, const std::string& path) {
  door.freeze(path + ": " + error.message());
  return io_status(error, path);
}

IOStatus frozen_status() {
  return IOStatus::IOError("the door is frozen");
}

IOStatus RocksWritableFile::Append(const Slice& data, const IOOptions&, IODebugContext*) {
  if (door_.frozen()) return frozen_status();
  return done(writer_.append({data.data(), data.size()}));
}

IOStatus RocksWritableFile::Close(const IOOptions&, IODebugContext*) {
  if (door_.frozen()) return frozen_status();
  return done(writer_.close());
}

IOStatus RocksWritableFile::Flush(const IOOptions&, IODebugContext*) {
  return IOStatus::OK();
}

IOStatus RocksWritableFile::Sync(const IOOptions&, IODebugContext*) {
  if (door_.frozen()) return frozen_status();
  return done(writer_.sync());
}

IOStatus RocksWritableFile::done(const Result<void>& result) {
  return result ? IOStatus::OK() : fatal_status(door_, result.error(), path_);
}

IOStatus RocksSequentialFile::Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                                   IODebugContext*) {
  *result = Slice();
  const auto count = reader_->read(MutableBytes(scratch, n));
  if (!count) return fatal_status(door_, count.error(), path_);
  *result = Slice(scratch, *count);
  return IOStatus::OK();
}

IOStatus RocksSequentialFile::Skip(uint64_t n) {
  const auto skipped = reader_->skip(n);
  return skipped ? IOStatus::OK() : fatal_status(door_, skipped.error(), path_);
}

IOStatus RocksRandomAccessFile::Read(uint64_t offset, size_t n, const IOOptions&, Slice* result,
                                     char* scratch, IODebugContext*) const {
  *result = Slice();
  const auto count = reader_->read(offset, MutableBytes(scratch, n));
  if (!count) return fatal_status(door_, count.error(), path_);
  *result = Slice(scratch, *count);
  return IOStatus::OK();
}

}  // namespace beffroi::storage
