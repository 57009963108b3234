// SPDX-License-Identifier: EUPL-1.2
// The versions of one key (docs/formats.md "Tables"):
//
//   the latest version   the row of `current`; when there is none, the first row of `versions`, then a delete marker
//   older ones           rows of `versions`, the newest first
//   the `null` version   one at most; when it is older than the latest, the latest's row says where (null_sequence)
//
// KeyVersions is what a change finds of them and the three moves that every change to an object is made of. It reads when the
// change claims and writes when the change builds: nothing else can change the key's rows in between. At most one version goes with
// each move, whatever the number of versions: O(1) rows.
#pragma once

#include <optional>
#include <string_view>

#include "storage/engine/bucket.h"
#include "storage/engine/change.h"
#include "storage/engine/claims.h"
#include "storage/engine/group.h"
#include "storage/engine/object.h"
#include "storage/engine/store.h"

namespace beffroi::storage {

// A row of `current` or `versions`.
struct ObjectRow {
  Table table = Table::Current;
  Bytes key;     // of the row
  Bytes sealed;
  Object object;
};

// The version that an id names: "" the latest (it may be a delete marker), "null", or an id. Nothing when there is no such version.
// `versioned`: the bucket's versioning is not Off. Errors: the index's, Damaged.
Result<std::optional<ObjectRow>> find_version(const Store&, const Snapshot&, CollectivityId, BucketId, BytesView key, bool versioned,
                                              std::string_view id);

class KeyVersions {
 public:
  KeyVersions(Store& store, CollectivityId t, BucketId b, Bytes key) : store_(store), t_(t), b_(b), key_(std::move(key)) {}

  // Reads the rows that a move may touch, and claims: collectivity and bucket shared, the object exclusive, exclusive the blobs that may
  // lose a reference. `named`: the version that remove_version() or edit() is for. An error is fatal.
  Result<void> claim(Claims&, std::string_view named = {});
  // The same without the object's own claim mode: a source of a copy is only read.
  Result<void> claim_source(Claims&, std::string_view named);

  // What a read without a version finds; nullptr when there is no object.
  Object* current() { return latest_ && !latest_->object.delete_marker ? &latest_->object : nullptr; }
  Object* named() { return named_ ? &named_->object : latest_named_ ? &latest_->object : nullptr; }
  const Bytes& key() const { return key_; }

  // Makes `object` (or delete marker) the latest version: gives it its sequence, id, time, null flags and the bucket's default
  // retention, moves the version before it out of the way or drops it. `shared`: its blob is another version's too.
  Result<void> put(Group&, Object& object, bool shared = false);
  // Removes the named version. The one below it comes up when it was the latest.
  Result<void> remove_version(Group&);
  // Writes the named version's row again, as named() now is.
  Result<void> rewrite_named(Group&);

  const UsageDelta& delta() const { return delta_; }  // what the moves added to usage; counted in the group already
  Versioning versioning() const { return versioning_; }

 private:
  Result<void> read(std::string_view named);
  Result<void> bring_up_next(Group&, Sequence null_sequence);
  Result<void> drop(Group&, const Object&);
  Result<void> put_row(Group&, Table, BytesView row_key, const Object&, BytesView replaced);
  Result<void> count(Group&);

  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Bytes key_;
  Versioning versioning_ = Versioning::Off;
  DefaultRetention default_retention_;
  std::optional<ObjectRow> latest_;
  std::optional<ObjectRow> null_;    // older than the latest
  std::optional<ObjectRow> named_;   // other than the latest
  bool latest_named_ = false;
  std::optional<ObjectRow> next_;    // below the latest, when that is named
  UsageDelta delta_;
};

// What a change that wrote `object` tells its handler.
void answer(Committed&, const Object& object, Versioning);

}  // namespace beffroi::storage
