// SPDX-License-Identifier: EUPL-1.2
// The canonical request of SigV4, as a hash or as text.
//
//   method LF path LF query LF *( name ":" values LF ) LF signed-names LF payload
//
// The query is decoded, encoded anew and sorted by name, then by value, on encoded bytes; X-Amz-Signature is
// left out of a presigned one. Fields of one name are joined by `,` in the order received.
#pragma once

#include <string>

#include "crypto/digest.h"
#include "server/s3/sigv4.h"

namespace beffroi::s3 {

Bytes canonical_request_sha256(const SigV4Claim&, const RequestView&, const Query&,
                               const SigV4Proof& reading);
std::string canonical_request(const SigV4Claim&, const RequestView&, const Query&, const SigV4Proof& reading);

// Whether the two readings of the path differ, and those of any signed header's value.
bool has_two_paths(const RequestView&);
bool has_runs_of_spaces(const SigV4Claim&, const RequestView&);

}  // namespace beffroi::s3
