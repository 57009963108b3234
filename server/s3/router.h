// SPDX-License-Identifier: EUPL-1.2
// From a request's bytes to its operation and its place. Pure; nobody is authenticated yet.
//
// Unknown query keys are ignored (they count in the signature only). Two recognised sub-resources: 400. A
// recognised sub-resource that has no operation for the method: 501 with the operation's name if S3 has one,
// else 405. OPTIONS of a bucket or an object is a preflight, whatever the query.
#pragma once

#include "server/s3/request.h"

namespace beffroi::s3 {

// The operation alone. `copy_source`: whether x-amz-copy-source is present.
S3Result<Operation> route(Method, Level, const Query&, bool copy_source);

// Everything: target, query, address, operation.
S3Result<ParsedRequest> parse_request(const RequestView&, const Domains&);

}  // namespace beffroi::s3
