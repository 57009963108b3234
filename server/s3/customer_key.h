// SPDX-License-Identifier: EUPL-1.2
// SSE-C: the key that a client keeps and sends along with each request that writes or reads an object under it (S3's
// "server-side encryption with customer-provided keys").
#pragma once

#include <optional>
#include <string>

#include "crypto/customer_cipher.h"
#include "server/s3/errors.h"
#include "server/s3/request.h"
#include "storage/engine/object.h"

namespace beffroi::s3 {

struct CustomerKey {
  crypto::CustomerKey key;
  std::string md5;  // of the key, base64 as the client sent it: answers repeat it
};

enum class KeyOf { Object, CopySource };  // x-amz-server-side-encryption-customer-*, or its kin of x-amz-copy-source-*

// Nothing when no header of that family is there. 400 InvalidArgument for a family that lacks one, for a key of another size than
// 32 bytes, for another MD5, and beside x-amz-server-side-encryption; 400 InvalidEncryptionAlgorithmError.
S3Result<std::optional<CustomerKey>> read_customer_key(HeaderSpan, KeyOf);

// Whether a request may go on with what is encrypted so: 400 InvalidRequest when a key lacks, is another, or applies to nothing.
S3Result<void> check_customer_key(const std::optional<CustomerKey>& given, const storage::ObjectFields&);

}  // namespace beffroi::s3
