// SPDX-License-Identifier: EUPL-1.2
// ServerSideEncryptionConfiguration: everything is always encrypted under the collectivity's key, which S3 calls AES256. A bucket can
// be told so, and nothing else.
#pragma once

#include <string>
#include <string_view>

#include "server/s3/errors.h"

namespace beffroi::s3 {

// One rule that asks for AES256. 501 NotImplemented for KMS, 400 MalformedXML for what S3 does not know, 400 InvalidArgument for a
// key of KMS beside AES256.
S3Result<void> check_encryption_document(std::string_view body);

std::string encryption_xml();

}  // namespace beffroi::s3
