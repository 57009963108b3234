// SPDX-License-Identifier: EUPL-1.2
// Quotas: who may still store how much. Room is reserved at admission, before a body is read, under one mutex
// over what is committed and what is reserved; settled at publish in one step. So parallel uploads never pass
// a limit by a byte, on any path. An overwrite reserves its full new size and settles with the difference.
// Thread-safe; in memory, loaded at start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/result.h"
#include "storage/ids.h"
#include "storage/tenant/errors.h"

namespace beffroi::storage {

struct QuotaLimits {
  std::uint64_t bytes = 0;
  std::uint64_t objects = 0;
};

struct QuotaUsage {
  std::uint64_t committed_bytes = 0;
  std::uint64_t committed_objects = 0;
  std::uint64_t reserved_bytes = 0;
  std::uint64_t reserved_objects = 0;
  QuotaLimits limits;
};

// Why a reservation was refused, for the answer to the client.
struct QuotaRefusal {
  enum class Which { Bytes, Objects } which = Which::Bytes;
  std::uint64_t used = 0;      // committed
  std::uint64_t reserved = 0;  // by others, under way
  std::uint64_t asked = 0;
  std::uint64_t limit = 0;
};

class Quotas;

// Room held for one change under way. Movable; its destructor gives the room back. Must not outlive its
// Quotas.
class QuotaReservation {
 public:
  QuotaReservation() = default;
  QuotaReservation(QuotaReservation&&) noexcept;
  QuotaReservation& operator=(QuotaReservation&&) noexcept;
  ~QuotaReservation();
  explicit operator bool() const { return owner_ != nullptr; }
  CollectivityId collectivity() const { return collectivity_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t objects() const { return objects_; }

 private:
  friend class Quotas;
  QuotaReservation(Quotas* owner, CollectivityId t, std::uint64_t bytes, std::uint64_t objects)
      : owner_(owner), collectivity_(t), bytes_(bytes), objects_(objects) {}
  Quotas* owner_ = nullptr;
  CollectivityId collectivity_{};
  std::uint64_t bytes_ = 0;
  std::uint64_t objects_ = 0;
};

class Quotas {
 public:
  Quotas();
  ~Quotas();
  Quotas(const Quotas&) = delete;

  // Puts a collectivity's account: at start, and when one is created.
  void load(CollectivityId, std::uint64_t committed_bytes, std::uint64_t committed_objects, QuotaLimits);
  // May set a limit below what is used: then nothing more is reserved until enough was deleted.
  void set_limits(CollectivityId, QuotaLimits);

  // QuotaExceeded (`refusal`, when given, says by what), NoSuchCollectivity. A dimension of which nothing is
  // asked is not judged: a delete marker needs no bytes and may be put in a collectivity that is full of
  // them.
  Result<QuotaReservation> reserve(CollectivityId, std::uint64_t bytes, std::uint64_t objects,
                                   QuotaRefusal* refusal = nullptr);
  // At publish: the reservation leaves and committed usage changes, in one step. CHECKs that neither delta is
  // above what was reserved and that usage does not fall below zero.
  void settle(QuotaReservation&&, std::int64_t delta_bytes, std::int64_t delta_objects);
  // A change that needed no reservation: a delete. CHECKs that both are <= 0 and that usage does not fall
  // below zero.
  void adjust(CollectivityId, std::int64_t delta_bytes, std::int64_t delta_objects);

  std::optional<QuotaUsage> usage(CollectivityId) const;

 private:
  friend class QuotaReservation;
  void give_back(const QuotaReservation&);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
