// SPDX-License-Identifier: EUPL-1.2
// What the operations on an upload under way share: which upload, which part, which checksum its parts keep.
#pragma once

#include "server/s3/call.h"

namespace beffroi::s3 {

S3Result<std::uint16_t> part_number_of(const Query&);  // 1 to 10 000; 400 InvalidArgument
boost::asio::awaitable<S3Result<storage::Upload>> find_upload(Call&, const Bytes& upload_id);  // 404 NoSuchUpload
// The end of a part whose bytes are all written.
boost::asio::awaitable<S3Result<storage::Committed>> commit_part(Call&, storage::PutSession&, const Bytes& upload_id, storage::BodyDigests);
ChecksumAlgorithm checksum_kept(const storage::Upload&);  // of each part

}  // namespace beffroi::s3
