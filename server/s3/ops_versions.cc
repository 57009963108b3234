// SPDX-License-Identifier: EUPL-1.2
// A bucket's versioning, and the list of its versions.
#include "server/s3/call.h"
#include "server/s3/xml.h"

namespace beffroi::s3 {

using storage::BucketSettings;
using storage::Versioning;

Answer get_bucket_versioning(Call& call) { co_return co_await call.answer_xml(versioning_xml(call.bucket().settings.versioning)); }

Answer put_bucket_versioning(Call& call) {
  const auto document = co_await call.document();
  if (!document) co_return document.error();
  const auto wanted = parse_versioning(*document);
  if (!wanted) co_return wanted.error();
  if (call.bucket().settings.object_lock && *wanted == Versioning::Suspended) {
    co_return S3Error(Code::InvalidBucketState,
                      "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.");
  }
  const Versioning versioning = *wanted;
  Call::SettingsEdit edit = [versioning](BucketSettings& settings) -> Result<void> {
    if (settings.object_lock && versioning == Versioning::Suspended) return storage::EngineErrc::InvalidArgument;
    settings.versioning = versioning;
    return {};
  };
  co_return co_await call.change_bucket(std::move(edit), 200);
}

Answer list_object_versions(Call& call) {
  const auto max = page_size(call.query(), "max-keys");
  if (!max) co_return max.error();
  const auto encoded = url_encoding(call.query());
  if (encoded.has_error()) co_return encoded.error();
  VersionListing listing{.bucket = call.bucket().name,
                         .prefix = call.query().value("prefix"),
                         .delimiter = call.query().value("delimiter"),
                         .key_marker = call.query().value("key-marker"),
                         .version_id_marker = call.query().value("version-id-marker")};
  listing.max_keys = *max;
  listing.url_encoded = *encoded;
  if (!listing.version_id_marker.empty() && (listing.key_marker.empty() || !is_version_id(listing.version_id_marker))) {
    co_return S3Error(Code::InvalidArgument, listing.key_marker.empty() ? "A version-id marker cannot be specified without a key marker."
                                                                        : "Invalid version id specified")
        .with("ArgumentName", "version-id-marker")
        .with("ArgumentValue", listing.version_id_marker);
  }
  storage::VersionQuery query{.collectivity = call.collectivity(),
                              .bucket = call.bucket().id,
                              .prefix = listing.prefix,
                              .delimiter = listing.delimiter,
                              .after_key = listing.key_marker,
                              .after_version = listing.version_id_marker,
                              .max = *max};
  auto work = [&] { return call.engine().list_versions(query); };
  auto page = co_await call.services.pool.run(work);
  if (!page) co_return to_s3(page.error());
  listing.truncated = page->truncated;
  listing.common_prefixes = std::move(page->prefixes);
  listing.next_key_marker = std::move(page->last_key);
  listing.next_version_id_marker = std::move(page->last_version);
  for (auto& from : page->versions) {
    VersionEntry entry{.latest = from.latest, .delete_marker = from.object.delete_marker};
    entry.version_id = shown_version(from.object);
    entry.object.key = std::move(from.key);
    entry.object.modified_ms = from.object.modified_ms;
    entry.object.etag = std::move(from.object.etag);
    entry.object.checksum = std::move(from.object.checksum);
    entry.object.size = from.object.size;
    entry.object.owner = owner_of(call.engine(), from.object.owner);
    listing.versions.push_back(std::move(entry));
  }
  co_return co_await call.answer_xml(list_versions_xml(listing));
}

}  // namespace beffroi::s3
