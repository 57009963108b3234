// SPDX-License-Identifier: EUPL-1.2
// What a request that writes an object says of it, in its headers: who owns it, its headers, its tags, its lock.
#pragma once

#include "server/s3/call.h"

namespace beffroi::s3 {

// For PutObject, CreateMultipartUpload and CopyObject (which takes headers and tags from its source where it is told
// so). Errors are those of headers.h, tagging.h and object_lock.h.
S3Result<storage::ObjectFields> object_fields(const Call&);

}  // namespace beffroi::s3
