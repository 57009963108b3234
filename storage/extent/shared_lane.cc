// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/shared_lane.h"

#include <algorithm>

#include "crypto/check.h"

namespace beffroi::storage {

Result<ExtentId> ExtentIds::commit(ExtentKind kind) {
  ExtentId id;
  {
    auto counter = next_.lock();
    id = *counter;
    *counter = next(id);
  }
  CHECK(raw(id) != 0);  // wrapped: an id would be used twice
  if (auto committed = rows_.commit_row(id, kind); !committed) return committed.error();
  return id;
}

SharedLane::~SharedLane() {
  auto state = state_.lock();
  if (state->current) (void)give_back_tail(*state->current);
}

Result<SharedLane::Place> SharedLane::reserve(std::uint64_t bytes, bool may_wait) {
  const std::uint64_t room = run_footprint(bytes);
  CHECK(room <= shared_bytes_ - kExtentHeaderBytes);
  auto state = state_.lock();
  for (;;) {
    OpenExtent* current = state->current.get();
    if (current && current->end + room <= current->allocated) {
      Place place{state->current, current->end};
      current->end += room;
      ++current->in_flight;
      return place;
    }
    if (current && !state->busy && current->end + room > shared_bytes_) {
      current->full = true;
      if (current->in_flight == 0) state->sealable.push_back(state->current);
      state->current = nullptr;
    }
    if (!may_wait) return IoErrc::WouldBlock;
    if (state->busy) {
      state.wait(ready_, [&] { return !state->busy; });
      continue;
    }
    state->busy = true;
    auto extent = state->current;
    const std::uint64_t needed_end = (extent ? extent->end : kExtentHeaderBytes) + room;
    state.unlock();
    auto made = extent ? extend(*extent, needed_end) : open_next(needed_end);
    state = state_.lock();
    state->busy = false;
    ready_.notify_all();
    if (!made) return made.error();
  }
}

// As far ahead as the step says, within the extent.
std::uint64_t SharedLane::allocation(std::uint64_t allocated, std::uint64_t needed_end) const {
  return std::min(shared_bytes_, std::max(allocated + kAllocateStepBytes, needed_end));
}

Result<void> SharedLane::extend(OpenExtent& extent, std::uint64_t needed_end) {
  // Only the thread that made the lane busy changes `allocated`, so it may read it without the lock.
  auto allocated = allocate_ahead(*extent.file, allocation(extent.allocated, needed_end), needed_end);
  if (!allocated) return allocated.error();
  auto state = state_.lock();
  extent.allocated = *allocated;
  return {};
}

Result<void> SharedLane::open_next(std::uint64_t needed_end) {
  auto id = state_.lock()->without_file;
  if (!id) {
    auto fresh = ids_.commit(kind_);
    if (!fresh) return fresh.error();
    id = *fresh;
    state_.lock()->without_file = id;
  }
  auto created = files_.create(*id, kind_, allocation(kExtentHeaderBytes, needed_end), needed_end);
  if (!created) return created.error();
  auto extent = std::make_shared<OpenExtent>(OpenExtent{*id, kind_, std::move(created->file)});
  extent->allocated = created->allocated;
  auto state = state_.lock();
  state->current = std::move(extent);
  state->without_file.reset();
  return {};
}

void SharedLane::settle(const std::shared_ptr<OpenExtent>& extent) {
  auto state = state_.lock();
  CHECK(extent->in_flight > 0);
  if (--extent->in_flight == 0 && extent->full) state->sealable.push_back(extent);
}

Result<void> SharedLane::take_sealable(std::vector<ExtentStore::Full>& out) {
  std::vector<std::shared_ptr<OpenExtent>> sealable;
  state_.lock()->sealable.swap(sealable);
  // No one else knows these extents as writable any more. All published data is durable already; this makes
  // the punches of aborted runs so, lest a power cut bring bytes back in a sealed extent.
  for (auto& extent : sealable) {
    if (auto given = give_back_tail(*extent); !given) return given;
    if (auto synced = extent->file->sync(); !synced) return synced;
    files_.release(extent->id);
    out.push_back({extent->id, extent->end});
  }
  return {};
}

// NoSpace (a punch may need a block of its own) leaves the blocks where they are: a waste, not a damage.
Result<void> SharedLane::give_back_tail(OpenExtent& extent) {
  if (extent.allocated == extent.end) return {};
  auto punched = (*extent.file)->punch(extent.end, extent.allocated - extent.end);
  if (!punched && punched.error() != IoErrc::NoSpace) return punched;
  return {};
}

}  // namespace beffroi::storage
