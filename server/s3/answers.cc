// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/answers.h"

#include "server/s3/acl.h"
#include "server/s3/conditions.h"
#include "server/s3/dates.h"
#include "server/s3/percent.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kStorageClass = "STANDARD";

std::string name_text(std::string_view name, bool url_encoded) {
  return url_encoded ? percent_encode(name, Slash::Keep) : std::string(name);
}

void optional_element(XmlWriter& xml, std::string_view name, std::string_view value) {
  if (!value.empty()) xml.element(name, value);
}

void owner_element(XmlWriter& xml, std::string_view name, const Owner& owner) {
  xml.open(name);
  xml.element("ID", owner.id);
  xml.element("DisplayName", owner.display_name);
  xml.close();
}

void checksum_elements(XmlWriter& xml, const storage::Checksum& checksum, std::size_t parts) {
  if (checksum.algorithm == ChecksumAlgorithm::None) return;
  xml.element(checksum_element(checksum.algorithm), checksum_text(checksum, parts));
}

void checksum_kind_elements(XmlWriter& xml, ChecksumAlgorithm algorithm, ChecksumType type) {
  if (algorithm == ChecksumAlgorithm::None) return;
  xml.element("ChecksumAlgorithm", checksum_name(algorithm));
  xml.element("ChecksumType", checksum_type_name(type));
}

void common_prefix_elements(XmlWriter& xml, const std::vector<std::string>& prefixes, bool url_encoded) {
  for (const std::string& prefix : prefixes) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", name_text(prefix, url_encoded));
    xml.close();
  }
}

// What both versions of the listing end with.
void listing_tail(XmlWriter& xml, const ObjectListing& listing, bool with_owner) {
  if (!listing.delimiter.empty()) {
    xml.element("Delimiter", name_text(listing.delimiter, listing.url_encoded));
  }
  if (listing.url_encoded) xml.element("EncodingType", "url");
  xml.flag("IsTruncated", listing.truncated);
  for (const ObjectEntry& object : listing.objects) {
    xml.open("Contents");
    xml.element("Key", name_text(object.key, listing.url_encoded));
    xml.element("LastModified", iso8601(object.modified_ms));
    xml.element("ETag", quoted(object.etag));
    checksum_kind_elements(xml, object.checksum.algorithm, object.checksum.type);
    xml.element("Size", object.size);
    xml.element("StorageClass", kStorageClass);
    if (with_owner) owner_element(xml, "Owner", object.owner);
    xml.close();
  }
  common_prefix_elements(xml, listing.common_prefixes, listing.url_encoded);
}

std::string copy_xml(std::string_view root, const CopyResult& result) {
  XmlWriter xml(root);
  xml.element("ETag", quoted(result.etag));
  xml.element("LastModified", iso8601(result.modified_ms));
  checksum_elements(xml, result.checksum, result.parts);
  return std::move(xml).finish();
}

void grant_element(XmlWriter& xml, const GrantEntry& entry) {
  const bool user = entry.grant.grantee == storage::Grantee::User;
  xml.open("Grant");
  xml.open("Grantee");
  xml.attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
  xml.attribute("xsi:type", user ? "CanonicalUser" : "Group");
  if (user) {
    xml.element("ID", entry.grant.user);
    xml.element("DisplayName", entry.display_name);
  } else {
    xml.element("URI", group_uri(entry.grant.grantee));
  }
  xml.close();
  xml.element("Permission", permission_name(entry.grant.permission));
  xml.close();
}

}  // namespace

std::string list_buckets_xml(const BucketListing& listing) {
  XmlWriter xml("ListAllMyBucketsResult");
  owner_element(xml, "Owner", listing.owner);
  xml.open("Buckets");
  for (const BucketEntry& bucket : listing.buckets) {
    xml.open("Bucket");
    xml.element("Name", bucket.name);
    xml.element("CreationDate", iso8601(bucket.created_ms));
    xml.close();
  }
  xml.close();
  optional_element(xml, "ContinuationToken", listing.continuation_token);
  optional_element(xml, "Prefix", listing.prefix);
  return std::move(xml).finish();
}

std::string list_objects_v1_xml(const ObjectListing& listing) {
  XmlWriter xml("ListBucketResult");
  xml.element("Name", listing.bucket);
  xml.element("Prefix", name_text(listing.prefix, listing.url_encoded));
  xml.element("Marker", name_text(listing.marker, listing.url_encoded));
  if (listing.truncated && !listing.delimiter.empty()) {
    xml.element("NextMarker", name_text(listing.next_marker, listing.url_encoded));
  }
  xml.element("MaxKeys", listing.max_keys);
  listing_tail(xml, listing, true);
  return std::move(xml).finish();
}

