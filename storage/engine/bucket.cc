// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/bucket.h"

#include <mutex>

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t { kName = 1, kOwner, kLocation, kCreated };

}  // namespace

Bytes encode(const Bucket& b) {
  RecordWriter w;
  w.field(kName, b.name);
  w.field(kOwner, b.owner);
  if (!b.location.empty()) w.field(kLocation, b.location);
  w.field(kCreated, b.created_ms);
  return w.take();
}

Result<Bucket> decode_bucket(BytesView in, CollectivityId collectivity, BucketId id) {
  Bucket b{.collectivity = collectivity, .id = id};
  bool owned = false;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kName: b.name = r.bytes(); break;
      case kOwner:
        b.owner = r.bytes();
        owned = true;
        break;
      case kLocation:
        if (r.bytes().empty()) r.fail(crypto::Errc::BadFormat);
        b.location = r.bytes();
        break;
      case kCreated: b.created_ms = r.integer<std::int64_t>(); break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  if (b.name.empty() || !owned) return crypto::Errc::BadFormat;
  return b;
}

std::shared_ptr<const Bucket> BucketMap::find(CollectivityId collectivity, std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto at = by_name_.find(std::pair(collectivity, std::string(name)));
  return at == by_name_.end() ? nullptr : at->second;
}

std::shared_ptr<const Bucket> BucketMap::find(CollectivityId collectivity, BucketId id) const {
  std::shared_lock lock(mutex_);
  const auto at = by_id_.find({collectivity, id});
  return at == by_id_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const Bucket>> BucketMap::list(CollectivityId collectivity) const {
  std::vector<std::shared_ptr<const Bucket>> out;
  std::shared_lock lock(mutex_);
  for (auto at = by_name_.lower_bound(std::pair(collectivity, std::string()));
       at != by_name_.end() && at->first.first == collectivity; ++at) {
    out.push_back(at->second);
  }
  return out;
}

void BucketMap::put(Bucket bucket) {
  const auto value = std::make_shared<const Bucket>(std::move(bucket));
  std::unique_lock lock(mutex_);
  by_id_[{value->collectivity, value->id}] = value;
  by_name_[{value->collectivity, value->name}] = value;
}

void BucketMap::remove(CollectivityId collectivity, std::string_view name) {
  std::unique_lock lock(mutex_);
  const auto at = by_name_.find(std::pair(collectivity, std::string(name)));
  if (at == by_name_.end()) return;
  by_id_.erase({collectivity, at->second->id});
  by_name_.erase(at);
}

}  // namespace beffroi::storage
