// SPDX-License-Identifier: EUPL-1.2
#include "crypto/version_id.h"
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"
#include "storage/engine/listing.h"
#include "storage/engine/version_walk.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

// The sequence that version-id-marker stands for; 0, which is below all of them, for none. InvalidArgument.
Result<std::uint64_t> sequence_after(const Store& store, const Snapshot& snapshot, const VersionQuery& q) {
  if (q.after_version.empty()) return std::uint64_t{0};
  if (q.after_version != "null") {
    // The version may be gone since: its id still says where it stood.
    const auto sequence = crypto::sequence_of(store.keyring->store().id, q.after_version);
    if (!sequence) return EngineErrc::InvalidArgument;
    return *sequence;
  }
  const auto row = find_version(store, snapshot, q.collectivity, q.bucket, q.after_key, true, q.after_version);
  if (!row) return row.error();
  return *row ? raw((*row)->object.sequence) : 0;
}

}  // namespace

Result<VersionPage> Engine::list_versions(const VersionQuery& q) const {
  VersionPage page;
  if (q.max == 0) return page;
  const auto snapshot = store_->index->snapshot();
  VersionWalk walk(*store_, *snapshot, q.collectivity, q.bucket);

  Bytes seen_key;  // its latest version was on a page before
  Result<void> moved;
  if (q.after_key.empty() || q.after_key < q.prefix) {
    moved = walk.seek(q.prefix);
  } else {
    const auto after = sequence_after(*store_, *snapshot, q);
    if (!after) return after.error();
    moved = walk.seek_after(q.after_key, *after);
    seen_key = q.after_key;
  }
  while (moved && walk.valid()) {
    const Bytes key = walk.key();
    if (!key.starts_with(q.prefix)) break;
    const Bytes common(common_prefix(key, q.prefix, q.delimiter));
    const bool shown = !common.empty() && common == q.after_key;
    if (!shown && page.versions.size() + page.prefixes.size() == q.max) {
      page.truncated = true;
      break;
    }
    if (!common.empty()) {
      if (!shown) {
        page.prefixes.push_back(common);
        page.last_key = common;
        page.last_version.clear();
      }
      const Bytes beyond = keys::after_prefix(common);
      if (beyond.empty()) break;
      moved = walk.seek(beyond);
      continue;
    }
    auto object = walk.object();
    if (!object) return object.error();
    const bool latest = key != seen_key;
    seen_key = key;
    page.last_key = key;
    page.last_version = object->null_version ? "null" : object->version_id;
    page.versions.push_back({key, std::move(*object), latest});
    moved = walk.next();
  }
  if (!moved) return moved.error();
  return page;
}

}  // namespace beffroi::storage
