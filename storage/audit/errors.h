// SPDX-License-Identifier: EUPL-1.2
#pragma once

#include "crypto/result.h"

namespace beffroi::storage {

enum class AuditErrc {
  Damaged = 1,  // a row is missing, out of order, or does not hash to what stands beside it
  NoKey,        // the collectivity has no audit key
};
const boost::system::error_category& audit_category();
inline error_code make_error_code(AuditErrc e) {
  return {static_cast<int>(e), audit_category()};
}

}  // namespace beffroi::storage

template <>
struct boost::system::is_error_code_enum<beffroi::storage::AuditErrc> : std::true_type {};
