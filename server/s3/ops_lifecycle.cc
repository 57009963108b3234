// SPDX-License-Identifier: EUPL-1.2
// A bucket's lifecycle configuration.
#include "server/s3/call.h"
#include "server/s3/lifecycle.h"

namespace beffroi::s3 {

using storage::BucketSettings;

Answer get_bucket_lifecycle_configuration(Call& call) {
  const storage::LifecycleRules& rules = call.bucket().settings.lifecycle;
  if (rules.empty()) co_return S3Error(Code::NoSuchLifecycleConfiguration).with("BucketName", call.bucket().name);
  const std::string document = lifecycle_xml(rules);
  co_return co_await call.answer_xml(document);
}

Answer put_bucket_lifecycle_configuration(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  auto rules = parse_lifecycle(*document);
  if (!rules) co_return rules.error();
  Call::SettingsEdit edit = [given = std::move(*rules)](BucketSettings& settings) -> Result<void> {
    settings.lifecycle = given;
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 200);
}

Answer delete_bucket_lifecycle(Call& call) {
  Call::SettingsEdit edit = [](BucketSettings& settings) -> Result<void> {
    settings.lifecycle.clear();
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 204);
}

}  // namespace beffroi::s3
