// SPDX-License-Identifier: EUPL-1.2
// Files that fail on demand: wraps any other Files and lets the N-th call of one class fail, once or from
// then on. A failed call either did nothing or did all it was asked (a device may report an error for what it
// has written); the caller cannot tell, and must be right in both cases. Thread-safe.
#pragma once

#include <array>
#include <optional>

#include "storage/io/files.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

enum class CallClass { Write, Sync, OpenOrCreate, Allocate, Punch, SyncDir, Rename, Unlink, Read };
inline constexpr std::size_t kCallClasses = 9;

struct Fault {
  CallClass on = CallClass::Write;
  std::uint64_t nth = 0;      // the first call after set_fault() is 0
  bool from_then_on = false;  // else that call only
  IoErrc error = IoErrc::Io;
  bool persisted = false;  // the call is carried out, then reported as failed
};

class FaultyFiles final : public Files {
 public:
  explicit FaultyFiles(Files& inner);  // outlives this
  ~FaultyFiles() override;
  // Replaces the fault and starts counting anew; nullopt: only counts.
  void set_fault(std::optional<Fault> fault);
  std::uint64_t calls(CallClass) const;  // since set_fault()
  std::uint64_t failures() const;        // calls that were failed since set_fault()

  Result<std::unique_ptr<File>> open(std::string_view path) override;
  Result<std::unique_ptr<File>> create(std::string_view path) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> link(std::string_view from, std::string_view to) override;  // counted as Rename
  Result<void> unlink(std::string_view path) override;
  Result<void> sync_dir(std::string_view directory) override;
  Result<void> make_dir(std::string_view directory) override;                     // counted as OpenOrCreate
  Result<std::vector<DirectoryEntry>> list(std::string_view directory) override;  // counted as Read
  Result<Space> space(std::string_view directory) override;
  Result<std::unique_ptr<Lease>> acquire(std::string_view directory) override;

 private:
  struct Plan;
  class OpenFile;
  Files& inner_;
  std::shared_ptr<Guarded<Plan>> plan_;
};

}  // namespace beffroi::storage
