// SPDX-License-Identifier: EUPL-1.2
// The high-water mark: two alternating, signed 4 KiB slots that say how far the store had come (docs/formats.md). Written each
// second, at a clean stop, and before a flush makes an SST, always with the last *published* sequence. Compared at start: a
// store older than its mark is closed. Thread-safe.
//
//   slot, 4 096 bytes, at 0 and 4 096; little-endian
//      0  "BFHW"             29  tree root 32
//      4  version u8         61  clean u8, 0 or 1
//      5  sequence u64       62  store uuid 16
//     13  epoch u64          78  Ed25519 signature 64 of bytes 0-77
//     21  tree size u64     142  zeros
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"
#include "storage/ids.h"
#include "storage/io/files.h"

namespace beffroi::storage {

struct Mark {
  Sequence sequence{0};
  std::uint64_t epoch = 0;
  std::uint64_t tree_size = 0;  // of the global audit tree
  Bytes tree_root = Bytes(32, '\0');
  bool clean = false;           // written by a clean stop

  friend bool operator==(const Mark&, const Mark&) = default;
};

class HighWater {
 public:
  // `path` = .../state/high_water or the keyring's medium.
  HighWater(Files&, std::string path, Bytes store_uuid, const crypto::CheckpointSeed&);
  ~HighWater();
  // The newer of the authentic slots; nullopt when the file is missing or no slot authenticates.
  Result<std::optional<Mark>> read();
  // Replaces the older slot, synced. Creates the file (synced, with its directory) at first. A mark that is not newer than the
  // last one (by epoch, then sequence, tree size, clean) is ignored. After an error every later write answers Io.
  Result<void> write(const Mark&);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
