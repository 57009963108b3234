// SPDX-License-Identifier: EUPL-1.2
// Pins: how a reader keeps the bytes of a blob from being freed, without telling the committer. The protocol
// has two sides:
//
//   reader   1 read the object's row, which names the blob     2 pin the blob     3 read the row again: if it
//   no longer names
//            this blob, drop the pin and start over            4 read; drop the pin
//   gc       1 the delete of the last reference was published  2 pinned()? skip it and try again later     3
//   free
//
// Either the pin was there when gc looked, or it came later; then step 3 of the reader comes after the
// publication and sees the delete. So gc never frees what a reader reads, and a reader never waits. gc looks
// only after the publication. Thread-safe. A pin lives in memory and may be held for the length of a
// download.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "storage/ids.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class PinTable;

// Movable; its destructor unpins. The table outlives it.
class Pin {
 public:
  Pin() = default;
  Pin(Pin&& other) noexcept
      : table_(std::exchange(other.table_, nullptr)), owner_(other.owner_), blob_(other.blob_) {}
  Pin& operator=(Pin&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(owner_, other.owner_);
    std::swap(blob_, other.blob_);
    return *this;
  }
  ~Pin();
  explicit operator bool() const { return table_ != nullptr; }

 private:
  friend class PinTable;
  Pin(PinTable& table, CollectivityId owner, BlobId blob) : table_(&table), owner_(owner), blob_(blob) {}
  PinTable* table_ = nullptr;
  CollectivityId owner_{0};
  BlobId blob_{0};
};

class PinTable {
 public:
  [[nodiscard]] Pin pin(CollectivityId, BlobId);
  bool pinned(CollectivityId, BlobId) const;

 private:
  friend class Pin;
  struct Key {
    CollectivityId owner;
    BlobId blob;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key&) const;
  };
  using Counts = std::unordered_map<Key, std::uint32_t, Hash>;  // no entry = no pin

  static constexpr std::size_t kShards = 16;  // enough for two dozen threads that hold one for some 50 ns
  static std::size_t shard(const Key& key) { return Hash()(key) >> 32 & (kShards - 1); }
  void unpin(CollectivityId, BlobId);

  std::array<Guarded<Counts>, kShards> shards_;
};

}  // namespace beffroi::storage
