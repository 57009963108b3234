// SPDX-License-Identifier: EUPL-1.2
// The files of the extents: their names, their creation, their handles. A file being written keeps its handle
// until release(); the others share a bounded cache, least recently used first out. Whoever holds a handle
// keeps it valid, even past unlink(). Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/extent/extent_format.h"
#include "storage/io/files.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

// One open extent file. The kernel tells a descriptor of lost data once, to whichever sync() comes first;
// here a failed sync is remembered and syncs follow one another, so that no other caller is told that its
// data is durable.
class ExtentFile {
 public:
  explicit ExtentFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  File* operator->() const { return file_.get(); }
  // What was written or punched before is durable. A failure is final: it is returned again without a new
  // attempt.
  Result<void> sync();

 private:
  std::unique_ptr<File> file_;
  Guarded<error_code> failed_;
};

class ExtentFiles {
 public:
  ExtentFiles(Files& files, std::string directory, std::size_t handles_max)
      : files_(files), directory_(std::move(directory)), handles_max_(handles_max) {}

  // Makes the directory if needed and returns what is in it.
  Result<std::vector<DirectoryEntry>> start();
  Result<std::vector<DirectoryEntry>> list() const { return files_.list(directory_); }

  // Creates an extent's file: header, blocks up to `wanted` bytes of file (or `needed`, when there is no
  // space for that), then fdatasync and sync_dir. The handle is kept until release(). On failure no file is
  // left, unless the device failed too. NoSpace: not even `needed`. Io.
  struct Created {
    std::shared_ptr<ExtentFile> file;
    std::uint64_t allocated;  // bytes of file that have blocks
  };
  Result<Created> create(ExtentId, ExtentKind, std::uint64_t wanted, std::uint64_t needed);
  void release(ExtentId);

  // The open handle, or null: no system call.
  std::shared_ptr<ExtentFile> find(ExtentId);
  // The open handle, or a new one. NotFound, Io.
  Result<std::shared_ptr<ExtentFile>> open(ExtentId);
  // Forgets the handles and unlinks, then one sync_dir. A file already gone is success.
  Result<void> unlink(const std::vector<ExtentId>&);
  // Unlinks without making it durable: a hint that gives back the space of a file that an `unlink` will come
  // for.
  void unlink_soon(ExtentId);

 private:
  struct Handle {
    std::shared_ptr<ExtentFile> file;
    bool kept;                            // being written: not in `recent`
    std::list<ExtentId>::iterator place;  // in `recent`, unless kept
  };
  struct Cache {
    std::unordered_map<ExtentId, Handle> handles;
    std::list<ExtentId> recent;  // most recently used first
    std::uint64_t forgotten = 0;
  };

  std::string path(ExtentId) const;
  Result<Created> fill(ExtentId, ExtentKind, std::uint64_t wanted, std::uint64_t needed);
  Result<void> remove(ExtentId);
  void forget(ExtentId);
  void insert(Cache&, ExtentId, std::shared_ptr<ExtentFile>);

  Files& files_;
  const std::string directory_;
  const std::size_t handles_max_;
  Guarded<Cache> cache_;
};

// Gives `file` blocks up to `wanted` bytes, or `needed` when there is no space for that. Returns how far.
// NoSpace, Io.
Result<std::uint64_t> allocate_ahead(ExtentFile& file, std::uint64_t wanted, std::uint64_t needed);

// The name of an extent's file, and back. Nothing for any other name.
std::string extent_name(ExtentId);
std::optional<ExtentId> parse_extent_name(std::string_view);

}  // namespace beffroi::storage
