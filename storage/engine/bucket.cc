// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/bucket.h"

#include <mutex>

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t {
  kName = 1,
  kOwner,
  kLocation,
  kCreated,
  kVersioning,
  kObjectLock,
  kDefaultMode,
  kDefaultDays,
  kDefaultYears,
  kOwnership,
  kAcl,
  kPublicAccessBlock,
  kPolicy,
  kCors,
  kWebsite,
  kLifecycle,
  kTags,
};

constexpr std::uint8_t kBlockIsSet = 0x80;  // a block of four times false differs from none

std::uint8_t pack(const PublicAccessBlock& b) {
  return static_cast<std::uint8_t>(kBlockIsSet | b.block_public_acls | b.ignore_public_acls << 1 | b.block_public_policy << 2 |
                                   b.restrict_public_buckets << 3);
}

template <class Enum>
Enum choice(RecordReader& r, Enum last) {
  const auto value = r.integer<std::uint8_t>();
  if (value > static_cast<std::uint8_t>(last)) r.fail(crypto::Errc::NewerFormat);
  return static_cast<Enum>(value);
}

}  // namespace

Bytes encode(const Bucket& b) {
  RecordWriter w;
  w.field(kName, b.name);
  w.field(kOwner, b.owner);
  if (!b.location.empty()) w.field(kLocation, b.location);
  w.field(kCreated, b.created_ms);
  const BucketSettings& s = b.settings;
  w.field(kVersioning, static_cast<std::uint8_t>(s.versioning));
  w.field(kObjectLock, static_cast<std::uint8_t>(s.object_lock));
  w.field(kDefaultMode, static_cast<std::uint8_t>(s.default_retention.mode));
  w.field(kDefaultDays, s.default_retention.days);
  w.field(kDefaultYears, s.default_retention.years);
  if (s.ownership) w.field(kOwnership, static_cast<std::uint8_t>(*s.ownership));
  if (s.acl) w.field(kAcl, encode(*s.acl));
  if (s.public_access_block) w.field(kPublicAccessBlock, pack(*s.public_access_block));
  w.text(kPolicy, s.policy);
  w.text(kCors, s.cors);
  w.text(kWebsite, s.website);
  if (!s.lifecycle.empty()) w.field(kLifecycle, encode(s.lifecycle));
  if (!s.tags.empty()) w.field(kTags, encode_pairs(s.tags));
  return w.take();
}

Result<Bucket> decode_bucket(BytesView in, CollectivityId collectivity, BucketId id) {
  Bucket b{.collectivity = collectivity, .id = id};
  BucketSettings& s = b.settings;
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
      case kVersioning: s.versioning = choice(r, Versioning::Suspended); break;
      case kObjectLock: s.object_lock = r.flag(); break;
      case kDefaultMode: s.default_retention.mode = choice(r, LockMode::Compliance); break;
      case kDefaultDays: s.default_retention.days = r.integer<std::uint32_t>(); break;
      case kDefaultYears: s.default_retention.years = r.integer<std::uint32_t>(); break;
      case kOwnership: s.ownership = choice(r, ObjectOwnership::ObjectWriter); break;
      case kAcl: {
        auto acl = decode_acl(r.bytes());
        if (acl) s.acl = std::move(*acl);
        else r.fail(crypto::Errc::BadFormat);
        break;
      }
      case kPublicAccessBlock: {
        const auto bits = r.integer<std::uint8_t>();
        s.public_access_block = PublicAccessBlock{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
        if (pack(*s.public_access_block) != bits) r.fail(crypto::Errc::NewerFormat);
        break;
      }
      case kPolicy: s.policy = r.text(); break;
      case kCors: s.cors = r.text(); break;
      case kWebsite: s.website = r.text(); break;
      case kLifecycle: {
        auto rules = decode_lifecycle(r.bytes());
        if (rules) s.lifecycle = std::move(*rules);
        else r.fail(crypto::Errc::BadFormat);
        break;
      }
      case kTags:
        if (!decode_pairs(r.bytes(), s.tags)) r.fail(crypto::Errc::BadFormat);
        break;
      default: r.unknown();
    }
  }
  if (auto status = r.status(); !status) return status.error();
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
