// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/gc.h"

#include <algorithm>
#include <set>

#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

struct SealedRow {
  Bytes key;
  Bytes sealed;
};

// Forgets runs that are freed on disk, and rows with them.
class Forget final : public Change {
 public:
  explicit Forget(CollectivityId t) : t_(t) { background = true; }

  Result<void> claim(Claims& claims) override {
    if (blob != BlobId{0}) claims.blob(t_, blob, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    for (const SealedRow& row : sealed) {
      if (auto done = group.remove_sealed(t_, Table::Blobs, row.key, row.sealed); !done) return done;
    }
    for (const Run& run : runs) {
      if (auto done = group.forget_run(run); !done) return done;
    }
    for (const Bytes& key : blob_rows) group.remove(Table::Blobs, key);
    if (extent) group.remove_extent(*extent);
    if (!gc_row.empty()) group.remove(Table::Gc, gc_row);
    return {};
  }

  BlobId blob{0};
  std::vector<SealedRow> sealed;  // part rows, and the header with the last of them
  std::vector<Run> runs;
  std::vector<Bytes> blob_rows;   // unsealed: the count
  std::optional<ExtentId> extent;
  Bytes gc_row;                   // empty: more is to come

 private:
  const CollectivityId t_;
};

struct PartRow {
  std::uint16_t number;
  SealedRow row;
  Run run;
};

// Part rows of a blob, by number, at most `max` that `wanted` accepts; `more` tells whether some are left.
template <class Wanted>
Result<std::vector<PartRow>> part_rows(const Store& store, CollectivityId t, BlobId blob, Wanted wanted, std::size_t max, bool& more) {
  std::vector<PartRow> rows;
  more = false;
  const Bytes prefix = keys::blob_prefix(t, blob);
  const auto cursor = store.index->cursor(Table::Blobs);
  for (cursor->seek(keys::blob(t, blob, 1)); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    const auto number = load_be<std::uint16_t>(cursor->key().data() + prefix.size());
    if (number == keys::kCountPart) break;
    if (!wanted(number)) continue;
    if (rows.size() == max) {
      more = true;
      break;
    }
    const auto plain = open_row(store, t, Table::Blobs, cursor->key(), cursor->value());
    if (!plain) return plain.error();
    const auto part = decode_part(*plain);
    if (!part) return part.error();
    rows.push_back({number, {Bytes(cursor->key()), Bytes(cursor->value())}, part->bytes.run});
  }
  if (auto status = cursor->status(); !status) return status.error();
  return rows;
}

struct Header {
  bool present = false;
  SealedRow row;
  BlobHeader value;
};

Result<Header> read_header(const Store& store, CollectivityId t, BlobId blob) {
  Header header;
  header.row.key = keys::blob(t, blob, keys::kHeaderPart);
  auto sealed = store.index->get(Table::Blobs, header.row.key);
  if (!sealed) {
    if (sealed.error() == make_error_code(IndexErrc::NotFound)) return header;
    return sealed.error();
  }
  const auto plain = open_row(store, t, Table::Blobs, header.row.key, *sealed);
  if (!plain) return plain.error();
  auto value = decode_blob_header(*plain);
  if (!value) return value.error();
  header.present = true;
  header.row.sealed = std::move(*sealed);
  header.value = std::move(*value);
  return header;
}

}  // namespace

Result<std::size_t> GarbageCollector::run() {
  std::size_t left = 0;
  Bytes from;
  while (!store_.failed) {
    // The table is read again from where it stood: rows go and come while blobs are freed.
    std::vector<std::pair<Bytes, GcRow>> rows;
    const auto cursor = store_.index->cursor(Table::Gc);
    for (cursor->seek(from); cursor->valid() && rows.size() < kGcPartsMax; cursor->next()) {
      auto row = decode_gc_row(cursor->value());
      if (!row) return row.error();
      rows.emplace_back(Bytes(cursor->key()), *row);
    }
    if (auto status = cursor->status(); !status) return status.error();
    if (rows.empty()) return left;
    for (const auto& [key, row] : rows) {
      const auto done = std::visit(
          [&, &k = key](const auto& r) -> Result<Outcome> {
            using R = std::decay_t<decltype(r)>;
            if constexpr (std::is_same_v<R, GcBlob>) return free_blob(k, r);
            else if constexpr (std::is_same_v<R, GcUnchosen>) return free_unchosen(k, r);
            else if constexpr (std::is_same_v<R, GcRun>) return free_run(k, r);
            else return free_extent(k, r);
          },
          row);
      if (!done) return done.error();
      left += *done == Outcome::Pinned;
    }
    from = rows.back().first + '\0';
  }
  return left;
}

