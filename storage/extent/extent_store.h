// SPDX-License-Identifier: EUPL-1.2
// Extents: append-only files of sealed chunks (docs/formats.md "Extents"). A part is one contiguous, 4 KiB aligned run. Shared
// extents of 1 GiB come in two lanes (parts <= 1 MiB, larger); a part of kOwnExtentBytesMin or more has a file of its own.
//
// Who does what: the store keeps files, bump pointers, reservations in flight and one sync thread a lane; the engine keeps the
// rows. A row is committed before its file exists (ExtentRows), a frame names a run only after the run was synced, and punching
// or unlinking happens only when the engine says so. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"
#include "storage/extent/extent_format.h"
#include "storage/ids.h"
#include "storage/io/files.h"

namespace beffroi::storage {

// How the store has an extent's row committed: `Writing` for an own extent, `Open` for a shared one, nothing live. Blocks until
// the frame is durable. Implemented by the engine.
class ExtentRows {
 public:
  virtual ~ExtentRows() = default;
  virtual Result<void> commit_row(ExtentId, ExtentKind) = 0;
};

// Called once, from a sync thread, when the data written before is durable (or the device failed: fatal).
class SyncWaiter {
 public:
  virtual ~SyncWaiter() = default;
  virtual void synced(Result<void>) = 0;
  SyncWaiter* next_waiter = nullptr;  // intrusive; the store's while it waits
};

class ExtentStore;

// Bytes set aside for one part. Movable; the store outlives it. Its destructor gives back what was not published: a
// shared run is punched (a system call; durable at the seal's fdatasync), an own extent is put on the list that
// take_broken_own() returns. published() ends it after the frame that names its run was published.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&&) noexcept;
  Reservation& operator=(Reservation&&) noexcept;
  ~Reservation();
  explicit operator bool() const { return store_ != nullptr; }
  const Run& run() const { return run_; }
  ExtentKind kind() const;  // Own also for a run that is larger than a shared extent
  // Appends sealed bytes in order; blocking. CHECKs that they fit. NoSpace, Io.
  Result<void> write(BytesView sealed);
  std::uint64_t written() const { return written_; }
  // Fewer bytes come than were set aside: the run ends earlier, what is behind it is nobody's (abandoned, once the extent is sealed).
  void shrink(std::uint64_t bytes);
  // Asks for an fdatasync of what was written; all waiters of a file share one. `waiter` lives until it was called.
  void sync(SyncWaiter& waiter);
  void published();

 private:
  friend class ExtentStore;
  ExtentStore* store_ = nullptr;
  Run run_;
  std::uint64_t written_ = 0;
  std::shared_ptr<struct OpenExtent> extent_;
};

struct ExtentOptions {
  std::string directory;
  std::uint64_t shared_bytes = kSharedExtentBytes;
  std::size_t open_files_max = 512;  // read handles kept
};

class ExtentStore {
 public:
  // `first_free`: 1 + the counter of `meta`; the store raises it past every file present.
  ExtentStore(Files&, ExtentOptions, ExtentRows&);
  ~ExtentStore();  // joins the sync threads; every waiter was called
  Result<void> start(ExtentId first_free);

  // Sets `bytes` (> 0) aside, with blocks behind them: NoSpace comes here, before a byte is written. may_wait false: WouldBlock
  // when a new extent or more blocks are needed (call again where waiting is allowed). What ExtentRows says. Io: fatal.
  Result<Reservation> reserve(std::uint64_t bytes, bool may_wait);

  // Reads of committed runs. WouldBlock as File::read_cached, and when the file must be opened first. NotFound when the file is
  // gone, Io also when it ends before the run does.
  Result<void> read(const Run&, std::uint64_t offset_in_run, MutableBytes out);
  Result<void> read_cached(const Run&, std::uint64_t offset_in_run, MutableBytes out);

  // Frees blocks: punches the runs and fdatasyncs each file once. Durable when it returns. A file already gone is success.
  Result<void> punch(const std::vector<Run>&);
  // Unlinks files, then one sync_dir. A file already gone is success.
  Result<void> unlink(const std::vector<ExtentId>&);

  // Shared extents that are full and without a reservation in flight, fdatasynced (here: it blocks when there is one): the
  // engine may commit them sealed. Each is returned once. `end` is where its last run ends. Io: fatal.
  struct Full {
    ExtentId id;
    std::uint64_t end;
  };
  Result<std::vector<Full>> take_sealable();
  // Own extents whose reservation ended without a commit: the engine dooms them by a change. Each is returned once.
  std::vector<ExtentId> take_broken_own();

  Result<std::uint64_t> file_bytes(ExtentId);              // NotFound
  Result<std::vector<DirectoryEntry>> list_files() const;  // for start and check
  ExtentId next_id() const;                                // counter for `meta`

 private:
  friend class Reservation;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
