// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/keyring_body.h"

#include "crypto/errors.h"
#include "storage/tenant/errors.h"

namespace beffroi::storage {
namespace {

std::uint8_t kinds_of(CollectivityId t) {
  return t == kGlobal ? kStoreKeyKinds : kCollectivityKeyKinds;
}

// One key of each kind for each number that occurs, in order; the store's come first because 0 does.
bool is_complete(const std::vector<KeyringRecord>& records) {
  if (records.empty() || records.front().collectivity != kGlobal) return false;
  for (std::size_t i = 0; i < records.size();) {
    const CollectivityId t = records[i].collectivity;
    if (i > 0 && raw(t) <= raw(records[i - 1].collectivity)) return false;
    for (std::uint8_t kind = 1; kind <= kinds_of(t); ++kind, ++i) {
      if (i == records.size() || records[i].collectivity != t || records[i].kind != kind) return false;
    }
  }
  return true;
}

}  // namespace

void append_keyring_record(Bytes& out, const KeyringRecord& record) {
  append_le(out, raw(record.collectivity));
  append_le(out, record.kind);
  append_le(out, record.generation);
  append_le(out, kKeyStateCurrent);
  out += record.key;
}

Result<std::vector<KeyringRecord>> decode_keyring_body(BytesView body) {
  if (body.size() % kKeyringRecordBytes != 0) return TenantErrc::KeyringCorrupt;
  std::vector<KeyringRecord> records;
  records.reserve(body.size() / kKeyringRecordBytes);
  ByteReader reader(body);
  while (!reader.at_end()) {
    KeyringRecord record;
    record.collectivity = CollectivityId{reader.le<std::uint32_t>()};
    record.kind = reader.le<std::uint8_t>();
    record.generation = reader.le<std::uint16_t>();
    const auto state = reader.le<std::uint8_t>();
    record.key = reader.take(crypto::kKeyBytes);
    if (record.kind > kinds_of(record.collectivity) || state > kKeyStateCurrent)
      return crypto::Errc::NewerFormat;
    if (state != kKeyStateCurrent) return TenantErrc::KeyringCorrupt;
    records.push_back(record);
  }
  if (!is_complete(records)) return TenantErrc::KeyringCorrupt;
  return records;
}

}  // namespace beffroi::storage
