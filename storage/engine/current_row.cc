// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/current_row.h"

#include "storage/engine/errors.h"
#include "storage/index/keys.h"

namespace beffroi::storage {

Result<Bytes> open_row(const Store& store, CollectivityId t, Table table, BytesView key, BytesView sealed) {
  const auto keys = store.keyring->keys(t);
  if (!keys) return EngineErrc::Damaged;
  auto plain = keys->rows.open({static_cast<std::uint8_t>(table), key}, sealed);
  if (!plain) return EngineErrc::Damaged;
  return plain;
}

Result<Bytes> read_row(const Store& store, CollectivityId t, Table table, BytesView key, Tier tier) {
  const auto sealed = store.index->get(table, key, tier);
  if (!sealed) return sealed.error();
  return open_row(store, t, table, key, *sealed);
}

Result<CurrentRow> read_current(const Store& store, CollectivityId t, BucketId b, BytesView object_key) {
  CurrentRow row{.key = keys::current(t, b, object_key)};
  auto sealed = store.index->get(Table::Current, row.key);
  if (!sealed) {
    if (sealed.error() == make_error_code(IndexErrc::NotFound)) return row;
    return sealed.error();
  }
  const auto plain = open_row(store, t, Table::Current, row.key, *sealed);
  if (!plain) return plain.error();
  auto object = decode_object(*plain);
  if (!object) return object.error();
  row.sealed = std::move(*sealed);
  row.object = std::move(*object);
  return row;
}

void claim_object(Claims& claims, CollectivityId t, BucketId b, BytesView object_key, const CurrentRow& current) {
  claims.collectivity(t, Claims::Mode::Shared);
  claims.bucket(t, b, Claims::Mode::Shared);
  claims.object(t, b, object_key, Claims::Mode::Exclusive);
  if (current.object) claims.blob(t, current.object->blob, Claims::Mode::Exclusive);
}

}  // namespace beffroi::storage
