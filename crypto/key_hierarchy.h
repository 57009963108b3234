// SPDX-License-Identifier: EUPL-1.2
// The hierarchy of keys (docs/architecture.md §7, docs/formats.md "Sealed row"). Every key is 32 bytes.
//
//   RootKey ──opens──> keyring ──holds──> store keys (T = 0): IndexKey LogKey IdKey SystemKey DigestKey CheckpointSeed
//                                         per collectivity:   CollectivityKey (data), AuditKey
//   CollectivityKey ──HKDF "beffroi/row/1"──> RowKey ──opens──> rows ──hold──> ObjectKey ──opens──> chunks
//
// Derivation: HKDF-SHA-256 (RFC 5869), empty salt unless said, info = label.
#pragma once

#include "crypto/secret.h"

namespace beffroi::crypto {

using RootKey = Key<struct RootKeyTag>;
using IndexKey = Key<struct IndexKeyTag>;                // -> page file keys
using LogKey = Key<struct LogKeyTag>;                    // -> log file keys
using IdKey = Key<struct IdKeyTag>;                      // version ids
using SystemKey = Key<struct SystemKeyTag>;              // -> the row key of rows that belong to the appliance
using DigestKey = Key<struct DigestKeyTag>;              // keyed digest of all live rows
using CheckpointSeed = Key<struct CheckpointSeedTag>;    // Ed25519
using CollectivityKey = Key<struct CollectivityKeyTag>;  // -> RowKey
using AuditKey = Key<struct AuditKeyTag>;                // a collectivity's; not derived, survives shred
using RowKey = Key<struct RowKeyTag>;                    // seals rows (and audit blocks)
using ObjectKey = Key<struct ObjectKeyTag>;              // of one blob part, fresh for each attempt
using FileKey = Key<struct FileKeyTag>;                  // of one page file or one log file
using CustomerKey = Key<struct CustomerKeyTag>;          // a client's own (SSE-C): comes with a request, never kept

RowKey row_key(const CollectivityKey&);                  // "beffroi/row/1"
RowKey row_key(const SystemKey&);                        // "beffroi/row/1"
RowKey audit_row_key(const AuditKey&);                   // "beffroi/audit/1"
DigestKey digest_mac_key(const DigestKey&);              // "beffroi/digest/1"
FileKey page_file_key(const IndexKey&, BytesView salt);  // "beffroi/page/1", salt of the file
FileKey log_file_key(const LogKey&, BytesView salt);     // "beffroi/log/1", salt of the file

template <class AnyKey>
AnyKey random_key();  // from the system's generator; defined in key_hierarchy.cc for each kind above

}  // namespace beffroi::crypto
