// SPDX-License-Identifier: EUPL-1.2
// The keyring: every key of the store, in one small file apart from the data, sealed under the root key
// (docs/formats.md "Keyring"; envelope in crypto/root_seal.h). Rewritten whole: <path>.new, sync, rename,
// sync_dir; so it is the old one or the new one, whatever happens. Keys must be durable here *before* the
// frame that creates their collectivity.
//
//   body = n x { T u32 le | kind u8 | generation u16 le | state u8 | key 32 }         40 bytes each, ordered
//   by (T, kind, generation) kind   of a collectivity: 1 data, 2 audit
//          of the store (T = 0): 1 index, 2 log, 3 id, 4 system, 5 digest, 6 checkpoint seed
//   state  1 current; another is NewerFormat
//
// Thread-safe. keys() is on the path of every request. All keys of the body lie in one locked allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"
#include "crypto/row_seal.h"
#include "storage/ids.h"
#include "storage/io/files.h"

namespace beffroi::storage {

struct StoreKeys {
  crypto::IndexKey index;
  crypto::LogKey log;
  crypto::IdKey id;
  crypto::SystemKey system;
  crypto::DigestKey digest;
  crypto::CheckpointSeed checkpoint_seed;
};

// What a collectivity's two keys do. Lives as long as someone holds it, also after its keys left the keyring.
struct CollectivityKeys {
  crypto::RowSealer rows;   // under the row key of its data key
  crypto::RowSealer audit;  // under the row key of its audit key
};

class Keyring {
 public:
  // Makes the store's keys and those of the appliance (T = 1) and writes them durably. IoErrc::Exists when
  // `path` is taken.
  static Result<std::unique_ptr<Keyring>> create(Files&, std::string path, const crypto::RootKey&,
                                                 BytesView store_uuid16);
  // NotFound; Unauthentic (another root key, or changed bytes); BadFormat, NewerFormat;
  // TenantErrc::KeyringCorrupt.
  static Result<std::unique_ptr<Keyring>> open(Files&, std::string path, const crypto::RootKey&);
  ~Keyring();
  Keyring(const Keyring&) = delete;

  const Bytes& store_uuid() const;
  const StoreKeys& store() const;
  // Seals the rows that belong to the appliance itself: collectivities (meta 02).
  const crypto::RowSealer& system_rows() const;

  // Nothing when there are none (never made, or destroyed).
  std::shared_ptr<const CollectivityKeys> keys(CollectivityId) const;
  // The highest number that has keys: a new collectivity's is above it, and above the counter in `meta`.
  CollectivityId highest() const;

  // Makes a collectivity's keys. Durable when it returns a value; KeysExist; an I/O error leaves this object
  // as it was and the file old or new (the number is then simply skipped: highest() after the next start).
  // One rewrite at a time.
  Result<void> add_collectivity(CollectivityId);

 private:
  struct Impl;
  explicit Keyring(std::unique_ptr<Impl>);
  std::unique_ptr<Impl> impl_;
};

}  // namespace beffroi::storage
