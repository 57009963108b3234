// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/sealed_row.h"

#include "storage/engine/errors.h"

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

}  // namespace beffroi::storage
