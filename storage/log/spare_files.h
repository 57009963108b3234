// SPDX-License-Identifier: EUPL-1.2
// Files that wait to become log files, so that append() overwrites blocks that exist (half the time of a growing file, measured
// in docs/formats.md) and rarely pays for a new one. A spare is a reclaimed log file or a zero-filled one; its content does not
// matter, because the header that makes it a log file brings a new key. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "storage/io/files.h"

namespace beffroi::storage {

class SpareFiles {
 public:
  // `in_background`: a thread of its own zero-fills one whenever take() left none.
  SpareFiles(Files&, std::string directory, std::uint64_t file_bytes, bool in_background);
  ~SpareFiles();  // joins the thread, which gives up at its next MiB

  void adopt(std::uint64_t number);  // found in the directory at start; its name is durable
  std::size_t ready() const;
  // A number that no file carries. A file renamed to it becomes ready by adopt(), after the directory's sync.
  std::uint64_t next_number();
  struct Taken {
    std::string name;  // in the directory
    std::unique_ptr<File> file;
  };
  // A ready file, or a new one, allocated but not written. NoSpace, Io.
  Result<Taken> take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
