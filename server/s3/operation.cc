// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/operation.h"

#include <algorithm>
#include <array>
#include <utility>

namespace beffroi::s3 {
namespace {

constexpr std::string_view kCopySource = "x-amz-copy-source";

// clang-format off
constexpr std::array<OperationRow, kOperations> kTable = {{
    // operation, name, method, level, sub-resource, header, action, access, body, most bytes, audit,
    // integrity, room
    {Operation::ListBuckets, "ListBuckets", Method::Get, Level::Service, "", "",
     "s3:ListAllMyBuckets", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::CreateBucket, "CreateBucket", Method::Put, Level::Bucket, "", "",
     "s3:CreateBucket", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, false, true},
    {Operation::HeadBucket, "HeadBucket", Method::Head, Level::Bucket, "", "",
     "s3:ListBucket", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::DeleteBucket, "DeleteBucket", Method::Delete, Level::Bucket, "", "",
     "s3:DeleteBucket", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetBucketLocation, "GetBucketLocation", Method::Get, Level::Bucket, "location", "",
     "s3:GetBucketLocation", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketLogging, "GetBucketLogging", Method::Get, Level::Bucket, "logging", "",
     "s3:GetBucketLogging", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketNotificationConfiguration, "GetBucketNotificationConfiguration", Method::Get, Level::Bucket, "notification", "",
     "s3:GetBucketNotification", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketAccelerateConfiguration, "GetBucketAccelerateConfiguration", Method::Get, Level::Bucket, "accelerate", "",
     "s3:GetAccelerateConfiguration", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketRequestPayment, "GetBucketRequestPayment", Method::Get, Level::Bucket, "requestPayment", "",
     "s3:GetBucketRequestPayment", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketReplication, "GetBucketReplication", Method::Get, Level::Bucket, "replication", "",
     "s3:GetReplicationConfiguration", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketEncryption, "GetBucketEncryption", Method::Get, Level::Bucket, "encryption", "",
     "s3:GetEncryptionConfiguration", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketEncryption, "PutBucketEncryption", Method::Put, Level::Bucket, "encryption", "",
     "s3:PutEncryptionConfiguration", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, false},
    {Operation::DeleteBucketEncryption, "DeleteBucketEncryption", Method::Delete, Level::Bucket, "encryption", "",
     "s3:PutEncryptionConfiguration", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetBucketTagging, "GetBucketTagging", Method::Get, Level::Bucket, "tagging", "",
     "s3:GetBucketTagging", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketTagging, "PutBucketTagging", Method::Put, Level::Bucket, "tagging", "",
     "s3:PutBucketTagging", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, true},
    {Operation::DeleteBucketTagging, "DeleteBucketTagging", Method::Delete, Level::Bucket, "tagging", "",
     "s3:PutBucketTagging", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetBucketCors, "GetBucketCors", Method::Get, Level::Bucket, "cors", "",
     "s3:GetBucketCORS", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketCors, "PutBucketCors", Method::Put, Level::Bucket, "cors", "",
     "s3:PutBucketCORS", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, true},
    {Operation::DeleteBucketCors, "DeleteBucketCors", Method::Delete, Level::Bucket, "cors", "",
     "s3:PutBucketCORS", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetBucketWebsite, "GetBucketWebsite", Method::Get, Level::Bucket, "website", "",
     "s3:GetBucketWebsite", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketWebsite, "PutBucketWebsite", Method::Put, Level::Bucket, "website", "",
     "s3:PutBucketWebsite", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, true},
    {Operation::DeleteBucketWebsite, "DeleteBucketWebsite", Method::Delete, Level::Bucket, "website", "",
     "s3:DeleteBucketWebsite", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::CorsPreflight, "CorsPreflight", Method::Options, Level::Object, "", "",
     "s3:GetBucketCORS", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketVersioning, "GetBucketVersioning", Method::Get, Level::Bucket, "versioning", "",
     "s3:GetBucketVersioning", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketVersioning, "PutBucketVersioning", Method::Put, Level::Bucket, "versioning", "",
     "s3:PutBucketVersioning", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::GetBucketLifecycleConfiguration, "GetBucketLifecycleConfiguration", Method::Get, Level::Bucket, "lifecycle", "",
     "s3:GetLifecycleConfiguration", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketLifecycleConfiguration, "PutBucketLifecycleConfiguration", Method::Put, Level::Bucket, "lifecycle", "",
     "s3:PutLifecycleConfiguration", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::DeleteBucketLifecycle, "DeleteBucketLifecycle", Method::Delete, Level::Bucket, "lifecycle", "",
     "s3:PutLifecycleConfiguration", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetObjectLockConfiguration, "GetObjectLockConfiguration", Method::Get, Level::Bucket, "object-lock", "",
     "s3:GetBucketObjectLockConfiguration", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutObjectLockConfiguration, "PutObjectLockConfiguration", Method::Put, Level::Bucket, "object-lock", "",
     "s3:PutBucketObjectLockConfiguration", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::GetBucketAcl, "GetBucketAcl", Method::Get, Level::Bucket, "acl", "",
     "s3:GetBucketAcl", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::ListObjects, "ListObjects", Method::Get, Level::Bucket, "", "",
     "s3:ListBucket", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::ListObjectsV2, "ListObjectsV2", Method::Get, Level::Bucket, "list-type", "",
     "s3:ListBucket", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::ListObjectVersions, "ListObjectVersions", Method::Get, Level::Bucket, "versions", "",
     "s3:ListBucketVersions", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutObject, "PutObject", Method::Put, Level::Object, "", "",
     "s3:PutObject", Access::Write, BodyKind::Object, kObjectPutBytesMax, AuditClass::Change, false, true},
    {Operation::PostObject, "PostObject", Method::Post, Level::Bucket, "", "",
     "s3:PutObject", Access::Write, BodyKind::Object, kObjectPutBytesMax, AuditClass::Change, false, true},
    {Operation::CopyObject, "CopyObject", Method::Put, Level::Object, "", kCopySource,
     "s3:PutObject", Access::Write, BodyKind::None, 0, AuditClass::Change, false, true},
    {Operation::GetObject, "GetObject", Method::Get, Level::Object, "", "",
     "s3:GetObject", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::HeadObject, "HeadObject", Method::Head, Level::Object, "", "",
     "s3:GetObject", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetObjectAcl, "GetObjectAcl", Method::Get, Level::Object, "acl", "",
     "s3:GetObjectAcl", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetObjectRetention, "GetObjectRetention", Method::Get, Level::Object, "retention", "",
     "s3:GetObjectRetention", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutObjectRetention, "PutObjectRetention", Method::Put, Level::Object, "retention", "",
     "s3:PutObjectRetention", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::GetObjectLegalHold, "GetObjectLegalHold", Method::Get, Level::Object, "legal-hold", "",
     "s3:GetObjectLegalHold", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutObjectLegalHold, "PutObjectLegalHold", Method::Put, Level::Object, "legal-hold", "",
     "s3:PutObjectLegalHold", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::GetObjectTagging, "GetObjectTagging", Method::Get, Level::Object, "tagging", "",
     "s3:GetObjectTagging", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutObjectTagging, "PutObjectTagging", Method::Put, Level::Object, "tagging", "",
     "s3:PutObjectTagging", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::DeleteObjectTagging, "DeleteObjectTagging", Method::Delete, Level::Object, "tagging", "",
     "s3:DeleteObjectTagging", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetObjectAttributes, "GetObjectAttributes", Method::Get, Level::Object, "attributes", "",
     "s3:GetObjectAttributes", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::DeleteObject, "DeleteObject", Method::Delete, Level::Object, "", "",
     "s3:DeleteObject", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::DeleteObjects, "DeleteObjects", Method::Post, Level::Bucket, "delete", "",
     "s3:DeleteObject", Access::Write, BodyKind::Xml, kXmlBodyBytesMax, AuditClass::Change, true, false},
    {Operation::CreateMultipartUpload, "CreateMultipartUpload", Method::Post, Level::Object, "uploads", "",
     "s3:PutObject", Access::Write, BodyKind::None, 0, AuditClass::Change, false, true},
    {Operation::UploadPart, "UploadPart", Method::Put, Level::Object, "uploadId", "",
     "s3:PutObject", Access::Write, BodyKind::Object, kObjectPutBytesMax, AuditClass::Change, false, true},
    {Operation::UploadPartCopy, "UploadPartCopy", Method::Put, Level::Object, "uploadId", kCopySource,
     "s3:PutObject", Access::Write, BodyKind::None, 0, AuditClass::Change, false, true},
    {Operation::CompleteMultipartUpload, "CompleteMultipartUpload", Method::Post, Level::Object, "uploadId", "",
     "s3:PutObject", Access::Write, BodyKind::Xml, kCompleteBodyBytesMax, AuditClass::Change, false, false},
    {Operation::AbortMultipartUpload, "AbortMultipartUpload", Method::Delete, Level::Object, "uploadId", "",
     "s3:AbortMultipartUpload", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::ListParts, "ListParts", Method::Get, Level::Object, "uploadId", "",
     "s3:ListMultipartUploadParts", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::ListMultipartUploads, "ListMultipartUploads", Method::Get, Level::Bucket, "uploads", "",
     "s3:ListBucketMultipartUploads", Access::List, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetBucketPolicy, "GetBucketPolicy", Method::Get, Level::Bucket, "policy", "",
     "s3:GetBucketPolicy", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketPolicy, "PutBucketPolicy", Method::Put, Level::Bucket, "policy", "",
     "s3:PutBucketPolicy", Access::Write, BodyKind::Xml, kPolicyBodyBytesMax, AuditClass::Change, true, false},
    {Operation::DeleteBucketPolicy, "DeleteBucketPolicy", Method::Delete, Level::Bucket, "policy", "",
     "s3:DeleteBucketPolicy", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetBucketPolicyStatus, "GetBucketPolicyStatus", Method::Get, Level::Bucket, "policyStatus", "",
     "s3:GetBucketPolicyStatus", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::GetPublicAccessBlock, "GetPublicAccessBlock", Method::Get, Level::Bucket, "publicAccessBlock", "",
     "s3:GetBucketPublicAccessBlock", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutPublicAccessBlock, "PutPublicAccessBlock", Method::Put, Level::Bucket, "publicAccessBlock", "",
     "s3:PutBucketPublicAccessBlock", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, false},
    {Operation::DeletePublicAccessBlock, "DeletePublicAccessBlock", Method::Delete, Level::Bucket, "publicAccessBlock", "",
     "s3:PutBucketPublicAccessBlock", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::GetBucketOwnershipControls, "GetBucketOwnershipControls", Method::Get, Level::Bucket, "ownershipControls", "",
     "s3:GetBucketOwnershipControls", Access::Read, BodyKind::None, 0, AuditClass::Read, false, false},
    {Operation::PutBucketOwnershipControls, "PutBucketOwnershipControls", Method::Put, Level::Bucket, "ownershipControls", "",
     "s3:PutBucketOwnershipControls", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, false},
    {Operation::DeleteBucketOwnershipControls, "DeleteBucketOwnershipControls", Method::Delete, Level::Bucket, "ownershipControls", "",
     "s3:PutBucketOwnershipControls", Access::Write, BodyKind::None, 0, AuditClass::Change, false, false},
    {Operation::PutBucketAcl, "PutBucketAcl", Method::Put, Level::Bucket, "acl", "",
     "s3:PutBucketAcl", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, false},
    {Operation::PutObjectAcl, "PutObjectAcl", Method::Put, Level::Object, "acl", "",
     "s3:PutObjectAcl", Access::Write, BodyKind::Xml, kSettingBodyBytesMax, AuditClass::Change, true, false},
}};

constexpr AbsentRow kAbsent[] = {
    {"PutBucketAccelerateConfiguration", Method::Put, Level::Bucket, "accelerate"},
    {"GetBucketAnalyticsConfiguration", Method::Get, Level::Bucket, "analytics"},
    {"PutBucketAnalyticsConfiguration", Method::Put, Level::Bucket, "analytics"},
    {"DeleteBucketAnalyticsConfiguration", Method::Delete, Level::Bucket, "analytics"},
    {"GetBucketIntelligentTieringConfiguration", Method::Get, Level::Bucket, "intelligent-tiering"},
    {"PutBucketIntelligentTieringConfiguration", Method::Put, Level::Bucket, "intelligent-tiering"},
    {"DeleteBucketIntelligentTieringConfiguration", Method::Delete, Level::Bucket, "intelligent-tiering"},
    {"GetBucketInventoryConfiguration", Method::Get, Level::Bucket, "inventory"},
    {"PutBucketInventoryConfiguration", Method::Put, Level::Bucket, "inventory"},
    {"DeleteBucketInventoryConfiguration", Method::Delete, Level::Bucket, "inventory"},
    {"PutBucketLogging", Method::Put, Level::Bucket, "logging"},
    {"GetBucketMetricsConfiguration", Method::Get, Level::Bucket, "metrics"},
    {"PutBucketMetricsConfiguration", Method::Put, Level::Bucket, "metrics"},
    {"DeleteBucketMetricsConfiguration", Method::Delete, Level::Bucket, "metrics"},
    {"PutBucketNotificationConfiguration", Method::Put, Level::Bucket, "notification"},
    {"PutBucketReplication", Method::Put, Level::Bucket, "replication"},
    {"DeleteBucketReplication", Method::Delete, Level::Bucket, "replication"},
    {"PutBucketRequestPayment", Method::Put, Level::Bucket, "requestPayment"},
    {"CreateSession", Method::Get, Level::Bucket, "session"},
    {"RenameObject", Method::Put, Level::Object, "renameObject"},
    {"RestoreObject", Method::Post, Level::Object, "restore"},
    {"SelectObjectContent", Method::Post, Level::Object, "select"},
    {"GetObjectTorrent", Method::Get, Level::Object, "torrent"},
};
// clang-format on

constexpr std::pair<std::string_view, std::string_view> kOnVersion[] = {
    {"s3:GetObject", "s3:GetObjectVersion"},
    {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"},
    {"s3:PutObjectAcl", "s3:PutObjectVersionAcl"},
    {"s3:GetObjectTagging", "s3:GetObjectVersionTagging"},
    {"s3:PutObjectTagging", "s3:PutObjectVersionTagging"},
    {"s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"},
    {"s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kOperations; ++i) {
    if (kTable[i].operation != static_cast<Operation>(i)) return false;
  }
  return true;
}
static_assert(in_order());

constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"};

}  // namespace

std::optional<Method> parse_method(std::string_view name) {
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    if (kMethods[i] == name) return static_cast<Method>(i);
  }
  return std::nullopt;
}

std::string_view method_name(Method method) {
  return kMethods[static_cast<std::size_t>(method)];
}

std::span<const OperationRow> operation_table() {
  return kTable;
}

const OperationRow& operation_row(Operation operation) {
  return kTable[static_cast<std::size_t>(operation)];
}

std::string_view action_on_version(std::string_view action) {
  for (const auto& [plain, on_version] : kOnVersion) {
    if (plain == action) return on_version;
  }
  return action;
}

std::span<const AbsentRow> absent_table() {
  return kAbsent;
}

bool is_subresource(std::string_view key) {
  if (key.empty()) return false;
  const auto named = [key](const auto& row) { return row.subresource == key; };
  return std::any_of(kTable.begin(), kTable.end(), named) ||
         std::any_of(std::begin(kAbsent), std::end(kAbsent), named);
}

}  // namespace beffroi::s3
