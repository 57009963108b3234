// SPDX-License-Identifier: EUPL-1.2
// XML bodies of answers: plain structs that a handler fills, and one builder each that knows S3's order of
// elements. Instants are in ms, ETags without quotes. Optional elements are left out when empty, but those S3
// always sends (Prefix, Marker) are not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/checksum.h"
#include "storage/engine/bucket.h"

namespace beffroi::s3 {

struct Owner {
  std::string id;
  std::string display_name;
};

// ListAllMyBucketsResult
struct BucketEntry {
  std::string name;
  std::int64_t created_ms = 0;
};
struct BucketListing {
  Owner owner;
  std::vector<BucketEntry> buckets;
  std::string prefix;
  std::string continuation_token;  // of the next page; empty: complete
};
std::string list_buckets_xml(const BucketListing&);

// ListBucketResult, of either version
struct ObjectEntry {
  std::string key;
  std::int64_t modified_ms = 0;
  std::string etag;
  storage::Checksum checksum;  // its algorithm and type only
  std::uint64_t size = 0;
  Owner owner;
};
struct ObjectListing {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string marker;              // v1: as asked
  std::string next_marker;         // v1: shown only with a delimiter and when truncated
  std::string start_after;         // v2: as asked
  std::optional<std::string> continuation_token;  // v2: as asked
  std::string next_continuation_token;
  std::uint64_t max_keys = 1000;  // as capped
  bool url_encoded = false;
  bool truncated = false;
  bool with_owner = false;  // v2: fetch-owner; v1 always
  std::vector<ObjectEntry> objects;
  std::vector<std::string> common_prefixes;
};
std::string list_objects_v1_xml(const ObjectListing&);
std::string list_objects_v2_xml(const ObjectListing&);

// ListVersionsResult
struct VersionEntry {
  ObjectEntry object;
  std::string version_id;
  bool latest = false;
  bool delete_marker = false;
};
struct VersionListing {
  std::string bucket, prefix, delimiter, key_marker, version_id_marker, next_key_marker, next_version_id_marker;
  std::uint64_t max_keys = 1000;
  bool url_encoded = false;
  bool truncated = false;
  std::vector<VersionEntry> versions;
  std::vector<std::string> common_prefixes;
};
std::string list_versions_xml(const VersionListing&);

// Multipart
std::string initiate_multipart_xml(std::string_view bucket, std::string_view key, std::string_view upload_id);

struct CompletedUpload {
  std::string location, bucket, key, etag;
  storage::Checksum checksum;
  std::size_t parts = 0;
};
std::string complete_multipart_xml(const CompletedUpload&);

struct PartEntry {
  std::uint16_t number = 0;
  std::int64_t modified_ms = 0;
  std::string etag;
  std::uint64_t size = 0;
  storage::Checksum checksum;
};
struct PartListing {
  std::string bucket, key, upload_id;
  Owner initiator, owner;
  std::uint32_t part_number_marker = 0;
  std::uint32_t next_part_number_marker = 0;
  std::uint64_t max_parts = 1000;
  bool truncated = false;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::None;
  ChecksumType checksum_type = ChecksumType::FullObject;
  std::vector<PartEntry> parts;
};
std::string list_parts_xml(const PartListing&);

struct UploadEntry {
  std::string key, upload_id;
  Owner initiator, owner;
  std::int64_t started_ms = 0;
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::None;
  ChecksumType checksum_type = ChecksumType::FullObject;
};
struct UploadListing {
  std::string bucket, key_marker, upload_id_marker, next_key_marker, next_upload_id_marker, prefix, delimiter;
  std::uint64_t max_uploads = 1000;
  bool truncated = false;
  bool url_encoded = false;
  std::vector<UploadEntry> uploads;
  std::vector<std::string> common_prefixes;
};
std::string list_uploads_xml(const UploadListing&);

std::string post_xml(std::string_view location, std::string_view bucket, std::string_view key, std::string_view etag);

// DeleteResult
struct DeletedEntry {
  std::string key;
  std::string version_id;                // as asked
  std::string delete_marker_version_id;  // of a marker that was made or removed
};
struct DeleteErrorEntry {
  std::string key;
  std::string version_id;
  S3Error error;
};
struct DeleteResult {
  std::vector<DeletedEntry> deleted;  // left out by `quiet`
  std::vector<DeleteErrorEntry> errors;
};
std::string delete_result_xml(const DeleteResult&);

// CopyObjectResult, CopyPartResult
struct CopyResult {
  std::string etag;
  std::int64_t modified_ms = 0;
  storage::Checksum checksum;
  std::size_t parts = 0;  // of a composite checksum
};
std::string copy_object_xml(const CopyResult&);
std::string copy_part_xml(const CopyResult&);

std::string location_xml(std::string_view location);  // empty for us-east-1
std::string versioning_xml(storage::Versioning);
// AccessControlPolicy. Without grants: the owner's FULL_CONTROL.
struct GrantEntry {
  storage::Grant grant;
  std::string display_name;  // of a user
};
std::string acl_xml(const Owner&, const std::optional<std::vector<GrantEntry>>& grants = std::nullopt);
std::string policy_status_xml(bool is_public);
std::string ownership_xml(storage::ObjectOwnership);
std::string public_access_block_xml(const storage::PublicAccessBlock&);
std::string empty_setting_xml(std::string_view root);  // of a setting that a bucket never has
std::string request_payment_xml();  // the owner pays

}  // namespace beffroi::s3
