// SPDX-License-Identifier: EUPL-1.2
// Why the engine refused a request. Each value is one row of the map to S3's errors (server/s3) and of the admin API's.
#pragma once

#include "crypto/result.h"

namespace beffroi::storage {

enum class EngineErrc {
  NoSuchBucket = 1,
  BucketExists,
  BucketNotEmpty,      // objects, versions or uploads are left
  NoSuchKey,
  NoSuchVersion,
  DeleteMarker,        // what is named is a delete marker
  Locked,              // retention or a legal hold forbids it
  NoSuchUpload,
  InvalidPart,         // Complete names a part that is absent or has another ETag or checksum
  ChecksumMismatch,    // Complete states another checksum of the whole than its parts give
  InvalidPartOrder,    // Complete's parts do not ascend
  EntityTooSmall,      // a part but the last is below 5 MiB
  EntityTooLarge,
  PreconditionFailed,  // If-Match and its kin
  NotModified,         // If-None-Match and its kin, on a read
  CollectivityInactive,  // suspended, closing or shredded
  KeyRevoked,            // the access key changed or left since the request was authenticated
  NotFound,            // collectivity, user or access key
  AlreadyExists,       // slug, SIREN or user name is taken
  InvalidArgument,
  Changed,             // what the change was prepared from has moved: read again, prepare again
  SlowDown,            // admission: the committer is behind, or memory for inline bodies is full
  NoSpace,             // the disk is full; nothing was written
  WrongCustomerKey,    // a customer's key is needed, and none or another was given
  Damaged,             // bytes of this object do not authenticate
  Stopped,             // the engine is stopping or has failed
  Closed,              // the store is closed until an operator decides
};
const boost::system::error_category& engine_category();
inline error_code make_error_code(EngineErrc e) { return {static_cast<int>(e), engine_category()}; }

}  // namespace beffroi::storage

template <>
struct boost::system::is_error_code_enum<beffroi::storage::EngineErrc> : std::true_type {};
