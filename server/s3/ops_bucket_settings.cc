// SPDX-License-Identifier: EUPL-1.2
// Settings of a bucket: what it can be given (tags, CORS, a web site), and true answers about what it never has (logging, notifications, acceleration,
// replication, another encryption than AES256).
#include "server/s3/body.h"
#include "server/s3/call.h"
#include "server/s3/cors.h"
#include "server/s3/encryption.h"
#include "server/s3/tagging.h"
#include "server/s3/website.h"

namespace beffroi::s3 {
namespace {

using storage::BucketSettings;

S3Error not_set(const Call& call, Code code) { return S3Error(code).with("BucketName", call.bucket().name); }

}  // namespace

Answer get_bucket_logging(Call& call) {
  const std::string document = empty_setting_xml("BucketLoggingStatus");
  co_return co_await call.answer_xml(document);
}

Answer get_bucket_notification_configuration(Call& call) {
  const std::string document = empty_setting_xml("NotificationConfiguration");
  co_return co_await call.answer_xml(document);
}

Answer get_bucket_accelerate_configuration(Call& call) {
  const std::string document = empty_setting_xml("AccelerateConfiguration");
  co_return co_await call.answer_xml(document);
}

Answer get_bucket_request_payment(Call& call) {
  const std::string document = request_payment_xml();
  co_return co_await call.answer_xml(document);
}

Answer get_bucket_replication(Call& call) { co_return not_set(call, Code::ReplicationConfigurationNotFoundError); }

Answer get_bucket_encryption(Call& call) {
  const std::string document = encryption_xml();
  co_return co_await call.answer_xml(document);
}

// Nothing to store: it is so already, and it stays so when it is deleted.
Answer put_bucket_encryption(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  if (auto fine = check_encryption_document(*document); !fine) co_return fine.error();
  co_return co_await call.answer(200);
}

Answer delete_bucket_encryption(Call& call) { co_return co_await call.answer(204); }

Answer get_bucket_tagging(Call& call) {
  const storage::Tags& tags = call.bucket().settings.tags;
  if (tags.empty()) co_return not_set(call, Code::NoSuchTagSet);
  const std::string document = tagging_xml(tags);
  co_return co_await call.answer_xml(document);
}

Answer put_bucket_tagging(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  auto tags = parse_tagging(*document, kBucketTagsMax);
  if (!tags) co_return tags.error();
  Call::SettingsEdit edit = [given = std::move(*tags)](BucketSettings& settings) -> Result<void> {
    settings.tags = given;
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 204);
}

Answer delete_bucket_tagging(Call& call) {
  Call::SettingsEdit edit = [](BucketSettings& settings) -> Result<void> {
    settings.tags.clear();
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 204);
}

Answer get_bucket_cors(Call& call) {
  const std::string& document = call.bucket().settings.cors;
  if (document.empty()) co_return not_set(call, Code::NoSuchCORSConfiguration);
  co_return co_await call.answer_xml(document);
}

Answer put_bucket_cors(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto rules = parse_cors(*document);
  if (!rules) co_return rules.error();
  Call::SettingsEdit edit = [kept = cors_xml(*rules)](BucketSettings& settings) -> Result<void> {
    settings.cors = kept;
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 200);
}

Answer delete_bucket_cors(Call& call) {
  Call::SettingsEdit edit = [](BucketSettings& settings) -> Result<void> {
    settings.cors.clear();
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 204);
}

Answer get_bucket_website(Call& call) {
  const std::string& document = call.bucket().settings.website;
  if (document.empty()) co_return not_set(call, Code::NoSuchWebsiteConfiguration);
  co_return co_await call.answer_xml(document);
}

Answer put_bucket_website(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto site = parse_website(*document);
  if (!site) co_return site.error();
  Call::SettingsEdit edit = [kept = website_xml(*site)](BucketSettings& settings) -> Result<void> {
    settings.website = kept;
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 200);
}

Answer delete_bucket_website(Call& call) {
  Call::SettingsEdit edit = [](BucketSettings& settings) -> Result<void> {
    settings.website.clear();
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 204);
}

}  // namespace beffroi::s3
