// SPDX-License-Identifier: EUPL-1.2
#include "crypto/version_id.h"
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"
#include "storage/engine/listing.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

// The versions of a bucket in the order of ListObjectVersions, out of `current` and `versions` at once.
class VersionWalk {
 public:
  VersionWalk(const Store& store, const Snapshot& snapshot, CollectivityId t, BucketId b)
      : store_(store), t_(t), bucket_(keys::bucket_prefix(t, b)), current_(snapshot.cursor(Table::Current)), versions_(snapshot.cursor(Table::Versions)) {}

  // To the first version of the first key at or above `key`.
  Result<void> seek(BytesView key) {
    current_->seek(bucket_ + Bytes(key));
    Bytes escaped = keys::escape(key);
    escaped.resize(escaped.size() - 2);  // without its end mark: the first key that starts with it
    versions_->seek(bucket_ + escaped);
    return settle();
  }
  // To what comes after version `sequence` of `key`.
  Result<void> seek_after(BytesView key, std::uint64_t sequence) {
    current_->seek(bucket_ + Bytes(key) + '\0');
    const Bytes row = bucket_ + keys::escape(key) + tail(sequence);
    versions_->seek(row);
    if (versions_->valid() && versions_->key() == row) versions_->next();
    return settle();
  }
  Result<void> next() {
    if (from_current_) current_->next();
    else versions_->next();
    return settle();
  }

  bool valid() const { return valid_; }
  const Bytes& key() const { return key_; }
  Result<Object> object() const {
    const Cursor& at = from_current_ ? *current_ : *versions_;
    const auto plain = open_row(store_, t_, from_current_ ? Table::Current : Table::Versions, at.key(), at.value());
    if (!plain) return plain.error();
    auto object = decode_object(*plain);
    if (!object) return EngineErrc::Damaged;
    return object;
  }

 private:
  static Bytes tail(std::uint64_t sequence) {
    Bytes out;
    append_be(out, ~sequence);
    return out;
  }

  // Chooses the lower key; of one key the row of `current` is the later version.
  Result<void> settle() {
    const bool has_current = current_->valid() && current_->key().starts_with(bucket_);
    const bool has_version = versions_->valid() && versions_->key().starts_with(bucket_);
    if (!has_current) {
      if (auto status = current_->status(); !status) return status;
    }
    if (!has_version) {
      if (auto status = versions_->status(); !status) return status;
    }
    valid_ = has_current || has_version;
    if (!valid_) return {};
    Bytes version_key;
    std::size_t taken = 0;
    if (has_version && !keys::unescape(versions_->key().substr(bucket_.size()), version_key, taken)) return EngineErrc::Damaged;
    const BytesView current_key = has_current ? current_->key().substr(bucket_.size()) : BytesView();
    from_current_ = has_current && (!has_version || current_key <= version_key);
    key_ = from_current_ ? Bytes(current_key) : std::move(version_key);
    return {};
  }

  const Store& store_;
  const CollectivityId t_;
  const Bytes bucket_;
  const std::unique_ptr<Cursor> current_, versions_;
  bool valid_ = false, from_current_ = false;
  Bytes key_;
};

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
