// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/policy_cache.h"

#include "server/log.h"

namespace beffroi::s3 {
namespace {

Policy deny_everything(const storage::Bucket& bucket) {
  PolicyStatement statement;
  statement.everyone = true;
  statement.actions.set();
  statement.resources = {bucket.name, bucket.name + "/*"};
  return Policy{{std::move(statement)}};
}

std::shared_ptr<const Policy> parse(const storage::Bucket& bucket, const storage::Directory& directory) {
  const auto collectivity = directory.collectivity(bucket.collectivity);
  if (collectivity) {
    if (auto policy = parse_policy(bucket.settings.policy, place_of(bucket, *collectivity)))
      return std::make_shared<const Policy>(std::move(*policy));
  }
  log_error("a stored bucket policy is not understood: access is denied until it is put again",
            {{"bucket", bucket.name}});
  return std::make_shared<const Policy>(deny_everything(bucket));
}

}  // namespace

PolicyPlace place_of(const storage::Bucket& bucket, const storage::Collectivity& collectivity) {
  return {bucket.name, collectivity.siren, collectivity.slug};
}

std::shared_ptr<const Policy> PolicyCache::find(const std::shared_ptr<const storage::Bucket>& bucket,
                                                const storage::Directory& directory) {
  if (bucket->settings.policy.empty()) return nullptr;
  const std::pair place(bucket->collectivity, bucket->id);
  {
    auto entries = entries_.lock();
    const auto at = entries->find(place);
    if (at != entries->end() && at->second.bucket == bucket) return at->second.policy;
  }
  auto policy = parse(*bucket, directory);
  auto entries = entries_.lock();
  if (entries->size() >= kCachedPoliciesMax) entries->clear();
  (*entries)[place] = {bucket, policy};
  return policy;
}

}  // namespace beffroi::s3
