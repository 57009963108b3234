// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/extent_store.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "crypto/check.h"
#include "storage/extent/extent_files.h"
#include "storage/extent/shared_lane.h"
#include "storage/extent/sync_lane.h"
#include "storage/io/guarded.h"
#include "storage/mutants.h"

namespace beffroi::storage {

// The members stand in the order in which they use one another, so that the sync threads, which come last,
// end first.
struct ExtentStore::Impl {
  Impl(Files& door, ExtentOptions o, ExtentRows& rows)
      : options(std::move(o)),
        files(door, options.directory, options.open_files_max),
        ids(rows),
        small(ExtentKind::Small, options.shared_bytes, files, ids),
        large(ExtentKind::Large, options.shared_bytes, files, ids) {}

  // A run that no shared extent could hold (only where they are made small) has a file of its own as well.
  ExtentKind kind_of(std::uint64_t bytes) const {
    return run_footprint(bytes) > options.shared_bytes - kExtentHeaderBytes ? ExtentKind::Own
                                                                            : lane_of(bytes);
  }
  SharedLane& lane(ExtentKind kind) { return kind == ExtentKind::Small ? small : large; }
  SyncLane& sync_lane(ExtentKind kind) {
    return kind == ExtentKind::Small ? sync_small : kind == ExtentKind::Large ? sync_large : sync_own;
  }
  Result<SharedLane::Place> open_own(std::uint64_t bytes);
  Result<void> punch(ExtentId, std::span<const Run>);
  void end(const std::shared_ptr<OpenExtent>&, const Run&, bool published);
  void append_after_restart(const std::vector<DirectoryEntry>&);

