// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/put_session.h"

#include "crypto/check.h"
#include "storage/engine/engine.h"
#include "storage/engine/part_change.h"
#include "storage/engine/put_change.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kWriteBytes = 256 * 1024;  // ciphertext gathered before one pwrite

// Why there is no room for a body. Lack of space is the request's trouble, a device that fails is everyone's.
error_code no_room(Store& store, const error_code& e) {
  if (e == make_error_code(IoErrc::NoSpace)) return EngineErrc::NoSpace;
  if (e == make_error_code(IoErrc::WouldBlock) || e.category() == engine_category()) return e;
  store.fail("an extent cannot be made: " + e.message());
  return EngineErrc::Stopped;
}

}  // namespace

InlineMemory::InlineMemory(Store& store, std::uint64_t bytes) : store_(&store), bytes_(bytes) { store.inline_bytes += bytes; }
InlineMemory::InlineMemory(InlineMemory&& other) noexcept : store_(std::exchange(other.store_, nullptr)), bytes_(other.bytes_) {}
InlineMemory& InlineMemory::operator=(InlineMemory&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(bytes_, other.bytes_);
  return *this;
}
InlineMemory::~InlineMemory() {
  if (store_) store_->inline_bytes -= bytes_;
}

PutSession::PutSession(Store& store, CollectivityId t, BucketId b, BlobId blob, std::uint16_t part, std::uint64_t size)
    : store_(&store),
      collectivity_(t),
      bucket_(b),
      blob_(blob),
      part_(part),
      size_(size),
      key_(crypto::random_key<crypto::ObjectKey>()),
      sealer_(key_, {raw(t), raw(blob), part}, size) {}

void PutSession::encrypt_for(const crypto::CustomerKey& key) {
  CHECK(written_ == 0);
  customer_.emplace(key, key_);
  customer_check_ = crypto::customer_check(key);
}

Result<void> PutSession::write(BytesView plain) {
  if (plain.size() > size_ - written_) return EngineErrc::EntityTooLarge;
  if (!customer_) return seal(plain);
  Bytes layered(plain);
  customer_->apply(written_, layered);
  return seal(layered);
}

Result<void> PutSession::seal(BytesView plain) {
  while (!plain.empty()) {
    const bool to_the_end = written_ + plain.size() == size_;
    if (pending_.empty() && (to_the_end || plain.size() >= crypto::kChunkBytes)) {
      std::size_t direct = std::min<std::size_t>(plain.size(), kWriteBytes);
      if (direct < plain.size() || !to_the_end) direct -= direct % crypto::kChunkBytes;
      sealer_.seal(plain.substr(0, direct), sealed_);
      written_ += direct;
      plain.remove_prefix(direct);
    } else {
      const std::size_t taken = std::min<std::size_t>(plain.size(), crypto::kChunkBytes - pending_.size());
      pending_.append(plain.substr(0, taken));
      written_ += taken;
      plain.remove_prefix(taken);
      if (pending_.size() < crypto::kChunkBytes && written_ < size_) break;
      sealer_.seal(pending_, sealed_);
      pending_.clear();
    }
    if (auto done = flush(false); !done) return done;
  }
  return {};
}

void PutSession::shrink(std::uint64_t size) {
  CHECK(size <= size_ && (written_ < size || (size == 0 && written_ == 0)));
  const std::uint64_t sealed = written_ - pending_.size();
  sealer_.shrink(size - sealed);
  if (reservation_) reservation_.shrink(crypto::sealed_bytes(size));
  size_ = size;
}

Result<void> PutSession::flush(bool last) {
  if (!reservation_ || sealed_.empty() || (!last && sealed_.size() < kWriteBytes)) return {};
  auto written = reservation_.write(sealed_);
  if (!written && written.error() == make_error_code(IoErrc::NoSpace)) return EngineErrc::NoSpace;
  sealed_.clear();
  return written;
}

PartBytes PutSession::take_bytes() { return {std::move(key_), size_, reservation_.run()}; }

