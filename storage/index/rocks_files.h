// SPDX-License-Identifier: EUPL-1.2
// RocksDB's kinds of open files, each a thin skin over one of page_file.h. Included by rocks_fs.cc alone.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "storage/index/door.h"
#include "storage/index/page_file.h"

namespace beffroi::storage {

// What RocksDB is told about an error, without judging it.
rocksdb::IOStatus io_status(error_code error, const std::string& path);
// The same for an error that is damage or leaves the outcome unknown: freezes the door.
rocksdb::IOStatus fatal_status(Door& door, error_code error, const std::string& path);
// What a write or sync answers behind a frozen door.
rocksdb::IOStatus frozen_status();

class RocksWritableFile final : public rocksdb::FSWritableFile {
 public:
  RocksWritableFile(PageFileWriter writer, std::string path, Door& door)
      : writer_(std::move(writer)), path_(std::move(path)), door_(door) {}
  using rocksdb::FSWritableFile::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions&,
                           rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  // Nobody reads a file that is being written, and only Sync makes promises: nothing to do.
  rocksdb::IOStatus Flush(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  uint64_t GetFileSize(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return writer_.size();
  }

 private:
  rocksdb::IOStatus done(const Result<void>& result);

  PageFileWriter writer_;
  std::string path_;
  Door& door_;
};

class RocksSequentialFile final : public rocksdb::FSSequentialFile {
 public:
  RocksSequentialFile(std::unique_ptr<SequenceReader> reader, std::string path, Door& door)
      : reader_(std::move(reader)), path_(std::move(path)), door_(door) {}
  rocksdb::IOStatus Read(size_t n, const rocksdb::IOOptions&, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Skip(uint64_t n) override;

 private:
  std::unique_ptr<SequenceReader> reader_;
  std::string path_;
  Door& door_;
};

// Prefetch stays NotSupported: RocksDB then reads ahead into its own buffer, through Read.
class RocksRandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  RocksRandomAccessFile(std::unique_ptr<TableReader> reader, std::string path, Door& door)
      : reader_(std::move(reader)), path_(std::move(path)), door_(door) {}
  rocksdb::IOStatus Read(uint64_t offset, size_t n, const rocksdb::IOOptions&, rocksdb::Slice* result,
                         char* scratch, rocksdb::IODebugContext*) const override;

 private:
  std::unique_ptr<TableReader> reader_;
  std::string path_;
  Door& door_;
};

}  // namespace beffroi::storage
