// SPDX-License-Identifier: EUPL-1.2
// The conditions of a policy's statement: which keys and operators there are, and which key goes with which operator and action. Of
// policy_parse.cc only.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "server/s3/policy.h"

namespace beffroi::s3 {

// Reads a Condition into a statement whose actions are known. 400 MalformedPolicy.
S3Result<void> read_conditions(const boost::json::value&, const std::string& where, PolicyStatement&);

}  // namespace beffroi::s3
