// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/listing.h"

#include "storage/engine/sealed_row.h"
#include "storage/engine/engine.h"
#include "storage/index/keys.h"

namespace beffroi::storage {

BytesView common_prefix(BytesView key, BytesView prefix, BytesView delimiter) {
  if (delimiter.empty()) return {};
  const std::size_t at = key.find(delimiter, prefix.size());
  return at == BytesView::npos ? BytesView{} : key.substr(0, at + delimiter.size());
}

Result<ObjectPage> Engine::list_objects(const ObjectQuery& q) const {
  ObjectPage page;
  if (q.max == 0) return page;
  const Bytes bucket = keys::bucket_prefix(q.collectivity, q.bucket);
  const auto snapshot = store_->index->snapshot();
  const auto cursor = snapshot->cursor(Table::Current);
  cursor->seek(bucket + std::max(q.prefix, q.after));
  while (cursor->valid() && cursor->key().starts_with(bucket)) {
    const BytesView key = cursor->key().substr(bucket.size());
    if (!key.starts_with(q.prefix)) break;
    if (key <= q.after) {
      cursor->next();
      continue;
    }
    const Bytes common(common_prefix(key, q.prefix, q.delimiter));
    const bool shown = !common.empty() && common == q.after;  // the last page ended with this prefix
    if (!shown && page.objects.size() + page.prefixes.size() == q.max) {
      page.truncated = true;
      break;
    }
    if (!common.empty()) {
      if (!shown) {
        page.prefixes.push_back(common);
        page.last = common;
      }
      const Bytes beyond = keys::after_prefix(bucket + common);
      if (beyond.empty()) break;
      cursor->seek(beyond);
      continue;
    }
    const auto plain = open_row(*store_, q.collectivity, Table::Current, cursor->key(), cursor->value());
    if (!plain) return plain.error();
    auto object = decode_object(*plain);
    if (!object) return EngineErrc::Damaged;
    page.last = key;
    page.objects.push_back({Bytes(key), std::move(*object)});
    cursor->next();
  }
  if (auto status = cursor->status(); !status) return status.error();
  return page;
}

Result<UploadPage> Engine::list_uploads(const UploadQuery& q) const {
  UploadPage page;
  if (q.max == 0) return page;
  const Bytes bucket = keys::bucket_prefix(q.collectivity, q.bucket);
  const auto snapshot = store_->index->snapshot();
  const auto cursor = snapshot->cursor(Table::Uploads);
  // Escaped keys keep the order of keys, so a walk from the marker on sees every later one.
  const Bytes& from = std::max(q.prefix, q.after_key);
  Bytes start = bucket;
  if (!from.empty()) {
    Bytes escaped = keys::escape(from);
    escaped.resize(escaped.size() - 2);  // without its end mark: the first key that starts with it
    start += escaped;
  }
  for (cursor->seek(start); cursor->valid() && cursor->key().starts_with(bucket); cursor->next()) {
    const BytesView tail = cursor->key().substr(bucket.size());
    Bytes key;
    std::size_t taken = 0;
    if (!keys::unescape(tail, key, taken) || tail.size() != taken + kUploadIdBytes) return EngineErrc::Damaged;
    const BytesView id = tail.substr(taken);
    if (!key.starts_with(q.prefix)) {
      if (key > q.prefix) break;
      continue;
    }
    if (key < q.after_key) continue;
    if (key == q.after_key && !q.after_key.empty() && (q.after_upload.empty() || id <= q.after_upload)) continue;
    const auto plain = open_row(*store_, q.collectivity, Table::Uploads, cursor->key(), cursor->value());
    if (!plain) return plain.error();
    auto upload = decode_upload(*plain);
    if (!upload) return EngineErrc::Damaged;
    if (upload->outcome) continue;
    const Bytes common(common_prefix(key, q.prefix, q.delimiter));
    if (!common.empty() && (common == q.after_key || (!page.prefixes.empty() && page.prefixes.back() == common))) continue;
    if (page.uploads.size() + page.prefixes.size() == q.max) {
      page.truncated = true;
      break;
    }
    if (common.empty()) {
      page.last_key = key;
      page.last_upload = id;
      page.uploads.push_back({std::move(key), Bytes(id), std::move(*upload)});
    } else {
      page.prefixes.push_back(common);
      page.last_key = common;
      page.last_upload.clear();
    }
  }
  if (auto status = cursor->status(); !status) return status.error();
  return page;
}

}  // namespace beffroi::storage
