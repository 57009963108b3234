// SPDX-License-Identifier: EUPL-1.2
// The only door to the operating system's files. Three implementations pass one contract suite (tests/contract): real_files
// (POSIX), memory_files (with a crash clone) and faulty_files (fails the N-th call).
//
// Contract: one writer per file; offsets are explicit; a write is in the page cache, durable only after sync() of the *same*
// File; a name is durable only after sync_dir() of its directory. A failed sync() or sync_dir() leaves an unknown state: it is
// Io whatever the kernel said (a full thin disk says ENOSPC once, then success), and the caller stops the process, never
// retries. Every method is thread-safe except that writes to one File are the caller's to order.
// Paths are UTF-8 and absolute or relative to the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace beffroi::storage {

enum class IoErrc {
  NoSpace = 1,  // the file system is full; nothing else happened
  Io,           // the device or the kernel failed; the outcome is unknown
  NotFound,     // no such file or directory
  Exists,       // create: the name is taken
  Locked,       // acquire: another process holds the lease
  Fenced,       // this process lost its lease, or the door is frozen: fatal
  WouldBlock,   // read_cached: not in the page cache; read it where waiting is allowed
};
const boost::system::error_category& io_category();
inline error_code make_error_code(IoErrc e) { return {static_cast<int>(e), io_category()}; }

class File {
 public:
  virtual ~File() = default;
  // Reads up to out.size() bytes; fewer only at the end of the file. Returns the count.
  virtual Result<std::size_t> read(std::uint64_t offset, MutableBytes out) = 0;
  // The same, but never waits for a device: WouldBlock when any of it is not in memory (or the file system cannot tell).
  virtual Result<std::size_t> read_cached(std::uint64_t offset, MutableBytes out) = 0;
  // Writes all of `data`, growing the file if needed. NoSpace may leave a part of it written.
  virtual Result<void> write(std::uint64_t offset, BytesView data) = 0;
  // fdatasync: what was written before is durable when it returns a value.
  virtual Result<void> sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
  // Grows the file to `size` bytes, with blocks behind those past its present end (fallocate); holes before it stay holes.
  // Success if it is as long already. NoSpace; advisory where unsupported.
  virtual Result<void> allocate(std::uint64_t size) = 0;
  // Frees the blocks of a range, which then reads as zeros; advisory where unsupported. Durable after sync().
  virtual Result<void> punch(std::uint64_t offset, std::uint64_t length) = 0;
};

struct DirectoryEntry {
  std::string name;  // without its directory
  std::uint64_t size = 0;
};

struct Space {
  std::uint64_t total = 0;      // bytes of the file system: used, or available
  std::uint64_t available = 0;  // bytes that this process may still write
  std::uint64_t device = 0;     // which file system it is
};

// Exclusive use of a data directory by one process; released by its destructor.
class Lease {
 public:
  virtual ~Lease() = default;
};

class Files {
 public:
  virtual ~Files() = default;
  // Opens an existing file for reading and writing. NotFound.
  virtual Result<std::unique_ptr<File>> open(std::string_view path) = 0;
  // Creates a new empty file, mode 0600. Exists.
  virtual Result<std::unique_ptr<File>> create(std::string_view path) = 0;
  // Replaces `to` atomically; both in one directory.
  virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
  // A second name for a file. Exists, NotFound.
  virtual Result<void> link(std::string_view from, std::string_view to) = 0;
  virtual Result<void> unlink(std::string_view path) = 0;  // NotFound
  virtual Result<void> sync_dir(std::string_view directory) = 0;
  // Creates a directory, mode 0700, and makes it durable in its parent; success if it exists.
  virtual Result<void> make_dir(std::string_view directory) = 0;
  // Regular files of a directory, by name. NotFound.
  virtual Result<std::vector<DirectoryEntry>> list(std::string_view directory) = 0;
  virtual Result<Space> space(std::string_view directory) = 0;
  // Takes `directory`/lock. Locked.
  virtual Result<std::unique_ptr<Lease>> acquire(std::string_view directory) = 0;
};

}  // namespace beffroi::storage

template <>
struct boost::system::is_error_code_enum<beffroi::storage::IoErrc> : std::true_type {};
