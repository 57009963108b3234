// SPDX-License-Identifier: EUPL-1.2
// The verdict on an extract: is it what the appliance wrote, whole and in order, and does the appliance stand by what it said before?
// The order of the questions is that in which a person can act on the answers:
//
//   1 the head is signed by the key, and so is the checkpoint in it
//   2 the log's state is in the tree that the checkpoint signs
//   3 each record hashes to its leaf, none is missing, added or moved
//   4 the leaves give the root that the state says
//   5 every checkpoint held outside is signed by the same key and belongs to the same tree, before or after the extract's
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "admin/verify/note.h"

namespace beffroi::verify {

enum class Fault {
  None,
  NotAnExtract,        // the first lines are not an extract's
  OtherKey,            // signed by another key than the one that was given
  HeadChanged,         // the signature of the head does not verify
  CheckpointChanged,   // nor that of the checkpoint in it
  StateNotInTree,      // the checkpoint's tree does not hold the log's state
  BadRange,            // from, to and size contradict the state
  LineBroken,          // not a record, or cut
  RecordChanged,       // a record does not hash to its leaf: changed, or of another log
  RecordMissing,       // a later one stands where it should
  RecordRepeated,      // an earlier one stands where it should
  RecordsCut,          // the file ends before the last record
  RecordsAdded,        // the file goes on behind it
  RecordsReplaced,     // each record fits its leaf, but together they are not the signed log
  CheckpointOtherKey,  // a checkpoint held outside is not signed by the extract's key
  CheckpointContradicted,  // ... or says something else of the same tree: history was rewritten
  StoreShorter,        // ... or is of a longer tree than the extract: rolled back, or an old extract without a proof
  CheckpointUnlinked,  // no proof leads from it to the extract
};

struct HeldCheckpoint {
  std::string file;  // its name, for people
  CheckpointFile content;
};

struct Report {
  Fault fault = Fault::None;
  std::optional<std::uint64_t> seq, ms;  // the record, or the last good one before the break
  std::uint64_t line = 0;
  std::string file;                      // the checkpoint that is at fault
  std::uint64_t held_size = 0;           // ... and the size of its tree
  std::string siren, slug, made, key;
  std::uint64_t from = 0, to = 0, size = 0, tree_size = 0, purged = 0, checkpoints = 0;
  std::uint64_t held_until = 0;          // largest tree among the checkpoints held outside
  std::optional<std::uint64_t> first_ms, last_ms;
};

Report verify(std::istream& extract, const std::optional<Key>&, const std::vector<HeldCheckpoint>&);

}  // namespace beffroi::verify
