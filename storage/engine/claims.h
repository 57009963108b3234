// SPDX-License-Identifier: EUPL-1.2
// Claims: what a change's preconditions read and its rows write, shared or exclusive (docs/formats.md "Groups"). Changes of one
// group never conflict, so each is checked against the index alone. A claim is kept as a 64-bit hash of its name: two names with
// one hash only make a change wait for the next group.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "crypto/bytes.h"
#include "storage/ids.h"

namespace beffroi::storage {

class Claims {
 public:
  enum class Mode : std::uint8_t { Shared, Exclusive };

  void collectivity(CollectivityId, Mode);
  void bucket(CollectivityId, BucketId, Mode);
  void bucket_name(CollectivityId, std::string_view name, Mode);
  void object(CollectivityId, BucketId, BytesView key, Mode);
  void blob(CollectivityId, BlobId, Mode);
  void upload(BytesView upload_id, Mode);
  void part(BytesView upload_id, std::uint16_t number, Mode);
  void row(BytesView meta_key, Mode);  // a row of `meta` by its key: slug, SIREN, user, access key

  void clear() { claims_.clear(); }

 private:
  friend class ClaimTable;
  struct Claim {
    std::uint64_t name;
    Mode mode;
  };
  void add(std::uint64_t name, Mode mode) { claims_.push_back({name, mode}); }
  std::vector<Claim> claims_;
};

// What the changes of a group, and those already waiting for the next, hold.
class ClaimTable {
 public:
  // True when `claims` conflict with what is held; they are held from now on either way (arrival order per claim).
  bool take(const Claims& claims);
  void clear() { held_.clear(); }

 private:
  std::unordered_map<std::uint64_t, Claims::Mode> held_;
};

}  // namespace beffroi::storage
