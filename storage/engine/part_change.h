// SPDX-License-Identifier: EUPL-1.2
// The change of an UploadPart: one part row and its run; a part uploaded before under that number is left to the gc lane.
#pragma once

#include "storage/engine/blob.h"
#include "storage/engine/change.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

class PartChange final : public Change {
 public:
  PartChange(Store& store, CollectivityId t, BucketId b, Bytes key, Bytes upload_id);

  Result<void> claim(Claims&) override;
  Result<void> build(Group&) override;
  void published() override;
  void refused() override { quota = {}; }
  Reservation* body() override { return &reservation; }

  std::uint16_t number = 0;
  BlobId blob{0};
  Part part;
  Reservation reservation;
  QuotaReservation quota;

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Bytes upload_row_;
  const Bytes upload_id_;
  std::int64_t delta_bytes_ = 0, delta_objects_ = 0;
};

}  // namespace beffroi::storage
