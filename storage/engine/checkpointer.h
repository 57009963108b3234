// SPDX-License-Identifier: EUPL-1.2
// The checkpointer: each second in which something changed, on the ticker's thread, and at a clean stop:
//
//   1 one change puts a state leaf of every changed log into the global tree        (a frame)
//   2 the global head, now durable, is signed; one change puts the note as row `03 | tree size` and removes the one before
//   3 the high-water mark says how far the store has come
//
// A crash between them leaves an older note and an older mark: both are still true. Only what is durable is ever signed, so no two
// notes contradict each other. Thread-safe: one at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/engine/committer.h"
#include "storage/engine/store.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class Checkpointer {
 public:
  Checkpointer(Store& store, Committer& committer) : store_(store), committer_(committer) {}
  // Nothing to do when nothing was published since the last time.
  Result<void> run();
  Result<void> write_mark(bool clean);

 private:
  struct Done {
    std::uint64_t published = 0;              // sequence at the end of the last run
    std::optional<std::uint64_t> tree_size;   // of the note that is stored; read at first
  };
  Result<void> put_checkpoint(Done&);

  Store& store_;
  Committer& committer_;
  Guarded<Done> done_;
};

}  // namespace beffroi::storage
