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

// The common prefix that `key` belongs to, the delimiter included; empty when it has none.
BytesView common_prefix(BytesView key, BytesView prefix, BytesView delimiter);

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

// A page of a bucket's versions and delete markers: by key, of one key the latest first.
struct VersionQuery {
  CollectivityId collectivity{0};
  BucketId bucket{0};
  Bytes prefix;
  Bytes delimiter;
  Bytes after_key;             // key-marker
  std::string after_version;   // version-id-marker; empty: every version of after_key is skipped
  std::size_t max = 1000;
};

struct VersionPage {
  struct Entry {
    Bytes key;
    Object object;
    bool latest = false;
  };
  std::vector<Entry> versions;
  std::vector<Bytes> prefixes;
  bool truncated = false;
  Bytes last_key;              // the key or common prefix after which the next page starts
  std::string last_version;    // ... and the version; empty behind a common prefix
};

}  // namespace beffroi::storage
