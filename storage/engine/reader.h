// SPDX-License-Identifier: EUPL-1.2
// ObjectReader: one version of an object, pinned so that its bytes stay while it lives. Movable; one thread at a time, any
// thread. Every byte it gives was authenticated, and so was the size (the last chunk is opened before the first byte is given).
// A chunk that does not authenticate is EngineErrc::Damaged, for ever.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/chunk_open.h"
#include "crypto/customer_cipher.h"
#include "storage/engine/blob.h"
#include "storage/engine/object.h"
#include "storage/extent/pins.h"
#include "storage/index/index.h"

namespace beffroi::storage {

struct Store;

class ObjectReader {
 public:
  ObjectReader(ObjectReader&&) noexcept = default;
  ObjectReader& operator=(ObjectReader&&) noexcept = default;

  const Object& object() const { return object_; }
  // Plaintext bytes [begin, end) of one part of a completed upload.
  struct PartPlace {
    std::uint64_t begin = 0, end = 0;
  };
  // The parts, in order; none for an object that was put whole. For a reader that was opened with its body. WouldBlock as start().
  Result<std::vector<PartPlace>> parts(Tier);
  // What is kept of the part at that place of parts().
  Result<Checksum> part_checksum(std::size_t at, Tier);
  // Before start(), for an object that a customer's key reads: WrongCustomerKey when this is another.
  Result<void> unlock(const crypto::CustomerKey&);
  // Chooses the plaintext bytes [begin, end) to give (end <= size) and authenticates the size. WouldBlock with CacheOnly: call
  // again with Disk. WrongCustomerKey: the object is locked.
  Result<void> start(std::uint64_t begin, std::uint64_t end, Tier);
  // The next bytes, at most a chunk; valid until the next call. Empty at the end. WouldBlock: nothing moved, call again.
  Result<BytesView> next(Tier);

 private:
  friend class Engine;
  struct Segment {  // a part of the body
    std::uint16_t part = 0;
    std::uint64_t begin = 0, end = 0;  // of its plaintext in the object
  };
  ObjectReader(Store& store, CollectivityId t, Object object) : store_(&store), collectivity_(t), object_(std::move(object)) {}
  Result<void> load_parts(Tier);
  Result<void> enter(std::size_t segment, Tier);
  void take(std::size_t segment, PartBytes);
  Result<void> fill(std::uint64_t first_chunk, std::uint64_t count, Tier);
  Result<void> read(std::uint64_t offset_in_run, MutableBytes out, Tier);
  Result<BytesView> next_inline();

  Store* store_;
  CollectivityId collectivity_;
  Object object_;
  Pin pin_;
  Bytes inline_payload_;           // sealed, then opened in place
  std::vector<Segment> segments_;  // of an extent body
  bool loaded_ = false;
  bool authentic_ = false;  // the last chunk of what opener_ opens was opened
  std::uint64_t position_ = 0, end_ = 0;
  std::size_t current_ = SIZE_MAX;  // segment that bytes_ and opener_ are of
  PartBytes bytes_;
  std::unique_ptr<crypto::ChunkOpener> opener_;
  std::optional<crypto::CustomerKey> customer_key_;
  std::optional<crypto::CustomerCipher> customer_;  // of bytes_
  Bytes buffer_;                             // sealed chunks
  std::uint64_t buffer_first_ = 0, buffer_count_ = 0;  // chunk numbers of the current segment in buffer_
};

}  // namespace beffroi::storage