  const ExtentOptions options;
  ExtentFiles files;
  ExtentIds ids;
  SharedLane small;
  SharedLane large;
  Guarded<std::vector<ExtentId>> broken_own;
  Guarded<error_code> failed_abort;  // of a punch: the device failed, and no caller was there to hear it
  SyncLane sync_small;
  SyncLane sync_large;
  SyncLane sync_own;
};

// 1 the row, durable      a crash here: a `writing` row without a file; the start drops it
// 2 file, header, blocks, fdatasync, sync_dir      a crash here: the start unlinks the file of a `writing`
// row
Result<SharedLane::Place> ExtentStore::Impl::open_own(std::uint64_t bytes) {
  auto id = ids.commit(ExtentKind::Own);
  if (!id) return id.error();
  const std::uint64_t end = kExtentHeaderBytes + run_footprint(bytes);
  auto created = files.create(*id, ExtentKind::Own, end, end);
  if (!created) {
    broken_own.lock()->push_back(*id);  // its row is there
    return created.error();
  }
  auto extent = std::make_shared<OpenExtent>(OpenExtent{*id, ExtentKind::Own, std::move(created->file)});
  extent->end = extent->allocated = end;
  return SharedLane::Place{std::move(extent), kExtentHeaderBytes};
}

// Frees the blocks of runs of one extent, with one fdatasync.
Result<void> ExtentStore::Impl::punch(ExtentId id, std::span<const Run> runs) {
  auto file = files.open(id);
  if (!file) return file.error();
  for (const Run& run : runs)
    if (auto punched = (**file)->punch(run.offset, run_footprint(run.length)); !punched) return punched;
  if (mutant("punch_not_synced")) return {};
  return (*file)->sync();
}

// Ends a reservation. The bump pointer stays: bytes once written are never written again.
void ExtentStore::Impl::end(const std::shared_ptr<OpenExtent>& extent, const Run& run, bool published) {
  if (extent->kind == ExtentKind::Own) {
    files.release(extent->id);
    if (!published) broken_own.lock()->push_back(extent->id);
    return;
  }
  if (!published) {
    // Before settle(), so that the fdatasync before the seal comes after it. Without space for the punch the
    // blocks stay: the seal counts them as abandoned either way.
    auto punched = (*extent->file)->punch(run.offset, run_footprint(run.length));
    if (!punched && punched.error() != IoErrc::NoSpace) *failed_abort.lock() = punched.error();
  }
  lane(extent->kind).settle(extent);
}

ExtentStore::ExtentStore(Files& files, ExtentOptions options, ExtentRows& rows)
    : impl_(std::make_unique<Impl>(files, std::move(options), rows)) {}

ExtentStore::~ExtentStore() = default;

Result<void> ExtentStore::start(ExtentId first_free) {
  auto entries = impl_->files.start();
  if (!entries) return entries.error();
  // No file that is there is ever opened for appending: what an earlier process wrote after its last frame is
  // unknown.
  ExtentId first = first_free;
  for (const DirectoryEntry& entry : *entries)
    if (auto id = parse_extent_name(entry.name)) first = std::max(first, next(*id));
  impl_->ids.start(first);
  if (mutant("append_after_restart")) impl_->append_after_restart(*entries);
  return {};
}

// The defect: goes on at the end of the newest shared extent, whatever may be known of it elsewhere.
void ExtentStore::Impl::append_after_restart(const std::vector<DirectoryEntry>& entries) {
  std::shared_ptr<OpenExtent> newest;
  for (const DirectoryEntry& entry : entries) {
    auto id = parse_extent_name(entry.name);
    if (!id || (newest && *id < newest->id)) continue;
    auto file = files.open(*id);
    Bytes header(kExtentHeaderBytes, '\0');
    if (!file || !(**file)->read(0, header)) continue;
    const auto kind = static_cast<ExtentKind>(header[5]);
    if (kind != ExtentKind::Small && kind != ExtentKind::Large) continue;
    const std::uint64_t end = run_footprint(entry.size);
    newest = std::make_shared<OpenExtent>(OpenExtent{*id, kind, *file, end, end});
  }
  if (newest) lane(newest->kind).append_to(newest);
}

Result<Reservation> ExtentStore::reserve(std::uint64_t bytes, bool may_wait) {
  CHECK(bytes > 0);
  const ExtentKind kind = impl_->kind_of(bytes);
  if (kind == ExtentKind::Own && !may_wait) return IoErrc::WouldBlock;
  auto place = kind == ExtentKind::Own ? impl_->open_own(bytes) : impl_->lane(kind).reserve(bytes, may_wait);
  if (!place) return place.error();
  Reservation reservation;
  reservation.store_ = this;
  reservation.run_ = Run{place->extent->id, place->offset, bytes};
  reservation.extent_ = std::move(place->extent);
  return reservation;
}

Result<void> ExtentStore::read(const Run& run, std::uint64_t offset_in_run, MutableBytes out) {
  CHECK(offset_in_run <= run.length && out.size() <= run.length - offset_in_run);
  auto file = impl_->files.open(run.extent);
  if (!file) return file.error();
  auto count = (**file)->read(run.offset + offset_in_run, out);
  if (!count) return count.error();
  if (*count != out.size()) return IoErrc::Io;  // the file ends inside a committed run: bytes were lost
  return {};
}

Result<void> ExtentStore::read_cached(const Run& run, std::uint64_t offset_in_run, MutableBytes out) {
  CHECK(offset_in_run <= run.length && out.size() <= run.length - offset_in_run);
  auto file = impl_->files.find(run.extent);
  if (!file) return IoErrc::WouldBlock;  // opening may wait for the directory
  auto count = (*file)->read_cached(run.offset + offset_in_run, out);
  if (!count) return count.error();
  if (*count != out.size()) return IoErrc::Io;
  return {};
}

Result<void> ExtentStore::punch(const std::vector<Run>& runs) {
  std::vector<Run> sorted = runs;
  std::sort(sorted.begin(), sorted.end(), [](const Run& a, const Run& b) {
    return std::pair(a.extent, a.offset) < std::pair(b.extent, b.offset);
  });
  for (auto first = sorted.begin(); first != sorted.end();) {
    auto last = std::find_if(first, sorted.end(), [&](const Run& r) { return r.extent != first->extent; });
    auto punched = impl_->punch(first->extent, {first, last});
    if (!punched && punched.error() != IoErrc::NotFound) return punched;
    first = last;
  }
  return {};
}

Result<void> ExtentStore::unlink(const std::vector<ExtentId>& ids) {
  return impl_->files.unlink(ids);
}

Result<std::vector<ExtentStore::Full>> ExtentStore::take_sealable() {
  if (auto failed = *impl_->failed_abort.lock()) return failed;
  std::vector<Full> full;
  for (SharedLane* lane : {&impl_->small, &impl_->large})
    if (auto taken = lane->take_sealable(full); !taken) return taken.error();
  return full;
}

std::vector<ExtentId> ExtentStore::take_broken_own() {
  return std::exchange(*impl_->broken_own.lock(), {});
}

Result<std::uint64_t> ExtentStore::file_bytes(ExtentId id) {
  auto file = impl_->files.open(id);
  if (!file) return file.error();
  return (**file)->size();
}

Result<std::vector<DirectoryEntry>> ExtentStore::list_files() const {
  return impl_->files.list();
}

ExtentId ExtentStore::next_id() const {
  return impl_->ids.next_id();
}

Reservation::Reservation(Reservation&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      run_(other.run_),
      written_(other.written_),
      extent_(std::move(other.extent_)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  Reservation moved(std::move(other));
  std::swap(store_, moved.store_);
  std::swap(run_, moved.run_);
  std::swap(written_, moved.written_);
  std::swap(extent_, moved.extent_);
  return *this;
}

Reservation::~Reservation() {
  if (store_) store_->impl_->end(extent_, run_, false);
}

ExtentKind Reservation::kind() const {
  CHECK(store_);
  return extent_->kind;
}

Result<void> Reservation::write(BytesView sealed) {
  CHECK(store_ && sealed.size() <= run_.length - written_);
  auto wrote = (*extent_->file)->write(run_.offset + written_, sealed);
  if (wrote) written_ += sealed.size();
  return wrote;
}

void Reservation::shrink(std::uint64_t bytes) {
  CHECK(store_ && bytes > 0 && bytes <= run_.length && written_ <= bytes);
  run_.length = bytes;
}

void Reservation::sync(SyncWaiter& waiter) {
  CHECK(store_);
  store_->impl_->sync_lane(extent_->kind).enqueue(extent_->file, waiter);
}

void Reservation::published() {
  CHECK(store_);
  std::exchange(store_, nullptr)->impl_->end(extent_, run_, true);
  extent_.reset();
}

}  // namespace beffroi::storage
