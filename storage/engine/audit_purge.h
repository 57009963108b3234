// SPDX-License-Identifier: EUPL-1.2
// Retention: bodies of audit records that are older than EngineOptions::audit_retention_ms are dropped, with their salts; times and
// macs stay, so that every tree, proof and extract is what it was (storage/audit/audit_format.h). Block by block, oldest first, as
// changes of the background lane; each says in the log what it dropped. Nothing is remembered between rounds: the purged blocks are the
// first ones of their log, so the next one is found by halving, after a crash too. One thread.
//
// LIMIT: a clock that is years ahead purges what it should not: the appliance believes its clock.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/engine/committer.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

inline constexpr std::int64_t kPurgeEveryMs = 86'400'000;  // and at start
inline constexpr std::size_t kPurgeBlocksMax = 128;        // in one change
inline constexpr std::size_t kPurgeBytesMax = 1u << 20;    // ... of what is kept

class AuditPurger {
 public:
  AuditPurger(Store& store, Committer& committer) : store_(store), committer_(committer) {}
  Result<void> run_when_due();

 private:
  Result<void> purge(CollectivityId, std::uint64_t before_ms);
  Result<std::uint64_t> first_with_bodies(Cursor&, CollectivityId, std::uint64_t size) const;

  Store& store_;
  Committer& committer_;
  std::optional<std::int64_t> last_ms_;  // clock.boot_ms()
};

}  // namespace beffroi::storage
