// SPDX-License-Identifier: EUPL-1.2
// The shared extents of one lane: one of them is open and has a bump pointer, which never goes back. A run
// that does not fit ends it: it is full, and may be sealed once the last reservation in it has ended.
// Thread-safe.
//
//   0      4 096                       end                 allocated                shared_bytes
//   | header | run | run | punched | run | blocks set aside |      no blocks yet      |
#pragma once

#include <condition_variable>
#include <memory>
#include <optional>
#include <vector>

#include "storage/extent/extent_files.h"
#include "storage/extent/extent_store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

// Blocks are set aside this far ahead of the bump pointer: a sync of allocated blocks costs two thirds of one
// that also grows the file, and a whole gibibyte for each lane would be a large part of a small disk.
inline constexpr std::uint64_t kAllocateStepBytes = 16ull << 20;

// An extent that may still be written by this process. The numbers belong to the lock of its lane.
struct OpenExtent {
  ExtentId id;
  ExtentKind kind;
  std::shared_ptr<ExtentFile> file;
  std::uint64_t end = kExtentHeaderBytes;
  std::uint64_t allocated = kExtentHeaderBytes;
  std::uint32_t in_flight = 0;  // reservations, from reserve to publish or abort
  bool full = false;
};

// Gives out ids, whose row is then committed. Thread-safe.
class ExtentIds {
 public:
  explicit ExtentIds(ExtentRows& rows) : rows_(rows) {}
  void start(ExtentId first) { *next_.lock() = first; }
  ExtentId next_id() const { return *next_.lock(); }
  // A fresh id whose row is durable. Blocks.
  Result<ExtentId> commit(ExtentKind);

 private:
  ExtentRows& rows_;
  Guarded<ExtentId> next_{ExtentId{1}};
};

class SharedLane {
 public:
  SharedLane(ExtentKind kind, std::uint64_t shared_bytes, ExtentFiles& files, ExtentIds& ids)
      : kind_(kind), shared_bytes_(shared_bytes), files_(files), ids_(ids) {}
  // Gives back the blocks set aside and not used.
  ~SharedLane();

  // Sets run_footprint(bytes) aside and counts a reservation. WouldBlock (only without may_wait): a new
  // extent or new blocks are needed. NoSpace, Io, or what ExtentRows said.
  struct Place {
    std::shared_ptr<OpenExtent> extent;
    std::uint64_t offset;
  };
  Result<Place> reserve(std::uint64_t bytes, bool may_wait);
  // Ends a reservation.
  void settle(const std::shared_ptr<OpenExtent>&);
  // Full extents without a reservation, each once, fdatasynced here. Io: fatal.
  Result<void> take_sealable(std::vector<ExtentStore::Full>& out);
  // The defect that the mutant "append_after_restart" plants: goes on in an extent of an earlier process.
  void append_to(std::shared_ptr<OpenExtent> extent) { state_.lock()->current = std::move(extent); }

 private:
  struct State {
    std::shared_ptr<OpenExtent> current;  // null before the first and between two
    bool busy = false;  // a thread opens the next extent or allocates; only it replaces `current`
    std::optional<ExtentId>
        without_file;  // its row is committed, its file could not be created: used by the next attempt
    std::vector<std::shared_ptr<OpenExtent>> sealable;
  };
  std::uint64_t allocation(std::uint64_t allocated, std::uint64_t needed_end) const;
  Result<void> extend(OpenExtent&, std::uint64_t needed_end);
  Result<void> open_next(std::uint64_t needed_end);
  static Result<void> give_back_tail(OpenExtent&);

  const ExtentKind kind_;
  const std::uint64_t shared_bytes_;
  ExtentFiles& files_;
  ExtentIds& ids_;
  Guarded<State> state_;
  std::condition_variable ready_;
};

}  // namespace beffroi::storage
