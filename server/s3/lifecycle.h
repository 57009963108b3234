// SPDX-License-Identifier: EUPL-1.2
// LifecycleConfiguration on the wire. What its rules do is storage/engine/lifecycle.h and lifecycle_worker.h.
#pragma once

#include <string>
#include <string_view>

#include "server/s3/errors.h"
#include "storage/engine/lifecycle.h"

namespace beffroi::s3 {

inline constexpr std::size_t kRuleIdCharactersMax = 255;

// 1 to 1 000 rules. A rule without an ID gets one. 400 MalformedXML, InvalidArgument (a number of days that is not positive, a date
// that is not a midnight in UTC, an ID given twice or too long), InvalidRequest (no action, an action that its filter does not allow);
// 501 for transitions.
S3Result<storage::LifecycleRules> parse_lifecycle(std::string_view body);
std::string lifecycle_xml(const storage::LifecycleRules&);

}  // namespace beffroi::s3
