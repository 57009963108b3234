// SPDX-License-Identifier: EUPL-1.2
// A group under construction: the rows of one frame. Changes add to it through a few verbs that keep what every row drags
// along: seals and the keyed digest, usage, extents' counters, gc rows, the audit. Committer's thread only; made anew for each
// frame. What is counted here is counted at once in the committer's memory: a frame that fails ends the process.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "crypto/hmac.h"
#include "storage/engine/blob.h"
#include "storage/engine/object.h"
#include "storage/engine/store.h"
#include "storage/index/index.h"
#include "storage/tenant/metering.h"

namespace beffroi::storage {

// Usage rows of every collectivity and bucket that changed since the start. Committer's thread.
class UsageBook {
 public:
  explicit UsageBook(const Index& index) : index_(index) {}
  // The account as of the last group, loaded at first use. Damaged.
  Result<Usage*> find(CollectivityId, BucketId);

 private:
  const Index& index_;
  std::map<std::pair<CollectivityId, BucketId>, Usage> usages_;
};

// How much a change adds to, or takes from, a collectivity and one of its buckets.
struct UsageDelta {
  std::int64_t bytes = 0;
  std::int64_t objects = 0;
};

class Group {
 public:
  Group(Store&, UsageBook&, const crypto::HmacSha256& digest_mac, Sequence, std::int64_t now_ms);

  Sequence sequence() const { return sequence_; }
  std::int64_t now_ms() const { return now_ms_; }
  StoreState& state() { return state_; }  // counters; written by finish()
  std::string new_version_id() const;

  // Rows without a seal.
  void put(Table table, Bytes key, Bytes value) { batch_.put(table, std::move(key), std::move(value)); }
  void remove(Table table, Bytes key) { batch_.remove(table, std::move(key)); }

  // Sealed rows of a collectivity, counted in its digest. `replaced` is the sealed row that stood there; empty when none did.
  Result<void> put_sealed(CollectivityId, Table, Bytes key, BytesView plain, BytesView replaced);
  Result<void> remove_sealed(CollectivityId, Table, Bytes key, BytesView removed);
  // A value that is sealed already, but for its digest: access keys, whose row has a clear part before the seal.
  Result<void> count_sealed(CollectivityId, Table, BytesView key, BytesView sealed, BytesView replaced);

  // Opens a committed sealed row under its collectivity's key. NotFound, Damaged (fatal), Unauthentic, UnknownKey.
  Result<Bytes> open(CollectivityId, Table, BytesView key, BytesView sealed) const;

  // Counts in the collectivity's and the bucket's usage.
  Result<void> count(CollectivityId, BucketId, UsageDelta);
  Result<void> count_physical(CollectivityId, std::int64_t bytes);
  Result<Usage*> usage(CollectivityId, BucketId);  // advanced to now; written by finish()

  // Names a run: its way back and its extent's counters.
  Result<void> name_run(CollectivityId, BlobId, std::uint16_t part, const Run&);
  // Forgets a run that was punched, or whose own file was unlinked.
  Result<void> forget_run(const Run&);
  Result<ExtentRow*> extent(ExtentId);                 // for changes of state; written by finish()
  void put_extent(ExtentId, const ExtentRow&);         // a new row
  void remove_extent(ExtentId);

  // Drops the reference that `object` holds: its inline payload, or one count of its blob (the last puts a gc row).
  Result<void> drop_reference(CollectivityId, const Object& object);
  // One more reference to a blob.
  Result<void> add_reference(CollectivityId, BlobId);
  void gc(const GcRow&);

  Result<void> audit(AuditRecord&);
  // State leaves of every collectivity whose audit tree changed, after all changes of the group (docs/formats.md "Audit").
  void request_state_leaves() { state_leaves_ = true; }

  const Batch& batch() const { return batch_; }
  bool empty() const { return batch_.empty() && !audited_ && !state_leaves_ && usages_.empty() && extents_.empty(); }
  // Adds usage, extents, audit and state. The frame's rows are then complete.
  Result<const Batch*> finish();

 private:
  Result<std::uint32_t> count_of(CollectivityId, BlobId) const;
  Result<void> finish_extents();

  Store& store_;
  UsageBook& book_;
  const crypto::HmacSha256& digest_mac_;
  const Sequence sequence_;
  const std::int64_t now_ms_;
  StoreState state_;
  Batch batch_;
  std::map<std::pair<CollectivityId, BucketId>, Usage*> usages_;
  std::map<ExtentId, std::optional<ExtentRow>> extents_;  // nullopt: removed
  std::uint32_t gc_rows_ = 0;
  bool state_leaves_ = false;
  bool audited_ = false;
};

}  // namespace beffroi::storage