std::string list_objects_v2_xml(const ObjectListing& listing) {
  XmlWriter xml("ListBucketResult");
  xml.element("Name", listing.bucket);
  xml.element("Prefix", name_text(listing.prefix, listing.url_encoded));
  optional_element(xml, "StartAfter", name_text(listing.start_after, listing.url_encoded));
  if (listing.continuation_token) xml.element("ContinuationToken", *listing.continuation_token);
  if (listing.truncated) xml.element("NextContinuationToken", listing.next_continuation_token);
  xml.element("KeyCount", listing.objects.size() + listing.common_prefixes.size());
  xml.element("MaxKeys", listing.max_keys);
  listing_tail(xml, listing, listing.with_owner);
  return std::move(xml).finish();
}

std::string list_versions_xml(const VersionListing& listing) {
  const bool url = listing.url_encoded;
  XmlWriter xml("ListVersionsResult");
  xml.element("Name", listing.bucket);
  xml.element("Prefix", name_text(listing.prefix, url));
  xml.element("KeyMarker", name_text(listing.key_marker, url));
  xml.element("VersionIdMarker", listing.version_id_marker);
  if (listing.truncated) {
    xml.element("NextKeyMarker", name_text(listing.next_key_marker, url));
    optional_element(xml, "NextVersionIdMarker", listing.next_version_id_marker);
  }
  xml.element("MaxKeys", listing.max_keys);
  if (!listing.delimiter.empty()) xml.element("Delimiter", name_text(listing.delimiter, url));
  if (url) xml.element("EncodingType", "url");
  xml.flag("IsTruncated", listing.truncated);
  for (const VersionEntry& version : listing.versions) {
    const ObjectEntry& object = version.object;
    xml.open(version.delete_marker ? "DeleteMarker" : "Version");
    xml.element("Key", name_text(object.key, url));
    xml.element("VersionId", version.version_id);
    xml.flag("IsLatest", version.latest);
    xml.element("LastModified", iso8601(object.modified_ms));
    if (!version.delete_marker) {
      xml.element("ETag", quoted(object.etag));
      checksum_kind_elements(xml, object.checksum.algorithm, object.checksum.type);
      xml.element("Size", object.size);
      xml.element("StorageClass", kStorageClass);
    }
    owner_element(xml, "Owner", object.owner);
    xml.close();
  }
  common_prefix_elements(xml, listing.common_prefixes, url);
  return std::move(xml).finish();
}

std::string initiate_multipart_xml(std::string_view bucket, std::string_view key,
                                   std::string_view upload_id) {
  XmlWriter xml("InitiateMultipartUploadResult");
  xml.element("Bucket", bucket);
  xml.element("Key", key);
  xml.element("UploadId", upload_id);
  return std::move(xml).finish();
}

std::string complete_multipart_xml(const CompletedUpload& upload) {
  XmlWriter xml("CompleteMultipartUploadResult");
  xml.element("Location", upload.location);
  xml.element("Bucket", upload.bucket);
  xml.element("Key", upload.key);
  xml.element("ETag", quoted(upload.etag));
  if (upload.checksum.algorithm != ChecksumAlgorithm::None) {
    checksum_elements(xml, upload.checksum, upload.parts);
    xml.element("ChecksumType", checksum_type_name(upload.checksum.type));
  }
  return std::move(xml).finish();
}

std::string list_parts_xml(const PartListing& listing) {
  XmlWriter xml("ListPartsResult");
  xml.element("Bucket", listing.bucket);
  xml.element("Key", listing.key);
  xml.element("UploadId", listing.upload_id);
  owner_element(xml, "Initiator", listing.initiator);
  owner_element(xml, "Owner", listing.owner);
  xml.element("StorageClass", kStorageClass);
  xml.element("PartNumberMarker", listing.part_number_marker);
  xml.element("NextPartNumberMarker", listing.next_part_number_marker);
  xml.element("MaxParts", listing.max_parts);
  xml.flag("IsTruncated", listing.truncated);
  checksum_kind_elements(xml, listing.checksum_algorithm, listing.checksum_type);
  for (const PartEntry& part : listing.parts) {
    xml.open("Part");
    xml.element("PartNumber", part.number);
    xml.element("LastModified", iso8601(part.modified_ms));
    xml.element("ETag", quoted(part.etag));
    xml.element("Size", part.size);
    checksum_elements(xml, part.checksum, 0);
    xml.close();
  }
  return std::move(xml).finish();
}

