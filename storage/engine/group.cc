// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/group.h"

#include "crypto/check.h"
#include "crypto/version_id.h"
#include "storage/engine/errors.h"
#include "storage/index/keys.h"
#include "storage/mutants.h"

namespace beffroi::storage {

Result<Usage*> UsageBook::find(CollectivityId t, BucketId b) {
  const auto [at, fresh] = usages_.try_emplace({t, b});
  if (!fresh) return &at->second;
  auto row = index_.get(Table::Meta, keys::usage(t, b));
  if (row) {
    auto usage = decode_usage(*row);
    if (!usage) return usage.error();
    at->second = *usage;
  } else if (row.error() != make_error_code(IndexErrc::NotFound)) {
    return row.error();
  }
  return &at->second;
}

Group::Group(Store& store, UsageBook& book, const crypto::HmacSha256& digest_mac, Sequence sequence, std::int64_t now_ms)
    : store_(store), book_(book), digest_mac_(digest_mac), sequence_(sequence), now_ms_(now_ms), state_(store.state) {}

std::string Group::new_version_id() const { return crypto::make_version_id(store_.keyring->store().id, raw(sequence_)); }

Result<void> Group::put_sealed(CollectivityId t, Table table, Bytes key, BytesView plain, BytesView replaced) {
  const auto keys = store_.keyring->keys(t);
  if (!keys) return TenantErrc::NoSuchCollectivity;
  Bytes sealed = keys->rows.seal({static_cast<std::uint8_t>(table), key}, plain);
  if (auto counted = count_sealed(t, table, key, sealed, replaced); !counted) return counted;
  batch_.put(table, std::move(key), std::move(sealed));
  return {};
}

Result<void> Group::remove_sealed(CollectivityId t, Table table, Bytes key, BytesView removed) {
  if (auto counted = count_sealed(t, table, key, {}, removed); !counted) return counted;
  batch_.remove(table, std::move(key));
  return {};
}

Result<void> Group::count_sealed(CollectivityId t, Table table, BytesView key, BytesView sealed, BytesView replaced) {
  auto account = usage(t, BucketId{0});
  if (!account) return account.error();
  const auto number = static_cast<std::uint8_t>(table);
  if (!replaced.empty()) {
    const auto print = crypto::seal_fingerprint(replaced);
    if (!print) return print.error();
    (*account)->digest.subtract(crypto::row_mac(digest_mac_, number, key, *print));
    --(*account)->rows;
  }
  if (!sealed.empty()) {
    const auto print = crypto::seal_fingerprint(sealed);
    if (!print) return print.error();
    (*account)->digest.add(crypto::row_mac(digest_mac_, number, key, *print));
    ++(*account)->rows;
  }
  return {};
}

Result<Bytes> Group::open(CollectivityId t, Table table, BytesView key, BytesView sealed) const {
  const auto keys = store_.keyring->keys(t);
  if (!keys) return TenantErrc::NoSuchCollectivity;
  return keys->rows.open({static_cast<std::uint8_t>(table), key}, sealed);
}

Result<Usage*> Group::usage(CollectivityId t, BucketId b) {
  const auto [at, fresh] = usages_.try_emplace({t, b}, nullptr);
  if (!fresh) return at->second;
  auto found = book_.find(t, b);
  if (!found) {
    usages_.erase(at);
    return found.error();
  }
  (*found)->advance(now_ms_);
  at->second = *found;
  return *found;
}

Result<void> Group::count(CollectivityId t, BucketId b, UsageDelta delta) {
  for (const BucketId account : {BucketId{0}, b}) {
    auto found = usage(t, account);
    if (!found) return found.error();
    (*found)->bytes += static_cast<std::uint64_t>(delta.bytes);
    (*found)->objects += static_cast<std::uint64_t>(delta.objects);
  }
  return {};
}

Result<void> Group::count_physical(CollectivityId t, std::int64_t bytes) {
  auto found = usage(t, BucketId{0});
  if (!found) return found.error();
  (*found)->physical += static_cast<std::uint64_t>(bytes);
  return {};
}

Result<ExtentRow*> Group::extent(ExtentId id) {
  if (const auto at = extents_.find(id); at != extents_.end()) {
    if (!at->second) return EngineErrc::NotFound;
    return &*at->second;
  }
  auto row = store_.index->get(Table::Meta, keys::extent(id));
  if (!row) return row.error();
  auto decoded = decode_extent_row(*row);
  if (!decoded) return decoded.error();
  return &*(extents_[id] = *decoded);
}

void Group::put_extent(ExtentId id, const ExtentRow& row) { extents_[id] = row; }
void Group::remove_extent(ExtentId id) { extents_[id] = std::nullopt; }

Result<void> Group::name_run(CollectivityId t, BlobId blob, std::uint16_t part, const Run& run) {
  auto row = extent(run.extent);
  if (!row) return row.error();
  const std::uint64_t footprint = run_footprint(run.length);
  (*row)->end = std::max((*row)->end, run.offset + footprint);
  (*row)->live += footprint;
  if ((*row)->kind == ExtentKind::Own) (*row)->state = ExtentState::Sealed;
  put(Table::Runs, keys::run(run.extent, run.offset), encode(RunOwner{t, blob, part, run.length}));
  return count_physical(t, static_cast<std::int64_t>(footprint));
}

Result<void> Group::forget_run(const Run& run) {
  const Bytes key = keys::run(run.extent, run.offset);
  auto owner_row = store_.index->get(Table::Runs, key);
  if (!owner_row) return owner_row.error();
  const auto owner = decode_run_owner(*owner_row);
  if (!owner) return owner.error();
  const std::uint64_t footprint = run_footprint(run.length);
  remove(Table::Runs, key);
  auto row = extent(run.extent);
  if (!row) return row.error();
  if ((*row)->kind == ExtentKind::Own) {
    remove_extent(run.extent);
  } else {
    CHECK((*row)->live >= footprint);
    (*row)->live -= footprint;
    (*row)->freed += footprint;
  }
  return count_physical(owner->collectivity, -static_cast<std::int64_t>(footprint));
}

Result<std::uint32_t> Group::count_of(CollectivityId t, BlobId blob) const {
  auto row = store_.index->get(Table::Blobs, keys::blob(t, blob, keys::kCountPart));
  if (row) return decode_count(*row);
  if (row.error() == make_error_code(IndexErrc::NotFound)) return 1u;
  return row.error();
}

Result<void> Group::drop_reference(CollectivityId t, const Object& object) {
  if (object.is_inline()) {
    remove(Table::Inline, keys::inline_payload(t, object.blob));
    return count_physical(t, -static_cast<std::int64_t>(object.size));
  }
  const auto count = count_of(t, object.blob);
  if (!count) return count.error();
  Bytes key = keys::blob(t, object.blob, keys::kCountPart);
  if (*count > 2) {
    put(Table::Blobs, std::move(key), encode_count(*count - 1));
  } else if (*count == 2) {
    remove(Table::Blobs, std::move(key));
  } else {
    CHECK(*count == 1);
    put(Table::Blobs, std::move(key), encode_count(0));
    if (mutant("header_dropped_at_delete")) remove(Table::Blobs, keys::blob(t, object.blob, keys::kHeaderPart));
    gc(GcBlob{t, object.blob});
  }
  return {};
}

Result<void> Group::add_reference(CollectivityId t, BlobId blob) {
  const auto count = count_of(t, blob);
  if (!count) return count.error();
  CHECK(*count >= 1);  // a row that names the blob was just read: it cannot be dying
  put(Table::Blobs, keys::blob(t, blob, keys::kCountPart), encode_count(*count + 1));
  return {};
}

void Group::gc(const GcRow& row) {
  put(Table::Gc, keys::gc(sequence_, gc_rows_++), encode(row));
  store_.gc_wanted = true;
}

Result<void> Group::audit(AuditRecord& record) {
  if (record.ms == 0) record.ms = now_ms_;
  const auto added = store_.audit->add(record);
  if (!added) return added.error();
  audited_ = true;
  return {};
}

Result<void> Group::finish_extents() {
  for (auto& [id, row] : extents_) {
    // Nothing lowers the live bytes of a sealed extent later: at 0 it is doomed here or never.
    if (row && row->state == ExtentState::Sealed && row->live == 0) {
      row->state = ExtentState::Doomed;
      gc(GcExtent{id});
    }
    if (row) put(Table::Meta, keys::extent(id), encode(*row));
    else remove(Table::Meta, keys::extent(id));
  }
  return {};
}

Result<const Batch*> Group::finish() {
  if (auto done = finish_extents(); !done) return done.error();
  if (state_leaves_) {
    for (const CollectivityId t : store_.audit->changed()) {
      auto account = usage(t, BucketId{0});
      if (!account) return account.error();
      const auto leaf = store_.audit->add_state_leaf(t, (*account)->rows, (*account)->digest.bytes(), sequence_, state_.epoch);
      if (!leaf) return leaf.error();
    }
  }
  store_.audit->finish(batch_);
  for (const auto& [account, value] : usages_) put(Table::Meta, keys::usage(account.first, account.second), encode(*value));
  state_.applied = sequence_;
  state_.time_ms = now_ms_;
  state_.next_extent = store_.extents ? std::max(state_.next_extent, store_.extents->next_id()) : state_.next_extent;
  state_.epoch = store_.epoch;
  if (store_.next_blob.load() + kBlobLease / 2 > state_.blob_lease) state_.blob_lease = store_.next_blob.load() + kBlobLease;
  put(Table::Meta, keys::store_row("state"), encode(state_));
  return &batch_;
}

}  // namespace beffroi::storage