// Punches and unlinks, durably. A file or a run that is gone already is no fault: the last life died before step 3.
Result<void> GarbageCollector::release(const std::vector<Run>& runs) {
  std::vector<Run> shared;
  std::vector<ExtentId> own;
  for (const Run& run : runs) {
    const auto row = store_.index->get(Table::Meta, keys::extent(run.extent));
    if (!row) return row.error();
    const auto extent = decode_extent_row(*row);
    if (!extent) return extent.error();
    if (extent->kind == ExtentKind::Own) own.push_back(run.extent);
    else shared.push_back(run);
  }
  if (auto done = store_.extents->punch(shared); !done) return done;
  return store_.extents->unlink(own);
}

Result<GarbageCollector::Outcome> GarbageCollector::free_blob(BytesView gc_key, const GcBlob& g) {
  if (store_.pins.pinned(g.collectivity, g.blob)) return Outcome::Pinned;
  const auto header = read_header(store_, g.collectivity, g.blob);
  if (!header) return header.error();
  bool more = true;
  while (more) {
    auto parts = part_rows(store_, g.collectivity, g.blob, [](std::uint16_t) { return true; }, kGcPartsMax, more);
    if (!parts) return parts.error();
    auto change = std::make_unique<Forget>(g.collectivity);
    change->blob = g.blob;
    for (PartRow& part : *parts) {
      change->runs.push_back(part.run);
      change->sealed.push_back(std::move(part.row));
    }
    if (!more) {
      if (header->present) {
        if (const auto* plain = std::get_if<PartBytes>(&header->value.body)) change->runs.push_back(plain->run);
        change->sealed.push_back(header->row);
      }
      change->blob_rows.push_back(keys::blob(g.collectivity, g.blob, keys::kCountPart));
      change->gc_row = gc_key;
    }
    if (auto freed = release(change->runs); !freed) return freed.error();
    if (auto committed = committer_.commit(std::move(change)); !committed) return committed.error();
  }
  return Outcome::Done;
}

Result<GarbageCollector::Outcome> GarbageCollector::free_unchosen(BytesView gc_key, const GcUnchosen& g) {
  const auto header = read_header(store_, g.collectivity, g.blob);
  if (!header) return header.error();
  const auto count = store_.index->get(Table::Blobs, keys::blob(g.collectivity, g.blob, keys::kCountPart));
  if (!count && count.error() != make_error_code(IndexErrc::NotFound)) return count.error();
  const bool dying = count && decode_count(*count).value() == 0;
  std::set<std::uint16_t> chosen;
  if (header->present && !dying) {
    for (const ChosenPart& part : std::get<std::vector<ChosenPart>>(header->value.body)) chosen.insert(part.number);
  }
  bool more = !chosen.empty();  // without a header, or with a count of 0, the blob's own row frees everything
  do {
    auto change = std::make_unique<Forget>(g.collectivity);
    change->blob = g.blob;
    if (more) {
      auto parts = part_rows(store_, g.collectivity, g.blob, [&](std::uint16_t n) { return !chosen.contains(n); }, kGcPartsMax, more);
      if (!parts) return parts.error();
      for (PartRow& part : *parts) {
        change->runs.push_back(part.run);
        change->sealed.push_back(std::move(part.row));
      }
    }
    if (!more) change->gc_row = gc_key;
    if (auto freed = release(change->runs); !freed) return freed.error();
    if (auto committed = committer_.commit(std::move(change)); !committed) return committed.error();
  } while (more);
  return Outcome::Done;
}

Result<GarbageCollector::Outcome> GarbageCollector::free_run(BytesView gc_key, const GcRun& g) {
  auto change = std::make_unique<Forget>(kGlobal);
  change->runs.push_back(g.run);
  change->gc_row = gc_key;
  if (auto freed = release(change->runs); !freed) return freed.error();
  if (auto committed = committer_.commit(std::move(change)); !committed) return committed.error();
  return Outcome::Done;
}

Result<GarbageCollector::Outcome> GarbageCollector::free_extent(BytesView gc_key, const GcExtent& g) {
  if (auto freed = store_.extents->unlink({g.extent}); !freed) return freed.error();
  auto change = std::make_unique<Forget>(kGlobal);
  change->extent = g.extent;
  change->gc_row = gc_key;
  if (auto committed = committer_.commit(std::move(change)); !committed) return committed.error();
  return Outcome::Done;
}

}  // namespace beffroi::storage
