// SPDX-License-Identifier: EUPL-1.2
// The start of a store (docs/formats.md "Start"): decides whether what is on disk is whole, makes the tables true again from
// the log, and commits the first frame. Nothing is served before it ends. Each step says what a crash right after it means.
#pragma once

#include <memory>

#include "storage/engine/change.h"
#include "storage/engine/engine.h"

namespace beffroi::storage {

class Recovery {
 public:
  // `accepted` may be null; outlives this.
  Recovery(Store& store, OpenFailure& failure, const AcceptedLoss* accepted)
      : store_(store), failure_(failure), accepted_(accepted) {}

  // Opens keyring, index and log, replays, loads memory. False: failure_ says why.
  bool run(const crypto::RootKey&);
  // What the first frame must say: extents left open by the last life are sealed, doomed or dropped; the format row of a new store.
  Result<std::vector<Prepared>> first_changes();
  // A loss was accepted: the log's older files are still there, and stay until the first frame, with the record, is durable.
  bool lost() const { return !loss_.empty(); }

 private:
  bool refuse(error_code error, std::string reason);
  bool open_parts(const crypto::RootKey&);
  bool read_meta();
  bool replay_log();
  void make_log();
  bool accept(const std::string& loss);
  bool make_tables_durable();
  bool load_memory();
  Result<void> load_directory();
  Result<void> load_accounts();

  Store& store_;
  OpenFailure& failure_;
  const AcceptedLoss* const accepted_;
  std::string loss_;     // what was given up; empty: nothing
  StoreState seen_;      // the row `state` before the replay: its counters were in use
  std::optional<Mark> mark_;
  bool mark_missing_ = false;
  bool is_new_ = false;
  std::uint64_t epoch_ = 0;
  Sequence flushed_{0};
};

}  // namespace beffroi::storage
