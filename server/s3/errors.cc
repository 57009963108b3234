// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/errors.h"

#include <array>

#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

// In the order of the enum: code_row() indexes it.
constexpr std::array<CodeRow, kCodes> kRows = {{
    {Code::AccessControlListNotSupported, "AccessControlListNotSupported", 400,
     "The bucket does not allow ACLs."},
    {Code::AccessDenied, "AccessDenied", 403, "Access Denied"},
    {Code::AccessForbidden, "AccessForbidden", 403, "Access forbidden"},
    {Code::AuthorizationHeaderMalformed, "AuthorizationHeaderMalformed", 400,
     "The authorization header that you provided is not valid."},
    {Code::AuthorizationQueryParametersError, "AuthorizationQueryParametersError", 400,
     "The authorization query parameters that you provided are not valid."},
    {Code::BadDigest, "BadDigest", 400,
     "The Content-MD5 or checksum value that you specified did not match what the server received."},
    {Code::BadRequest, "BadRequest", 400, "Bad Request"},
    {Code::BucketAlreadyExists, "BucketAlreadyExists", 409,
     "The requested bucket name is not available. Please select a different name and try again."},
    {Code::BucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409,
     "The bucket that you tried to create already exists, and you own it."},
    {Code::BucketNotEmpty, "BucketNotEmpty", 409, "The bucket that you tried to delete is not empty."},
    {Code::EntityTooLarge, "EntityTooLarge", 400,
     "Your proposed upload exceeds the maximum allowed object size."},
    {Code::EntityTooSmall, "EntityTooSmall", 400,
     "Your proposed upload is smaller than the minimum allowed object size."},
    {Code::IllegalVersioningConfigurationException, "IllegalVersioningConfigurationException", 400,
     "The versioning configuration that you specified is not valid: Status is Enabled or Suspended."},
    {Code::IncompleteBody, "IncompleteBody", 400,
     "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    {Code::IncorrectNumberOfFilesInPostRequest, "IncorrectNumberOfFilesInPostRequest", 400,
     "POST requires exactly one file upload per request."},
    {Code::InsufficientStorage, "InsufficientStorage", 507, "The appliance has no room left for this write."},
    {Code::InternalError, "InternalError", 500, "An internal error occurred. Please try again."},
    {Code::InvalidAccessKeyId, "InvalidAccessKeyId", 403,
     "The access key Id that you provided does not exist in our records."},
    {Code::InvalidArgument, "InvalidArgument", 400, "Invalid Argument"},
    {Code::InvalidBucketAclWithObjectOwnership, "InvalidBucketAclWithObjectOwnership", 400,
     "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
    {Code::InvalidBucketName, "InvalidBucketName", 400, "The specified bucket is not valid."},
    {Code::InvalidBucketState, "InvalidBucketState", 409,
     "The request is not valid for the current state of the bucket."},
    {Code::InvalidDigest, "InvalidDigest", 400, "The Content-MD5 that you specified is not valid."},
    {Code::InvalidEncryptionAlgorithmError, "InvalidEncryptionAlgorithmError", 400,
     "The encryption request that you specified is not valid. The valid value is AES256."},
    {Code::InvalidPart, "InvalidPart", 400,
     "One or more of the specified parts could not be found. The part might not have been uploaded, or the "
     "specified entity tag might not have matched the part's entity tag."},
    {Code::InvalidPartNumber, "InvalidPartNumber", 416,
     "The requested partnumber is not satisfiable"},
    {Code::InvalidPartOrder, "InvalidPartOrder", 400,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {Code::InvalidPolicyDocument, "InvalidPolicyDocument", 400,
     "The content of the form does not meet the conditions specified in the policy document."},
    {Code::InvalidRange, "InvalidRange", 416, "The requested range cannot be satisfied."},
    {Code::InvalidRedirectLocation, "InvalidRedirectLocation", 400,
     "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."},
    {Code::InvalidRequest, "InvalidRequest", 400, "Invalid Request"},
    {Code::InvalidRetentionPeriod, "InvalidRetentionPeriod", 400,
     "Default retention period must be a positive integer value of at most 36500 days or 100 years."},
    {Code::InvalidStorageClass, "InvalidStorageClass", 400,
     "The storage class that you specified is not valid. The valid value is STANDARD."},
    {Code::InvalidTag, "InvalidTag", 400,
     "The tag provided was not a valid tag. This error can occur if the tag did not pass input validation."},
    {Code::InvalidToken, "InvalidToken", 400, "The provided token is malformed or otherwise not valid."},
    {Code::InvalidURI, "InvalidURI", 400, "Couldn't parse the specified URI."},
    {Code::KeyTooLongError, "KeyTooLongError", 400, "Your key is too long."},
    {Code::MalformedACLError, "MalformedACLError", 400,
     "The XML you provided was not well-formed or did not validate against our published schema"},
    {Code::MalformedPOSTRequest, "MalformedPOSTRequest", 400,
     "The body of your POST request is not well-formed multipart/form-data."},
    {Code::MalformedPolicy, "MalformedPolicy", 400, "The policy is not valid."},
    {Code::MalformedTrailerError, "MalformedTrailerError", 400,
     "The request contained trailing data that was not well-formed or did not conform to our published "
     "schema."},
    {Code::MalformedXML, "MalformedXML", 400,
     "The XML that you provided was not well formed or did not validate against our published schema."},
    {Code::MaxMessageLengthExceeded, "MaxMessageLengthExceeded", 400, "Your request was too large."},
    {Code::MaxPostPreDataLengthExceeded, "MaxPostPreDataLengthExceeded", 400,
     "Your POST request fields preceding the upload file were too large."},
    {Code::MetadataTooLarge, "MetadataTooLarge", 400,
     "Your metadata headers exceed the maximum allowed metadata size."},
    {Code::MethodNotAllowed, "MethodNotAllowed", 405,
     "The specified method is not allowed against this resource."},
    {Code::MissingContentLength, "MissingContentLength", 411,
     "You must provide the Content-Length HTTP header."},
    {Code::MissingSecurityHeader, "MissingSecurityHeader", 400, "Your request was missing a required header"},
    {Code::NoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist."},
    {Code::NoSuchBucketPolicy, "NoSuchBucketPolicy", 404, "The bucket policy does not exist"},
    {Code::NoSuchCORSConfiguration, "NoSuchCORSConfiguration", 404,
     "The CORS configuration does not exist"},
    {Code::NoSuchKey, "NoSuchKey", 404, "The specified key does not exist."},
    {Code::NoSuchLifecycleConfiguration, "NoSuchLifecycleConfiguration", 404,
     "The lifecycle configuration does not exist"},
    {Code::NoSuchObjectLockConfiguration, "NoSuchObjectLockConfiguration", 404,
     "The specified object does not have an ObjectLock configuration."},
    {Code::NoSuchPublicAccessBlockConfiguration, "NoSuchPublicAccessBlockConfiguration", 404,
     "The public access block configuration was not found"},
    {Code::NoSuchTagSet, "NoSuchTagSet", 404, "The TagSet does not exist"},
    {Code::NoSuchUpload, "NoSuchUpload", 404,
     "The specified multipart upload does not exist. The upload ID might not be valid, or the multipart "
     "upload might have been aborted or completed."},
    {Code::NoSuchVersion, "NoSuchVersion", 404, "The version ID specified in the request does not exist."},
    {Code::NoSuchWebsiteConfiguration, "NoSuchWebsiteConfiguration", 404,
     "The specified bucket does not have a website configuration"},
    {Code::NotImplemented, "NotImplemented", 501,
     "A header that you provided implies functionality that is not implemented."},
    {Code::ObjectLockConfigurationNotFoundError, "ObjectLockConfigurationNotFoundError", 404,
     "Object Lock configuration does not exist for this bucket."},
    {Code::OwnershipControlsNotFoundError, "OwnershipControlsNotFoundError", 404,
     "The bucket ownership controls were not found"},
    {Code::PreconditionFailed, "PreconditionFailed", 412,
     "At least one of the preconditions that you specified did not hold."},
    {Code::QuotaExceeded, "QuotaExceeded", 403, "The quota of this collectivity or bucket is exhausted."},
    {Code::ReplicationConfigurationNotFoundError, "ReplicationConfigurationNotFoundError", 404,
     "The replication configuration was not found"},
    {Code::RequestTimeTooSkewed, "RequestTimeTooSkewed", 403,
     "The difference between the request time and the server's time is too large."},
    {Code::RequestTimeout, "RequestTimeout", 400,
     "Your socket connection to the server was not read from or written to within the timeout period."},
    {Code::ServiceUnavailable, "ServiceUnavailable", 503, "Service is unable to handle request."},
    {Code::SignatureDoesNotMatch, "SignatureDoesNotMatch", 403,
     "The request signature that the server calculated does not match the signature that you provided. Check "
     "your secret access key and signing method."},
    {Code::SlowDown, "SlowDown", 503, "Please reduce your request rate."},
    {Code::UnresolvableGrantByEmailAddress, "UnresolvableGrantByEmailAddress", 400,
     "Users are not found by e-mail address here: name them by their canonical id."},
    {Code::UserKeyMustBeSpecified, "UserKeyMustBeSpecified", 400,
     "The bucket POST must contain the specified field name. If it is specified, check the order of the fields."},
    {Code::XAmzContentSHA256Mismatch, "XAmzContentSHA256Mismatch", 400,
     "The provided 'x-amz-content-sha256' header does not match what was computed."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kCodes; ++i) {
    if (kRows[i].code != static_cast<Code>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

const CodeRow& code_row(Code code) {
  return kRows[static_cast<std::size_t>(code)];
}

S3Error collectivity_inactive() {
  return S3Error(Code::AccessDenied, "This collectivity is suspended or closing: ask its operator.");
}

std::string error_xml(const S3Error& error, std::string_view resource, std::string_view request_id,
                      std::string_view host_id) {
  XmlWriter xml("Error", "");
  xml.element("Code", code_row(error.code).name);
  xml.element("Message", error.message);
  for (const ErrorField& field : error.fields) xml.element(field.name, field.value);
  xml.element("Resource", resource);
  xml.element("RequestId", request_id);
  xml.element("HostId", host_id);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
