// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/space_guard.h"

#include <algorithm>
#include <chrono>

namespace beffroi::storage {
namespace {

constexpr std::uint64_t kRoomBytes = 16 << 20;  // less is no room for a table's file
constexpr std::chrono::milliseconds kRoomWait{100};
constexpr std::uint64_t kBallastShare = 8;     // of the file system, at most one part in so many
constexpr std::uint64_t kGiveBackShare = 8;    // less room than this part of the ballast: it is given back
constexpr std::uint64_t kTakeAgainTimes = 2;   // more room than so many ballasts: it is taken again
constexpr std::uint64_t kBallastBytesMin = 1u << 20;

// Bytes that stay free at a watermark.
std::uint64_t left_at(const Space& space, unsigned percent) { return space.total / 100 * (100 - std::min(percent, 100u)); }

bool above(const Space& space, unsigned percent, bool now) {
  return space.available <= left_at(space, now && percent > 0 ? percent - 1 : percent);
}

}  // namespace

std::string_view space_state_name(SpaceState state) {
  switch (state) {
    case SpaceState::Normal: return "normal";
    case SpaceState::Warn: return "warn";
    case SpaceState::Refuse: return "refuse";
  }
  return "unknown";
}

SpaceGuard::SpaceGuard(Files& files, SpaceOptions options) : files_(files), options_(std::move(options)) {}

Result<void> SpaceGuard::start() {
  auto state = state_.lock();
  const auto data = files_.space(options_.data_dir);
  if (!data) return data.error();
  state->file_systems = {{"data", options_.data_dir, *data, SpaceState::Normal}};
  const auto keyring = files_.space(options_.keyring_dir);
  if (!keyring) return keyring.error();
  if (keyring->device != data->device) state->file_systems.push_back({"keyring", options_.keyring_dir, *keyring, SpaceState::Normal});
  state->ballast = std::min(options_.ballast_bytes, data->total / kBallastShare);
  if (state->ballast >= kBallastBytesMin) {
    const auto file = files_.open(ballast_path());
    const auto size = file ? (*file)->size() : Result<std::uint64_t>(std::uint64_t{0});
    state->held = size && *size >= state->ballast;
    if (file && !state->held) (void)files_.unlink(ballast_path());  // half made, or of another size
    // A start writes a log file and flushes the tables before it can free the log of before.
    if (state->held && data->available < state->ballast) (void)give_back(*state);
  } else {
    state->ballast = 0;
  }
  state.unlock();
  measure_now();
  return {};
}

void SpaceGuard::measure(State& state, std::vector<FileSystemState>& changed) {
  for (FileSystemState& system : state.file_systems) {
    const auto space = files_.space(system.directory);
    if (!space) continue;  // what was last known stands
    const bool is_data = system.use == "data";
    const std::uint64_t owed = is_data && !state.held ? state.ballast : 0;
    system.space = *space;
    system.space.available = space->available > owed ? space->available - owed : 0;
    SpaceState now = SpaceState::Normal;
    if (above(system.space, options_.refuse_percent, system.state == SpaceState::Refuse)) now = SpaceState::Refuse;
    else if (above(system.space, options_.warn_percent, system.state != SpaceState::Normal)) now = SpaceState::Warn;
    if (is_data) {
      refuse_data_ = now == SpaceState::Refuse;
      room_ = static_cast<std::int64_t>(system.space.available) - static_cast<std::int64_t>(left_at(system.space, options_.refuse_percent));
    }
    if (system.state == now) continue;
    system.state = now;
    changed.push_back(system);
  }
  refuse_keys_ = std::any_of(state.file_systems.begin(), state.file_systems.end(),
                             [](const FileSystemState& s) { return s.state == SpaceState::Refuse; });
}

void SpaceGuard::measure_now() {
  std::vector<FileSystemState> changed;
  measure(*state_.lock(), changed);
  for (const FileSystemState& system : changed) {
    if (options_.on_change) options_.on_change(system);
  }
}

void SpaceGuard::look() {
  {
    auto state = state_.lock();
    const auto space = files_.space(options_.data_dir);
    if (space && state->held && space->available < state->ballast / kGiveBackShare) (void)give_back(*state);
    else if (space && !state->held && state->ballast != 0 && space->available > kTakeAgainTimes * state->ballast) take(*state);
  }
  measure_now();
}

bool SpaceGuard::room_for(std::uint64_t bytes) {
  const auto wanted = static_cast<std::int64_t>(bytes);
  if (refuse_data_) return false;
  if (room_.fetch_sub(wanted) >= wanted) return true;
  measure_now();  // reservations may have ended, or objects gone
  if (refuse_data_) return false;
  return room_.fetch_sub(wanted) >= wanted;
}

bool SpaceGuard::make_room() {
  auto state = state_.lock();
  return state->held && give_back(*state);
}

bool SpaceGuard::wait_for_room(unsigned attempt) {
  if (make_room()) return true;
  const auto space = files_.space(options_.data_dir);
  if (!space) return false;
  if (space->available >= kRoomBytes) return attempt == 0;  // another writer may have been helped meanwhile
  auto ended = ended_.lock();
  if (!ended.wait_for(end_, kRoomWait, [&] { return *ended; })) return true;
  gave_up_ = true;
  return false;
}

void SpaceGuard::end() {
  *ended_.lock() = true;
  end_.notify_all();
}

// The directory's sync also makes the file system end the transaction that frees the blocks.
bool SpaceGuard::give_back(State& state) {
  if (!files_.unlink(ballast_path())) return false;
  state.held = false;
  (void)files_.sync_dir(options_.data_dir);
  return true;
}

// No room after all: tried again when there is.
void SpaceGuard::take(State& state) {
  const auto file = files_.create(ballast_path());
  if (!file) return;
  const auto taken = (*file)->allocate(state.ballast);
  state.held = taken && (*file)->sync();
  if (!state.held) (void)files_.unlink(ballast_path());
}

std::vector<FileSystemState> SpaceGuard::file_systems() const { return state_.lock()->file_systems; }

}  // namespace beffroi::storage
