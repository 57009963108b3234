// SPDX-License-Identifier: EUPL-1.2
// A page of a bucket's objects, from one snapshot of `current`. A common prefix costs one seek, so a page's cost grows with the
// page, not with the bucket.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "storage/engine/object.h"
#include "storage/ids.h"

namespace beffroi::storage {

struct ObjectQuery {
  CollectivityId collectivity{0};
  BucketId bucket{0};
  Bytes prefix;
  Bytes delimiter;        // empty: none
  Bytes after;            // only keys (and common prefixes) above it; empty: from the start
  std::size_t max = 1000;
};

struct ObjectPage {
  struct Entry {
    Bytes key;
    Object object;
  };
  std::vector<Entry> objects;
  std::vector<Bytes> prefixes;  // common prefixes, the delimiter included
  bool truncated = false;
  Bytes last;                   // the key or common prefix after which the next page starts
};

}  // namespace beffroi::storage
