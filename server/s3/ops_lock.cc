// SPDX-License-Identifier: EUPL-1.2
// Object Lock: a bucket's configuration, a version's retention and legal hold.
#include "server/s3/call.h"
#include "server/s3/headers.h"
#include "server/s3/object_lock.h"
#include "storage/engine/object_lock.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;
using storage::BucketSettings;
using storage::LockMode;
using storage::ObjectFields;
using storage::Versioning;

// The named version, for a look at its lock. 400 when its bucket has none.
awaitable<S3Result<storage::ObjectReader>> locked_object(Call& call) {
  if (!call.bucket().settings.object_lock) co_return no_object_lock();
  auto reader = co_await open_object(call, false);
  co_return reader;
}

awaitable<S3Result<std::string>> lock_document(Call& call) {
  if (!call.bucket().settings.object_lock) co_return no_object_lock();
  auto document = co_await call.document();
  co_return document;
}

}  // namespace

Answer get_object_lock_configuration(Call& call) {
  const BucketSettings& settings = call.bucket().settings;
  if (!settings.object_lock) co_return S3Error(Code::ObjectLockConfigurationNotFoundError);
  co_return co_await call.answer_xml(lock_configuration_xml(settings.default_retention));
}

Answer put_object_lock_configuration(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto wanted = parse_lock_configuration(*document);
  if (!wanted) co_return wanted.error();
  if (call.bucket().settings.versioning != Versioning::Enabled) {
    co_return S3Error(Code::InvalidBucketState, "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  }
  const storage::DefaultRetention retention = *wanted;
  Call::SettingsEdit edit = [retention](BucketSettings& settings) -> Result<void> {
    if (settings.versioning != Versioning::Enabled) return storage::EngineErrc::InvalidArgument;
    settings.object_lock = true;
    settings.default_retention = retention;
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 200);
}

Answer get_object_retention(Call& call) {
  const auto reader = co_await locked_object(call);
  if (!reader) co_return reader.error();
  if (reader->object().retention.mode == LockMode::None) co_return S3Error(Code::NoSuchObjectLockConfiguration);
  const std::string document = retention_xml(reader->object().retention);
  co_return co_await call.answer_xml(document);
}

Answer put_object_retention(Call& call) {
  const auto document = co_await lock_document(call);
  if (!document) co_return document.error();
  const auto wanted = parse_retention(*document);
  if (!wanted) co_return wanted.error();
  if (wanted->mode != LockMode::None) {
    if (auto good = check_retain_until(wanted->until_ms, call.engine().now_ms()); !good) co_return good.error();
  }
  const storage::Retention retention = *wanted;
  const bool bypass = bypasses_governance(call, call.key());
  auto edit = [retention, bypass](ObjectFields& fields, std::int64_t now_ms) {
    return change_retention(fields, retention, bypass, now_ms);
  };
  co_return co_await call.change_object(edit, 200);
}

Answer get_object_legal_hold(Call& call) {
  const auto reader = co_await locked_object(call);
  if (!reader) co_return reader.error();
  const storage::LegalHold hold = reader->object().legal_hold;
  if (hold == storage::LegalHold::None) co_return S3Error(Code::NoSuchObjectLockConfiguration);
  const std::string document = legal_hold_xml(hold);
  co_return co_await call.answer_xml(document);
}

Answer put_object_legal_hold(Call& call) {
  const auto document = co_await lock_document(call);
  if (!document) co_return document.error();
  const auto wanted = parse_legal_hold(*document);
  if (!wanted) co_return wanted.error();
  const storage::LegalHold hold = *wanted;
  auto edit = [hold](ObjectFields& fields, std::int64_t) -> Result<void> {
    fields.legal_hold = hold;
    return {};
  };
  co_return co_await call.change_object(edit, 200);
}

}  // namespace beffroi::s3