std::string list_uploads_xml(const UploadListing& listing) {
  const bool url = listing.url_encoded;
  XmlWriter xml("ListMultipartUploadsResult");
  xml.element("Bucket", listing.bucket);
  xml.element("KeyMarker", name_text(listing.key_marker, url));
  xml.element("UploadIdMarker", listing.upload_id_marker);
  if (listing.truncated) {
    xml.element("NextKeyMarker", name_text(listing.next_key_marker, url));
    xml.element("NextUploadIdMarker", listing.next_upload_id_marker);
  }
  xml.element("Prefix", name_text(listing.prefix, url));
  if (!listing.delimiter.empty()) xml.element("Delimiter", name_text(listing.delimiter, url));
  if (url) xml.element("EncodingType", "url");
  xml.element("MaxUploads", listing.max_uploads);
  xml.flag("IsTruncated", listing.truncated);
  for (const UploadEntry& upload : listing.uploads) {
    xml.open("Upload");
    xml.element("Key", name_text(upload.key, url));
    xml.element("UploadId", upload.upload_id);
    owner_element(xml, "Initiator", upload.initiator);
    owner_element(xml, "Owner", upload.owner);
    xml.element("StorageClass", kStorageClass);
    xml.element("Initiated", iso8601(upload.started_ms));
    checksum_kind_elements(xml, upload.checksum_algorithm, upload.checksum_type);
    xml.close();
  }
  common_prefix_elements(xml, listing.common_prefixes, url);
  return std::move(xml).finish();
}

std::string post_xml(std::string_view location, std::string_view bucket, std::string_view key, std::string_view etag) {
  XmlWriter xml("PostResponse", "");  // S3 gives this one no namespace
  xml.element("Location", location);
  xml.element("Bucket", bucket);
  xml.element("Key", key);
  xml.element("ETag", quoted(etag));
  return std::move(xml).finish();
}

std::string delete_result_xml(const DeleteResult& result) {
  XmlWriter xml("DeleteResult");
  for (const DeletedEntry& entry : result.deleted) {
    xml.open("Deleted");
    xml.element("Key", entry.key);
    optional_element(xml, "VersionId", entry.version_id);
    if (!entry.delete_marker_version_id.empty()) {
      xml.flag("DeleteMarker", true);
      xml.element("DeleteMarkerVersionId", entry.delete_marker_version_id);
    }
    xml.close();
  }
  for (const DeleteErrorEntry& entry : result.errors) {
    xml.open("Error");
    xml.element("Key", entry.key);
    optional_element(xml, "VersionId", entry.version_id);
    xml.element("Code", code_row(entry.error.code).name);
    xml.element("Message", entry.error.message);
    xml.close();
  }
  return std::move(xml).finish();
}

std::string copy_object_xml(const CopyResult& result) {
  return copy_xml("CopyObjectResult", result);
}

std::string copy_part_xml(const CopyResult& result) {
  return copy_xml("CopyPartResult", result);
}

std::string location_xml(std::string_view location) {
  XmlWriter xml("LocationConstraint");
  if (location != "us-east-1") xml.text(location);
  return std::move(xml).finish();
}

std::string versioning_xml(storage::Versioning versioning) {
  XmlWriter xml("VersioningConfiguration");
  if (versioning == storage::Versioning::Enabled) xml.element("Status", "Enabled");
  if (versioning == storage::Versioning::Suspended) xml.element("Status", "Suspended");
  return std::move(xml).finish();
}

std::string empty_setting_xml(std::string_view root) {
  return XmlWriter(root).finish();
}

std::string request_payment_xml() {
  XmlWriter xml("RequestPaymentConfiguration");
  xml.element("Payer", "BucketOwner");
  return std::move(xml).finish();
}

std::string acl_xml(const Owner& owner, const std::optional<std::vector<GrantEntry>>& grants) {
  XmlWriter xml("AccessControlPolicy");
  owner_element(xml, "Owner", owner);
  xml.open("AccessControlList");
  if (grants) {
    for (const GrantEntry& entry : *grants) grant_element(xml, entry);
  } else {
    grant_element(xml, {{storage::Grantee::User, owner.id, storage::Permission::FullControl}, owner.display_name});
  }
  return std::move(xml).finish();
}

std::string policy_status_xml(bool is_public) {
  XmlWriter xml("PolicyStatus");
  xml.flag("IsPublic", is_public);
  return std::move(xml).finish();
}

std::string ownership_xml(storage::ObjectOwnership ownership) {
  XmlWriter xml("OwnershipControls");
  xml.open("Rule");
  xml.element("ObjectOwnership", ownership_name(ownership));
  return std::move(xml).finish();
}

std::string public_access_block_xml(const storage::PublicAccessBlock& block) {
  XmlWriter xml("PublicAccessBlockConfiguration");
  xml.flag("BlockPublicAcls", block.block_public_acls);
  xml.flag("IgnorePublicAcls", block.ignore_public_acls);
  xml.flag("BlockPublicPolicy", block.block_public_policy);
  xml.flag("RestrictPublicBuckets", block.restrict_public_buckets);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
