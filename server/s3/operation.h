// SPDX-License-Identifier: EUPL-1.2
// The table of operations: one enum value and one row each. The router, the authorizer, metrics, the audit,
// the documentation and the tests read the same row. A new operation is a row, a coroutine and a test file.
//
// Below the table stands one list of what S3 has and Beffroi has not yet: such a request is answered 501 with
// the operation's name, never mistaken for another (PUT /bucket/key?acl must not store an object).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace beffroi::s3 {

enum class Method : std::uint8_t { Get, Head, Put, Post, Delete, Options };
std::optional<Method> parse_method(std::string_view);
std::string_view method_name(Method);

enum class Level : std::uint8_t { Service, Bucket, Object };

// What the role of the caller must allow: readers list and read every bucket of their collectivity, members
// also write in the buckets they own (and create them), admins everywhere.
enum class Access : std::uint8_t { List, Read, Write };

enum class BodyKind : std::uint8_t {
  None,    // a body is drained, within bounds, and ignored
  Object,  // bytes to store
  Xml,     // read whole, then parsed
};

enum class AuditClass : std::uint8_t { Read, Change };

enum class Operation : std::uint8_t {
  ListBuckets,
  CreateBucket,
  HeadBucket,
  DeleteBucket,
  GetBucketLocation,
  GetBucketLogging,
  GetBucketNotificationConfiguration,
  GetBucketAccelerateConfiguration,
  GetBucketRequestPayment,
  GetBucketReplication,
  GetBucketEncryption,
  PutBucketEncryption,
  DeleteBucketEncryption,
  GetBucketTagging,
  PutBucketTagging,
  DeleteBucketTagging,
  GetBucketCors,
  PutBucketCors,
  DeleteBucketCors,
  GetBucketWebsite,
  PutBucketWebsite,
  DeleteBucketWebsite,
  CorsPreflight,
  GetBucketVersioning,
  PutBucketVersioning,
  GetBucketLifecycleConfiguration,
  PutBucketLifecycleConfiguration,
  DeleteBucketLifecycle,
  GetObjectLockConfiguration,
  PutObjectLockConfiguration,
  GetBucketAcl,
  ListObjects,
  ListObjectsV2,
  ListObjectVersions,
  PutObject,
  PostObject,
  CopyObject,
  GetObject,
  HeadObject,
  GetObjectAcl,
  GetObjectRetention,
  PutObjectRetention,
  GetObjectLegalHold,
  PutObjectLegalHold,
  GetObjectTagging,
  PutObjectTagging,
  DeleteObjectTagging,
  GetObjectAttributes,
  DeleteObject,
  DeleteObjects,
  CreateMultipartUpload,
  UploadPart,
  UploadPartCopy,
  CompleteMultipartUpload,
  AbortMultipartUpload,
  ListParts,
  ListMultipartUploads,
  GetBucketPolicy,
  PutBucketPolicy,
  DeleteBucketPolicy,
  GetBucketPolicyStatus,
  GetPublicAccessBlock,
  PutPublicAccessBlock,
  DeletePublicAccessBlock,
  GetBucketOwnershipControls,
  PutBucketOwnershipControls,
  DeleteBucketOwnershipControls,
  PutBucketAcl,
  PutObjectAcl,
};
inline constexpr std::size_t kOperations = static_cast<std::size_t>(Operation::PutObjectAcl) + 1;

inline constexpr std::uint64_t kObjectPutBytesMax = 5ull << 30;  // S3's bound of a single PUT and of a part
inline constexpr std::uint64_t kXmlBodyBytesMax = 1 << 20;
inline constexpr std::uint64_t kSettingBodyBytesMax = 64 << 10;  // S3's bound of a CORS document; of what stays in the bucket's row
inline constexpr std::uint64_t kPolicyBodyBytesMax = 20 * 1024;
// 10 000 parts, each with its ETag in &quot; and a SHA-256, are 2.6 MB.
inline constexpr std::uint64_t kCompleteBodyBytesMax = 4 << 20;

struct OperationRow {
  Operation operation;
  std::string_view name;  // S3's name: metrics, audit, errors
  Method method;
  Level level;
  std::string_view subresource;  // the query key that selects it; empty: none
  std::string_view header;       // a header that, when present, selects this row instead of its twin without
  std::string_view action;       // what a policy allows or denies
  Access access;
  BodyKind body;
  std::uint64_t body_bytes_max;
  AuditClass audit;
  bool integrity_required;  // Content-MD5, a checksum or a payload hash is demanded
  bool needs_room;          // refused on a full disk, where what only removes or finishes goes on
};

std::span<const OperationRow> operation_table();  // in the order of the enum
const OperationRow& operation_row(Operation);

// The action of a row when a version is named: s3:GetObjectVersion for s3:GetObject, and so on; itself where Amazon has no other.
std::string_view action_on_version(std::string_view action);

// S3's operations that are not there yet, by sub-resource.
struct AbsentRow {
  std::string_view name;
  Method method;
  Level level;
  std::string_view subresource;
};
std::span<const AbsentRow> absent_table();

// Whether a query key selects an operation, present or absent, at any level.
bool is_subresource(std::string_view query_key);

}  // namespace beffroi::s3
