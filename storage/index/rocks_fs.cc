// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/rocks_fs.h"

#include <array>

#include "storage/index/rocks_files.h"

namespace beffroi::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class RocksDirectory final : public rocksdb::FSDirectory {
 public:
  RocksDirectory(Files& files, std::string path, Door& door)
      : files_(files), path_(std::move(path)), door_(door) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    if (door_.frozen()) return frozen_status();
    const auto done = files_.sync_dir(path_);
    return done ? IOStatus::OK() : fatal_status(door_, done.error(), path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  Files& files_;
  std::string path_;
  Door& door_;
};

class RocksFs final : public rocksdb::FileSystem {
 public:
  RocksFs(Files& files, PageFileOwner owner, Door& door, WaitForRoom wait_for_room)
      : files_(files), owner_(std::move(owner)), door_(door), wait_for_room_(std::move(wait_for_room)) {}
  const char* Name() const override { return "BeffroiPageFiles"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) override {
    result->reset();
    auto file = files_.open(path);
    if (!file)
      return file.error() == IoErrc::NotFound ? io_status(file.error(), path) : fatal(file.error(), path);
    auto reader = SequenceReader::open(std::move(*file), owner_, page_file_kind(path));
    if (!reader) return fatal(reader.error(), path);
    *result = std::make_unique<RocksSequentialFile>(std::move(*reader), path, door_);
    return IOStatus::OK();
  }

  // RocksDB opens tables that its MANIFEST names and no others: a missing one is damage.
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    result->reset();
    auto file = files_.open(path);
    if (!file) return fatal(file.error(), path);
    auto reader = TableReader::open(std::move(*file), owner_);
    if (!reader) return fatal(reader.error(), path);
    *result = std::make_unique<RocksRandomAccessFile>(std::move(*reader), path, door_);
    return IOStatus::OK();
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) override {
    result->reset();
    if (door_.frozen()) return frozen_status();
    if (auto removed = files_.unlink(path); !removed && removed.error() != IoErrc::NotFound) {
      return fatal(removed.error(), path);
    }
    auto file = write_with_room(wait_for_room_, [&] { return files_.create(path); });
    if (!file) return fatal(file.error(), path);
    *result = std::make_unique<RocksWritableFile>(
        PageFileWriter(std::move(*file), owner_, page_file_kind(path), wait_for_room_), path, door_);
    return IOStatus::OK();
  }

  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("ReuseWritableFile");
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    result->reset();
    if (auto list = files_.list(path); !list) return io_status(list.error(), path);
    *result = std::make_unique<RocksDirectory>(files_, path, door_);
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    const auto file = files_.open(path);
    if (file) return IOStatus::OK();
    return file.error() == IoErrc::NotFound ? IOStatus::NotFound(path) : io_status(file.error(), path);
  }

  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                       IODebugContext*) override {
    result->clear();
    const auto list = files_.list(path);
    if (!list) return list.error() == IoErrc::NotFound ? IOStatus::NotFound(path) : fatal(list.error(), path);
    for (const DirectoryEntry& entry : *list) result->push_back(entry.name);
    return IOStatus::OK();
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (door_.frozen()) return frozen_status();
    const auto done = files_.unlink(path);
    if (done) return IOStatus::OK();
    return done.error() == IoErrc::NotFound ? io_status(done.error(), path) : fatal(done.error(), path);
  }

  IOStatus CreateDir(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    return CreateDirIfMissing(path, options, debug);
  }

  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (door_.frozen()) return frozen_status();
    const auto done = files_.make_dir(path);
    return done ? IOStatus::OK() : fatal(done.error(), path);
  }

  IOStatus DeleteDir(const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("DeleteDir");
  }

  // Bytes of payload. RocksDB asks it at open of every table it finds, torn orphans of a crash included, so that damage is only
  // reported here: of a table that counts, RocksDB compares the size itself and refuses to open.
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* size, IODebugContext*) override {
    auto file = files_.open(path);
    if (!file) return io_status(file.error(), path);
    if (page_file_kind(path) == PageFileKind::Table) {
      const auto reader = TableReader::open(std::move(*file), owner_);
      if (reader) *size = (*reader)->size();
      return reader ? IOStatus::OK() : io_status(reader.error(), path);
    }
    auto reader = SequenceReader::open(std::move(*file), owner_, page_file_kind(path));
    if (!reader) return io_status(reader.error(), path);
    const auto bytes = (*reader)->skip(UINT64_MAX);
    if (bytes) *size = *bytes;
    return bytes ? IOStatus::OK() : io_status(bytes.error(), path);
  }

  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t*,
                                   IODebugContext*) override {
    return IOStatus::NotSupported("GetFileModificationTime");
  }

  // CURRENT may reach the disk before the MANIFEST it names does, unless that name is made durable first: RocksDB syncs the
  // directory only afterwards.
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    if (door_.frozen()) return frozen_status();
    if (to.ends_with("/CURRENT")) {
      if (auto done = files_.sync_dir(to.substr(0, to.rfind('/'))); !done) return fatal(done.error(), to);
    }
    const auto done = files_.rename(from, to);
    return done ? IOStatus::OK() : fatal(done.error(), from);
  }

  IOStatus LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    *lock = new rocksdb::FileLock();
    return IOStatus::OK();
  }

  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }

  IOStatus GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) override {
    return IOStatus::NotSupported("GetTestDirectory");
  }

  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                     IODebugContext*) override {
    return IOStatus::NotSupported("NewLogger");
  }

  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                           IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }

  // Without an answer RocksDB starts no thread of its own that waits for space and resumes: such a thread and Close() once waited
  // for each other, and what happens on a full disk is the engine's to decide.
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t*, IODebugContext*) override {
    return IOStatus::NotSupported("GetFreeSpace");
  }

  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_dir, IODebugContext*) override {
    *is_dir = files_.list(path).has_value();
    return IOStatus::OK();
  }

 private:
  IOStatus fatal(error_code error, const std::string& path) { return fatal_status(door_, error, path); }

  Files& files_;
  PageFileOwner owner_;
  Door& door_;
  WaitForRoom wait_for_room_;
};

}  // namespace

PageFileKind page_file_kind(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 = 0: the whole of it
  if (name.ends_with(".sst")) return PageFileKind::Table;
  return name.starts_with("MANIFEST-") ? PageFileKind::Manifest : PageFileKind::Journal;
}

std::shared_ptr<rocksdb::FileSystem> make_rocks_fs(Files& files, PageFileOwner owner, Door& door,
                                                 WaitForRoom wait_for_room) {
  return std::make_shared<RocksFs>(files, std::move(owner), door, std::move(wait_for_room));
}

Result<void> verify_page_file(Files& files, const std::string& path, const PageFileOwner& owner) {
  auto file = files.open(path);
  if (!file) return file.error();
  if (page_file_kind(path) != PageFileKind::Table) {
    auto reader = SequenceReader::open(std::move(*file), owner, page_file_kind(path));
    if (!reader) return reader.error();
    const auto skipped = (*reader)->skip(UINT64_MAX);
    return skipped ? Result<void>() : skipped.error();
  }
  const auto reader = TableReader::open(std::move(*file), owner);
  if (!reader) return reader.error();
  std::array<char, 16 * crypto::kPagePayloadBytes> buffer;
  for (std::uint64_t at = 0; at < (*reader)->size(); at += buffer.size()) {
    if (const auto read = (*reader)->read(at, buffer); !read) return read.error();
  }
  return {};
}

}  // namespace beffroi::storage
