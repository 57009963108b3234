// SPDX-License-Identifier: EUPL-1.2
// Room on the file systems of a store: the watermarks above which writes are refused, and a ballast, a file of allocated blocks
// in the data directory that is given back when somebody filled the disk, so that what a removal needs (a log file, a flush of
// the tables) still finds room.
//
// Room is counted without what the ballast still has to take back, so giving it back opens no watermark. A state is left one
// per cent below the mark at which it was entered. Thread-safe; no call but wait_for_room() waits for anything but
// a file system.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.h"
#include "storage/io/files.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

enum class SpaceState : std::uint8_t { Normal, Warn, Refuse };
std::string_view space_state_name(SpaceState);  // "normal", "warn", "refuse"

struct FileSystemState {
  std::string use;        // "data", or "keyring" when that is another file system
  std::string directory;
  Space space;            // `available` as above: without the ballast
  SpaceState state = SpaceState::Normal;
};

struct SpaceOptions {
  std::string data_dir, keyring_dir;
  unsigned warn_percent = 85, refuse_percent = 95;  // of a file system in use
  std::uint64_t ballast_bytes = 0;                  // at most this, and an eighth of the file system; 0: none
  std::function<void(const FileSystemState&)> on_change;
};

class SpaceGuard {
 public:
  SpaceGuard(Files&, SpaceOptions);

  // Before anything is written: finds the ballast, and gives it back when a start could need it.
  Result<void> start();
  // Once a second: measures, and gives the ballast back or takes it again.
  void look();
  // Whether a body of `bytes` may still come. What was allowed since the last measure counts as used.
  bool room_for(std::uint64_t bytes);
  // No new keys either: the file system of the keyring is as full as that.
  bool room_for_keys() const { return !refuse_keys_; }
  // Gives the ballast back at once. False: it had been given back before.
  bool make_room();
  // For a writer that can wait and found no room, `attempt` times before: true to try again, after the ballast was given back or,
  // on a disk that is full, a tenth of a second later. False: there is room and the write failed all the same, or end() was called.
  bool wait_for_room(unsigned attempt);
  // Nothing waits any more. gave_up(): a writer went without room because of that; what it had to write stays in the log.
  void end();
  bool gave_up() const { return gave_up_; }

  std::vector<FileSystemState> file_systems() const;

 private:
  struct State {
    std::vector<FileSystemState> file_systems;  // data first
    std::uint64_t ballast = 0;                  // its size when it is there
    bool held = false;
  };
  void measure(State&, std::vector<FileSystemState>& changed);
  void measure_now();
  bool give_back(State&);
  void take(State&);
  std::string ballast_path() const { return options_.data_dir + "/ballast"; }

  Files& files_;
  const SpaceOptions options_;
  Guarded<State> state_;
  std::atomic<bool> refuse_data_{false}, refuse_keys_{false};
  std::atomic<bool> gave_up_{false};
  Guarded<bool> ended_{false};
  std::condition_variable end_;
  std::atomic<std::int64_t> room_{0};  // bytes up to the mark of refusal, as of the last measure and less what was allowed since
};

}  // namespace beffroi::storage
