// SPDX-License-Identifier: EUPL-1.2
// PutSession: one body on its way in, whole object or part of an upload. Nothing is visible before the change that finish()
// returns was committed; destroying the session, or that change, gives back the bytes and the quota. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "crypto/chunk_seal.h"
#include "crypto/customer_cipher.h"
#include "storage/engine/blob.h"
#include "storage/engine/change.h"
#include "storage/engine/conditions.h"
#include "storage/engine/object.h"
#include "storage/extent/extent_store.h"
#include "storage/tenant/quota.h"

namespace beffroi::storage {

struct Store;

// What the front computed over the body it passed to write().
struct BodyDigests {
  Bytes md5;          // 16 raw bytes
  Checksum checksum;  // FullObject
};

// Counts the bytes of inline bodies under way; released when the session or its change dies.
class InlineMemory {
 public:
  InlineMemory() = default;
  InlineMemory(Store& store, std::uint64_t bytes);
  InlineMemory(InlineMemory&&) noexcept;
  InlineMemory& operator=(InlineMemory&&) noexcept;
  ~InlineMemory();

 private:
  Store* store_ = nullptr;
  std::uint64_t bytes_ = 0;
};

class PutSession {
 public:
  PutSession(PutSession&&) noexcept = default;
  PutSession& operator=(PutSession&&) noexcept = default;

  // Before the first byte: lays a customer's key under the seal.
  void encrypt_for(const crypto::CustomerKey&);
  // True when write() may wait for a device: call it where waiting is allowed. False: memory only.
  bool blocking() const { return static_cast<bool>(reservation_); }
  // The next bytes of the body, any count; together exactly the declared size (CHECKed by finish(); more is EntityTooLarge).
  Result<void> write(BytesView plain);
  std::uint64_t written() const { return written_; }
  std::uint64_t size() const { return size_; }
  // The body is shorter than was declared. Before its last byte is written, or before any of an empty one. The quota reserved stays.
  void shrink(std::uint64_t size);

  // After all bytes: the change that makes the object visible. May wait when blocking().
  Result<Prepared> finish(Bytes key, BodyDigests, ObjectFields, Conditions, Actor, AuditRecord);
  // After all bytes: the change that makes the part visible.
  Result<Prepared> finish_part(BucketId, Bytes key, Bytes upload_id, BodyDigests, Actor, AuditRecord);

 private:
  friend class Engine;
  PutSession(Store&, CollectivityId, BucketId, BlobId, std::uint16_t part, std::uint64_t size);
  Result<void> seal(BytesView plain);
  Result<void> flush(bool last);
  PartBytes take_bytes();

  Store* store_;
  CollectivityId collectivity_;
  BucketId bucket_;
  BlobId blob_;
  std::uint16_t part_;
  std::uint64_t size_;
  std::uint64_t written_ = 0;
  crypto::ObjectKey key_;
  crypto::ChunkSealer sealer_;
  std::optional<crypto::CustomerCipher> customer_;
  Bytes customer_check_;
  Bytes pending_;  // plaintext of a chunk that is not full
  Bytes sealed_;   // ciphertext not yet written; the whole payload of an inline body
  Reservation reservation_;
  QuotaReservation quota_;
  InlineMemory memory_;
};

}  // namespace beffroi::storage
