// SPDX-License-Identifier: EUPL-1.2
// Files in memory, with a volatile and a durable half for contents (MemoryInode) and for names, so that a
// test can crash the engine at any of its operations and start again on what a machine would find:
//
//   MemoryFiles disk;  run(disk);  n = disk.operations();            how many operations the workload makes
//   MemoryFiles disk;  disk.set_crash_at(i);  run(disk);             operation i and every later call:
//   Fenced, nothing happens auto found = disk.crash_clone(CrashKind::PowerCut, 0.5, seed);   what the next
//   process finds
//
// Names: each operation on a directory is pending until its sync_dir; a power cut keeps or drops each on its
// own, in no order. Thread-safe.
#pragma once

#include "storage/io/files.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

enum class CrashKind {
  Kill,      // the process dies, the page cache survives: what was pending still is
  PowerCut,  // only the durable half survives, and what chance lets through of the pending one
};

class MemoryFiles final : public Files {
 public:
  MemoryFiles();
  ~MemoryFiles() override;
  Result<std::unique_ptr<File>> open(std::string_view path) override;
  Result<std::unique_ptr<File>> create(std::string_view path) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> link(std::string_view from, std::string_view to) override;
  Result<void> unlink(std::string_view path) override;
  Result<void> sync_dir(std::string_view directory) override;
  Result<void> make_dir(std::string_view directory) override;
  Result<std::vector<DirectoryEntry>> list(std::string_view directory) override;
  Result<Space> space(std::string_view directory) override;
  Result<std::unique_ptr<Lease>> acquire(std::string_view directory) override;

  // Operations so far: every call that changes contents or names or makes them durable, failed ones included.
  std::uint64_t operations() const;
  // From operation `index` (the first is 0) on every call fails with Fenced.
  void set_crash_at(std::uint64_t index);
  bool crashed() const;
  // The sync of a file `index` syncs from now (0: the next) fails with Io, as on Linux: any part of the
  // file's pending bytes reached the disk, and what did not is clean in the page cache, so no later sync
  // writes it.
  void fail_sync_at(std::uint64_t index, double keep_probability, std::uint64_t seed);
  void set_capacity(
      std::uint64_t bytes);  // 0 (at first): no limit. Writes and allocations beyond it are NoSpace.
  void set_cold(bool cold);  // read_cached answers WouldBlock
  // What the next process finds; this one is left as it is. No lease is held in the clone, its count starts
  // at 0.
  std::unique_ptr<MemoryFiles> crash_clone(CrashKind kind, double keep_probability, std::uint64_t seed) const;

 private:
  struct World;
  class OpenFile;
  class HeldLease;
  std::shared_ptr<Guarded<World>> world_;
};

}  // namespace beffroi::storage
