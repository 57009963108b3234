// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/put_change.h"

#include "storage/engine/errors.h"
#include "storage/index/keys.h"

namespace beffroi::storage {

Result<void> PutChange::claim(Claims& claims) {
  auto current = read_current(store_, t_, b_, key_);
  if (!current) return current.error();
  current_ = std::move(*current);
  claim_object(claims, t_, b_, key_, current_);
  return {};
}

Result<void> PutChange::build(Group& group) {
  if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
  if (auto holds = check_write(conditions, current_.get()); !holds) return holds;

  object.sequence = group.sequence();
  object.version_id = group.new_version_id();
  object.modified_ms = group.now_ms();
  if (auto put = group.put_sealed(t_, Table::Current, current_.key, encode(object), current_.sealed); !put) return put;
  if (current_.object) {
    if (auto dropped = group.drop_reference(t_, *current_.object); !dropped) return dropped;
  }
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
  delta_ = current_.replaced_by(object.size);
  if (auto counted = group.count(t_, b_, delta_); !counted) return counted;

  committed.version_id = object.version_id;
  committed.etag = object.etag;
  committed.checksum = object.checksum;
  return {};
}

void PutChange::published() {
  if (reservation) reservation.published();
  store_.quotas.settle(std::move(quota), delta_.bytes, delta_.objects);
}

}  // namespace beffroi::storage
