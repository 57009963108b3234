// SPDX-License-Identifier: EUPL-1.2
// links: crypto pugixml
// sources: server/s3/xml.cc server/s3/checksum.cc server/s3/conditions.cc server/s3/dates.cc server/s3/headers.cc server/s3/percent.cc
// sources: server/s3/request.cc server/s3/errors.cc server/s3/xml_writer.cc server/http/request_head.cc server/http/errors.cc
// sources: storage/engine/conditions.cc storage/engine/errors.cc server/s3/xml_tree.cc server/s3/tagging.cc server/s3/website.cc
// sources: server/s3/encryption.cc
// sources: server/s3/acl.cc server/s3/xml_access.cc storage/tenant/user.cc storage/index/record.cc
// sources: server/s3/lifecycle.cc server/s3/object_lock.cc
// XML bodies: no crash, the bounds hold, and a list of deletions that was accepted reads back the same once
// written again.
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/encryption.h"
#include "server/s3/lifecycle.h"
#include "server/s3/object_lock.h"
#include "server/s3/tagging.h"
#include "server/s3/website.h"
#include "server/s3/xml.h"
#include "server/s3/xml_access.h"
#include "server/s3/xml_writer.h"

using namespace beffroi;
using namespace beffroi::s3;

namespace {

void check_delete(std::string_view body) {
  S3Result<DeleteRequest> request = parse_delete(body);
  if (!request) return;
  CHECK(!request->objects.empty() && request->objects.size() <= kDeleteObjectsMax);
  XmlWriter xml("Delete");
  for (const ObjectToDelete& object : request->objects) {
    xml.open("Object");
    xml.element("Key", object.key);
    xml.close();
  }
  S3Result<DeleteRequest> again = parse_delete(std::move(xml).finish());
  CHECK(again && again->objects.size() == request->objects.size());
  for (std::size_t i = 0; i < again->objects.size(); ++i)
    CHECK(again->objects[i].key == request->objects[i].key);
}

void check_tags(std::string_view text) {
  if (const auto tags = parse_tag_header(text)) CHECK(tags->size() <= kObjectTagsMax);
  const auto tags = parse_tagging(text, kBucketTagsMax);
  if (!tags) return;
  CHECK(tags->size() <= kBucketTagsMax);
  const auto again = parse_tagging(tagging_xml(*tags), kBucketTagsMax);
  CHECK(again && *again == *tags);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_delete(body);
  if (S3Result<CompleteRequest> request = parse_complete(body)) {
    for (std::size_t i = 1; i < request->parts.size(); ++i)
      CHECK(request->parts[i - 1].number < request->parts[i].number);
  }
  (void)parse_create_bucket(body);
  check_tags(body);
  if (const auto site = parse_website(body)) {
    const auto again = parse_website(website_xml(*site));
    CHECK(again && *again == *site);
  }
  if (const auto rules = parse_lifecycle(body)) {
    const auto again = parse_lifecycle(lifecycle_xml(*rules));
    CHECK(again && *again == *rules);
  }
  if (const auto lock = parse_lock_configuration(body)) {
    const auto again = parse_lock_configuration(lock_configuration_xml(*lock));
    CHECK(again && *again == *lock);
  }
  if (const auto retention = parse_retention(body)) CHECK((retention->mode == storage::LockMode::None) == (retention->until_ms == 0));
  (void)parse_legal_hold(body);
  (void)parse_versioning(body);
  (void)check_encryption_document(body);
  (void)parse_ownership(body);
  (void)parse_public_access_block(body);
  if (S3Result<AccessControlPolicy> acl = parse_acl(body)) CHECK(acl->grants.size() <= storage::kGrantsMax);
  return 0;
}
