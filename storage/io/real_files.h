// SPDX-License-Identifier: EUPL-1.2
// Files on POSIX. Descriptors are O_CLOEXEC, every transfer is positioned and finished (EINTR and short
// counts are looped over), sync is fdatasync, the lease is flock(2) on `directory`/lock. read_cached is
// preadv2(RWF_NOWAIT); a file system that does not know the flag (tmpfs) is remembered and always answers
// WouldBlock. errno becomes NoSpace (ENOSPC, EDQUOT), NotFound, Exists or, for all the rest, Io.
#pragma once

#include "storage/io/files.h"

namespace beffroi::storage {

class RealFiles final : public Files {
 public:
  RealFiles();
  ~RealFiles() override;
  Result<std::unique_ptr<File>> open(std::string_view path) override;
  Result<std::unique_ptr<File>> create(std::string_view path) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> link(std::string_view from, std::string_view to) override;
  Result<void> unlink(std::string_view path) override;
  Result<void> sync_dir(std::string_view directory) override;
  // One level: the parent must exist. The parent is synced even when the directory was there, because the
  // process that made it may have been killed before it synced.
  Result<void> make_dir(std::string_view directory) override;
  Result<std::vector<DirectoryEntry>> list(std::string_view directory) override;
  Result<Space> space(std::string_view directory) override;
  Result<std::unique_ptr<Lease>> acquire(std::string_view directory) override;

 private:
  struct FileSystems;
  Result<std::unique_ptr<File>> adopt(int descriptor);
  std::unique_ptr<FileSystems> file_systems_;
};

}  // namespace beffroi::storage
