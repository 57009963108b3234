// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/put_change.h"

#include "storage/engine/errors.h"
#include "storage/index/keys.h"

namespace beffroi::storage {

Result<void> PutChange::claim(Claims& claims) {
  return versions_.claim(claims);
}

Result<void> PutChange::build(Group& group) {
  if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
  if (auto holds = check_write(conditions, versions_.current()); !holds) return holds;
  if (auto put = versions_.put(group, object); !put) return put;
  if (bytes) {
    const Run run = bytes->run;
    const BlobHeader header{std::move(*bytes)};
    Bytes header_key = keys::blob(t_, object.blob, keys::kHeaderPart);
    if (auto put = group.put_sealed(t_, Table::Blobs, std::move(header_key), encode(header), {}); !put) return put;
    if (auto named = group.name_run(t_, object.blob, 0, run); !named) return named;
  } else {
    group.put(Table::Inline, keys::inline_payload(t_, object.blob), std::move(inline_payload));
    if (auto counted = group.count_physical(t_, static_cast<std::int64_t>(object.size)); !counted) return counted;
  }
  answer(committed, object, versions_.versioning());
  return {};
}

void PutChange::published() {
  if (reservation) reservation.published();
  store_.quotas.settle(std::move(quota), versions_.delta().bytes, versions_.delta().objects);
}

}  // namespace beffroi::storage