Result<Prepared> PutSession::finish(Bytes key, BodyDigests digests, ObjectFields fields, Conditions conditions, Actor actor,
                                    AuditRecord audit) {
  CHECK(written_ == size_);
  if (size_ == 0) sealer_.seal({}, sealed_);
  if (auto done = flush(true); !done) return done.error();
  CHECK(sealer_.finished());
  auto change = std::make_unique<PutChange>(*store_, collectivity_, bucket_, std::move(key));
  change->object.size = size_;
  change->object.etag = to_hex(digests.md5);
  change->object.checksum = std::move(digests.checksum);
  static_cast<ObjectFields&>(change->object) = std::move(fields);
  change->object.customer_check = std::move(customer_check_);
  change->object.blob = blob_;
  if (reservation_) {
    change->bytes = take_bytes();
    change->reservation = std::move(reservation_);
  } else {
    change->object.inline_key = std::move(key_);
    change->inline_payload = static_cast<char>(kInlineVersion) + std::move(sealed_);
    change->memory = std::move(memory_);
  }
  change->quota = std::move(quota_);
  change->conditions = std::move(conditions);
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return Prepared(std::move(change));
}

Result<Prepared> PutSession::finish_part(BucketId bucket, Bytes key, Bytes upload_id, BodyDigests digests, Actor actor,
                                         AuditRecord audit) {
  CHECK(written_ == size_ && reservation_);
  if (size_ == 0) sealer_.seal({}, sealed_);
  if (auto done = flush(true); !done) return done.error();
  CHECK(sealer_.finished());
  auto change = std::make_unique<PartChange>(*store_, collectivity_, bucket, std::move(key), std::move(upload_id));
  change->number = part_;
  change->blob = blob_;
  change->part.bytes = take_bytes();
  change->part.md5 = std::move(digests.md5);
  change->part.checksum = std::move(digests.checksum);
  change->reservation = std::move(reservation_);
  change->quota = std::move(quota_);
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return Prepared(std::move(change));
}

Result<BlobId> Engine::new_blob() {
  const std::uint64_t id = store_->next_blob++;
  if (id >= store_->blob_lease) return EngineErrc::SlowDown;  // 2^19 ids since the last frame: the committer is far behind
  return BlobId{id};
}

Result<PutSession> Engine::begin_put(CollectivityId t, BucketId b, std::uint64_t size, bool may_wait, QuotaRefusal* refusal) {
  if (size > kObjectBytesMax) return EngineErrc::EntityTooLarge;
  if (auto admitted = admission(); !admitted) return admitted.error();
  if (!store_->space->room_for(size)) return EngineErrc::NoSpace;
  auto quota = store_->quotas.reserve(t, size, 1, refusal);
  if (!quota) return quota.error();
  const auto blob = new_blob();
  if (!blob) return blob.error();
  PutSession session(*store_, t, b, *blob, 0, size);
  if (size <= store_->options.inline_bytes_max) {
    if (store_->inline_bytes + size > store_->options.inline_memory_bytes) return EngineErrc::SlowDown;
    session.memory_ = InlineMemory(*store_, size);
  } else {
    auto room = store_->extents->reserve(crypto::sealed_bytes(size), may_wait);
    if (!room) return no_room(*store_, room.error());
    session.reservation_ = std::move(*room);
  }
  session.quota_ = std::move(*quota);
  return session;
}

Result<PutSession> Engine::begin_part(CollectivityId t, BlobId blob, std::uint16_t number, std::uint64_t size, bool may_wait,
                                      QuotaRefusal* refusal) {
  if (size > kObjectBytesMax) return EngineErrc::EntityTooLarge;
  if (auto admitted = admission(); !admitted) return admitted.error();
  if (!store_->space->room_for(size)) return EngineErrc::NoSpace;
  auto quota = store_->quotas.reserve(t, size, 1, refusal);
  if (!quota) return quota.error();
  PutSession session(*store_, t, BucketId{0}, blob, number, size);
  auto room = store_->extents->reserve(crypto::sealed_bytes(size), may_wait);
  if (!room) return no_room(*store_, room.error());
  session.reservation_ = std::move(*room);
  session.quota_ = std::move(*quota);
  return session;
}

}  // namespace beffroi::storage
