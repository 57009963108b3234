// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/claims.h"

#include <functional>

#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

enum Kind : std::uint64_t { kCollectivity = 1, kBucket, kBucketName, kObject, kBlob, kUpload, kPart, kRow };

// Mixes as boost::hash_combine's 64-bit form does; quality matters only for how rarely two names meet.
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  seed ^= value + 0x9E3779B97F4A7C15ull + (seed << 12) + (seed >> 4);
  seed *= 0xFF51AFD7ED558CCDull;
  return seed ^ (seed >> 33);
}

std::uint64_t hash(BytesView bytes) { return std::hash<BytesView>{}(bytes); }

}  // namespace

void Claims::collectivity(CollectivityId t, Mode mode) { add(mix(kCollectivity, raw(t)), mode); }

void Claims::bucket(CollectivityId t, BucketId b, Mode mode) { add(mix(mix(kBucket, raw(t)), raw(b)), mode); }

void Claims::bucket_name(CollectivityId t, std::string_view name, Mode mode) {
  add(mix(mix(kBucketName, raw(t)), hash(name)), mode);
}

void Claims::object(CollectivityId t, BucketId b, BytesView key, Mode mode) {
  add(mix(mix(mix(kObject, raw(t)), raw(b)), hash(key)), mode);
}

void Claims::blob(CollectivityId t, BlobId blob, Mode mode) { add(mix(mix(kBlob, raw(t)), raw(blob)), mode); }

void Claims::upload(BytesView upload_id, Mode mode) { add(mix(kUpload, hash(upload_id)), mode); }

void Claims::part(BytesView upload_id, std::uint16_t number, Mode mode) {
  add(mix(mix(kPart, hash(upload_id)), number), mode);
}

void Claims::row(BytesView meta_key, Mode mode) { add(mix(kRow, hash(meta_key)), mode); }

bool ClaimTable::take(const Claims& claims) {
  bool conflict = false;
  // A change may name one thing twice (a copy onto itself): its own claims are compared with the others' only.
  for (const auto& claim : claims.claims_) {
    const auto held = held_.find(claim.name);
    if (held == held_.end()) continue;
    conflict |= held->second == Claims::Mode::Exclusive || claim.mode == Claims::Mode::Exclusive;
  }
  for (const auto& claim : claims.claims_) {
    auto [held, fresh] = held_.try_emplace(claim.name, claim.mode);
    if (!fresh && claim.mode == Claims::Mode::Exclusive) held->second = Claims::Mode::Exclusive;
  }
  return conflict && !mutant("claims_off");
}

}  // namespace beffroi::storage
