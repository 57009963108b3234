// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/pins.h"

#include "crypto/check.h"
#include "storage/mutants.h"

namespace beffroi::storage {

Pin::~Pin() {
  if (table_) table_->unpin(owner_, blob_);
}

// Blob ids are consecutive: a multiplication spreads them over the bits that choose the shard (above 32) and
// the bucket.
std::size_t PinTable::Hash::operator()(const Key& key) const {
  const std::uint64_t mixed = raw(key.blob) ^ (std::uint64_t{raw(key.owner)} << 32);
  return (mixed + 1) * 0x9E3779B97F4A7C15ull;
}

Pin PinTable::pin(CollectivityId owner, BlobId blob) {
  const Key key{owner, blob};
  ++(*shards_[shard(key)].lock())[key];
  return Pin(*this, owner, blob);
}

bool PinTable::pinned(CollectivityId owner, BlobId blob) const {
  if (mutant("ignore_pins")) return false;
  const Key key{owner, blob};
  return shards_[shard(key)].lock()->contains(key);
}

void PinTable::unpin(CollectivityId owner, BlobId blob) {
  const Key key{owner, blob};
  auto counts = shards_[shard(key)].lock();
  auto found = counts->find(key);
  CHECK(found != counts->end());
  if (--found->second == 0) counts->erase(found);
}

}  // namespace beffroi::storage
