// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/part_change.h"

#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/engine/upload.h"
#include "storage/index/keys.h"

namespace beffroi::storage {

PartChange::PartChange(Store& store, CollectivityId t, BucketId b, Bytes key, Bytes upload_id)
    : store_(store), t_(t), b_(b), upload_row_(keys::upload(t, b, key, upload_id)), upload_id_(std::move(upload_id)) {}

Result<void> PartChange::claim(Claims& claims) {
  claims.collectivity(t_, Claims::Mode::Shared);
  claims.upload(upload_id_, Claims::Mode::Shared);
  claims.part(upload_id_, number, Claims::Mode::Exclusive);
  return {};
}

Result<void> PartChange::build(Group& group) {
  const auto row = read_row(store_, t_, Table::Uploads, upload_row_, Tier::Disk);
  if (!row) return row.error() == make_error_code(IndexErrc::NotFound) ? make_error_code(EngineErrc::NoSuchUpload) : row.error();
  const auto upload = decode_upload(*row);
  if (!upload) return upload.error();
  if (upload->outcome || upload->blob != blob) return EngineErrc::NoSuchUpload;

  Bytes key = keys::blob(t_, blob, number);
  std::uint64_t replaced_bytes = 0;
  Bytes replaced;
  if (auto old = store_.index->get(Table::Blobs, key)) {
    replaced = std::move(*old);
    const auto plain = open_row(store_, t_, Table::Blobs, key, replaced);
    if (!plain) return plain.error();
    const auto old_part = decode_part(*plain);
    if (!old_part) return old_part.error();
    replaced_bytes = old_part->bytes.size;
    group.gc(GcRun{old_part->bytes.run});
  } else if (old.error() != make_error_code(IndexErrc::NotFound)) {
    return old.error();
  }

  part.modified_ms = group.now_ms();
  if (auto put = group.put_sealed(t_, Table::Blobs, std::move(key), encode(part), replaced); !put) return put;
  if (auto named = group.name_run(t_, blob, number, part.bytes.run); !named) return named;
  delta_bytes_ = static_cast<std::int64_t>(part.bytes.size - replaced_bytes);
  delta_objects_ = replaced.empty() ? 1 : 0;
  if (auto counted = group.count(t_, b_, {delta_bytes_, delta_objects_}); !counted) return counted;
  store_.parts_changed[upload_id_] = group.sequence();
  committed.etag = to_hex(part.md5);
  committed.checksum = part.checksum;
  return {};
}

void PartChange::published() {
  reservation.published();
  store_.quotas.settle(std::move(quota), delta_bytes_, delta_objects_);
}

}  // namespace beffroi::storage
