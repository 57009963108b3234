// SPDX-License-Identifier: EUPL-1.2
#include "crypto/key_hierarchy.h"

#include "crypto/hmac.h"
#include "crypto/random.h"

namespace beffroi::crypto {
namespace {

template <class Derived, class Parent>
Derived derive(const Parent& parent, BytesView salt, BytesView label) {
  return Derived(hkdf_sha256(parent.reveal(), salt, label, kKeyBytes).reveal());
}

}  // namespace

RowKey row_key(const CollectivityKey& key) {
  return derive<RowKey>(key, {}, "beffroi/row/1");
}
RowKey row_key(const SystemKey& key) {
  return derive<RowKey>(key, {}, "beffroi/row/1");
}
RowKey audit_row_key(const AuditKey& key) {
  return derive<RowKey>(key, {}, "beffroi/audit/1");
}
DigestKey digest_mac_key(const DigestKey& key) {
  return derive<DigestKey>(key, {}, "beffroi/digest/1");
}
FileKey page_file_key(const IndexKey& key, BytesView salt) {
  return derive<FileKey>(key, salt, "beffroi/page/1");
}
FileKey log_file_key(const LogKey& key, BytesView salt) {
  return derive<FileKey>(key, salt, "beffroi/log/1");
}

template <class AnyKey>
AnyKey random_key() {
  char bytes[kKeyBytes];
  random_fill(bytes);
  AnyKey key(BytesView(bytes, sizeof bytes));
  wipe(MutableBytes(bytes));
  return key;
}

template RootKey random_key<RootKey>();
template IndexKey random_key<IndexKey>();
template LogKey random_key<LogKey>();
template IdKey random_key<IdKey>();
template SystemKey random_key<SystemKey>();
template DigestKey random_key<DigestKey>();
template CheckpointSeed random_key<CheckpointSeed>();
template CollectivityKey random_key<CollectivityKey>();
template AuditKey random_key<AuditKey>();
template RowKey random_key<RowKey>();
template ObjectKey random_key<ObjectKey>();
template FileKey random_key<FileKey>();

}  // namespace beffroi::crypto
