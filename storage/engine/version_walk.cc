// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/version_walk.h"

#include "storage/engine/errors.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"

namespace beffroi::storage {

VersionWalk::VersionWalk(const Store& store, const Snapshot& snapshot, CollectivityId t, BucketId b)
    : store_(store), t_(t), bucket_(keys::bucket_prefix(t, b)), current_(snapshot.cursor(Table::Current)), versions_(snapshot.cursor(Table::Versions)) {}

Result<void> VersionWalk::seek(BytesView key) {
  current_->seek(bucket_ + Bytes(key));
  Bytes escaped = keys::escape(key);
  escaped.resize(escaped.size() - 2);  // without its end mark: the first key that starts with it
  versions_->seek(bucket_ + escaped);
  return settle();
}

Result<void> VersionWalk::seek_after(BytesView key, std::uint64_t sequence) {
  current_->seek(bucket_ + Bytes(key) + '\0');
  Bytes row = bucket_ + keys::escape(key);
  append_be(row, ~sequence);
  versions_->seek(row);
  if (versions_->valid() && versions_->key() == row) versions_->next();
  return settle();
}

Result<void> VersionWalk::next() {
  if (from_current_) current_->next();
  else versions_->next();
  return settle();
}

Result<Object> VersionWalk::object() const {
  const Cursor& at = from_current_ ? *current_ : *versions_;
  const auto plain = open_row(store_, t_, from_current_ ? Table::Current : Table::Versions, at.key(), at.value());
  if (!plain) return plain.error();
  auto object = decode_object(*plain);
  if (!object) return EngineErrc::Damaged;
  return object;
}

// Chooses the lower key; of one key the row of `current` is the later version.
Result<void> VersionWalk::settle() {
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

}  // namespace beffroi::storage
