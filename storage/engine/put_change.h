// SPDX-License-Identifier: EUPL-1.2
// The change of a PutObject: one object row, its bytes' rows, whatever it replaces.
#pragma once

#include "storage/engine/change.h"
#include "storage/engine/conditions.h"
#include "storage/engine/key_versions.h"
#include "storage/engine/put_session.h"

namespace beffroi::storage {

class PutChange final : public Change {
 public:
  PutChange(Store& store, CollectivityId t, BucketId b, Bytes key) : store_(store), t_(t), b_(b), versions_(store, t, b, std::move(key)) {}

  Result<void> claim(Claims&) override;
  Result<void> build(Group&) override;
  void published() override;
  void refused() override { quota = {}; }
  Reservation* body() override { return reservation ? &reservation : nullptr; }

  Object object;                   // but for what only the commit knows
  std::optional<PartBytes> bytes;  // of an extent body
  Bytes inline_payload;            // of an inline one
  Reservation reservation;
  QuotaReservation quota;
  InlineMemory memory;
  Conditions conditions;

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  KeyVersions versions_;
};

}  // namespace beffroi::storage
