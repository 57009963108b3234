// SPDX-License-Identifier: EUPL-1.2
// The extract: what a collectivity takes away of its log, to be verified without the appliance (`beffroi-verify`). JSON lines, each
// ended by a newline and written exactly so, without a space; base64 as in RFC 4648 §4; every hash is base64 of 32 bytes:
//
//   1  {"format":"beffroi-extract/1","siren":S,"slug":S,"made":TIME,"from":N,"to":N,"size":N,"left":[H...],"right":[H...],
//       "state_leaf":BASE64,"state_index":N,"inclusion":[H...],"checkpoint":NOTE,"consistency":[{"from":N,"proof":[H...]}...]}
//   2  {"key":VERIFIER KEY,"signature":"— ..."}                     of line 1, its newline included, as a note's signature line
//   3… {"seq":N,"ms":N,"leaf":H,"salt":BASE64,"record":BODY}        BODY: the leaf's body byte for byte
//      {"seq":N,"ms":N,"leaf":H,"mac":BASE64}                       a purged record
//
// The records are those with from <= seq < to. left: the frontier of [0, from); right: the roots of the perfect subtrees of [to, size);
// left, the records' leaves and right give the root that the state leaf says. The state leaf is leaf `state_index` of the global tree,
// whose head the checkpoint signs. `leaf` repeats what can be computed, so that what was changed can be named. An appliance's own log
// has an empty siren and slug.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/checkpoint.h"
#include "storage/audit/audit_reader.h"

namespace beffroi::storage {

inline constexpr std::size_t kExtractProofsMax = 16;  // of consistency, in one extract

struct ExtractRequest {
  CollectivityId collectivity{};
  std::string siren, slug;
  std::int64_t made_ms = 0;
  std::uint64_t from = 0, to = 0;     // from <= to <= the size that the last state leaf covers
  std::vector<std::uint64_t> since;   // sizes of the global tree from which a consistency proof is wanted
};

// The global head as a snapshot has it. Sign only what is durable: a snapshot of the index is.
crypto::Checkpoint global_checkpoint(const std::string& origin, const crypto::Frontier& global);

// Lines 1 and 2. BadFormat: a number is out of order or beyond its tree, or the log has no state leaf yet. Damaged.
Result<Bytes> extract_head(const Snapshot&, const AuditReader&, const crypto::NoteSigner&, const ExtractRequest&);
// One record's line.
Bytes extract_line(CollectivityId, const AuditEntry&);

// The size of a log that its last state leaf covers: what an extract can reach; 0 when there is none. Damaged.
Result<std::uint64_t> attested_size(const AuditReader&, CollectivityId);

// The signed head of the global tree; with `since`, after the proof that it continues a tree of so many leaves: the request that C2SP
// tlog-witness takes ("old N", hashes, an empty line, the note). BadFormat: the tree has fewer leaves than `since`. Damaged.
Result<Bytes> checkpoint_text(const Snapshot&, const AuditReader&, const crypto::NoteSigner&, std::optional<std::uint64_t> since);

}  // namespace beffroi::storage
