// SPDX-License-Identifier: EUPL-1.2
// What an S3 client is told when a request fails: a code out of one closed table (name, HTTP status,
// message), a message of its own where the default says too little, and the extra elements that S3 defines
// for some codes. S3Result<T> carries it.
//
// Nothing of a storage or system error reaches a client: its detail goes to the log, its S3 code comes from
// one total map in dispatch.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beffroi::s3 {

enum class Code : std::uint8_t {
  AccessControlListNotSupported,
  AccessDenied,
  AccessForbidden,
  AuthorizationHeaderMalformed,
  AuthorizationQueryParametersError,
  BadDigest,
  BadRequest,
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  BucketNotEmpty,
  EntityTooLarge,
  EntityTooSmall,
  IllegalVersioningConfigurationException,
  IncompleteBody,
  IncorrectNumberOfFilesInPostRequest,
  InsufficientStorage,
  InternalError,
  InvalidAccessKeyId,
  InvalidArgument,
  InvalidBucketAclWithObjectOwnership,
  InvalidBucketName,
  InvalidBucketState,
  InvalidDigest,
  InvalidEncryptionAlgorithmError,
  InvalidPart,
  InvalidPartNumber,
  InvalidPartOrder,
  InvalidPolicyDocument,
  InvalidRange,
  InvalidRedirectLocation,
  InvalidRequest,
  InvalidRetentionPeriod,
  InvalidStorageClass,
  InvalidTag,
  InvalidToken,
  InvalidURI,
  KeyTooLongError,
  MalformedACLError,
  MalformedPOSTRequest,
  MalformedPolicy,
  MalformedTrailerError,
  MalformedXML,
  MaxMessageLengthExceeded,
  MaxPostPreDataLengthExceeded,
  MetadataTooLarge,
  MethodNotAllowed,
  MissingContentLength,
  MissingSecurityHeader,
  NoSuchBucket,
  NoSuchBucketPolicy,
  NoSuchCORSConfiguration,
  NoSuchKey,
  NoSuchLifecycleConfiguration,
  NoSuchObjectLockConfiguration,
  NoSuchPublicAccessBlockConfiguration,
  NoSuchTagSet,
  NoSuchUpload,
  NoSuchVersion,
  NoSuchWebsiteConfiguration,
  NotImplemented,
  ObjectLockConfigurationNotFoundError,
  OwnershipControlsNotFoundError,
  PreconditionFailed,
  QuotaExceeded,
  ReplicationConfigurationNotFoundError,
  RequestTimeTooSkewed,
  RequestTimeout,
  ServiceUnavailable,
  SignatureDoesNotMatch,
  SlowDown,
  UnresolvableGrantByEmailAddress,
  UserKeyMustBeSpecified,
  XAmzContentSHA256Mismatch,
};
inline constexpr std::size_t kCodes = static_cast<std::size_t>(Code::XAmzContentSHA256Mismatch) + 1;

struct CodeRow {
  Code code;
  std::string_view name;     // as in <Code>
  std::uint16_t status;      // HTTP
  std::string_view message;  // when the error brings none of its own
};
const CodeRow& code_row(Code);

// An element of <Error> beside the usual five. The name is one of S3's, a literal.
struct ErrorField {
  std::string_view name;
  std::string value;
};

struct S3Error {
  S3Error() : S3Error(Code::InternalError) {}
  explicit S3Error(Code c) : code(c), message(code_row(c).message) {}
  S3Error(Code c, std::string text) : code(c), message(std::move(text)) {}
  S3Error&& with(std::string_view name, std::string value) && {
    fields.push_back({name, std::move(value)});
    return std::move(*this);
  }
  S3Error&& with_header(std::string_view name, std::string value) && {
    headers.push_back({name, std::move(value)});
    return std::move(*this);
  }
  // The bytes that follow on the connection cannot be told apart any more: answer, then close.
  S3Error&& closing() && {
    close = true;
    return std::move(*this);
  }
  std::uint16_t status() const { return code_row(code).status; }

  Code code;
  std::string message;
  std::vector<ErrorField> fields;
  std::vector<ErrorField> headers;  // of the answer; names are literals
  bool close = false;
};

// For the users of a collectivity that is suspended, closing or shredded: at once, and at the end of an upload under way.
S3Error collectivity_inactive();

template <class T>
using S3Result = boost::system::result<T, S3Error>;

// The body of the answer: <Error> with Code, Message, the error's fields, Resource, RequestId, HostId. Not
// for HEAD, 304, 204.
std::string error_xml(const S3Error&, std::string_view resource, std::string_view request_id,
                      std::string_view host_id);

}  // namespace beffroi::s3
