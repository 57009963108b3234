// SPDX-License-Identifier: EUPL-1.2
// What an operator is told when a verb is refused: a code out of one table, the field that is wrong, and what to do. On the wire:
//   {"error": {"code": "InvalidField", "field": "siren", "message": "...", "remedy": "..."}}
// Detail of storage or of the system goes to the log, never to a client.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/result.h"

namespace beffroi::admin {

enum class Code : std::uint8_t {
  InvalidBody,         // 400 not JSON, or not an object
  InvalidField,        // 400 `field` says which
  NotAllowed,          // 403 not an operator
  NotFound,            // 404 no such collectivity, user, key or path
  MethodNotAllowed,    // 405
  AlreadyExists,       // 409 slug, SIREN or user name is taken
  AlreadyInitialised,  // 409
  BodyTooLarge,        // 413
  Busy,                // 503 try again
  NotServing,          // 503 sealed, not initialised, closed or stopping: the message says which
  NoSpace,             // 507
  Internal,            // 500
};

struct AdminError {
  Code code = Code::Internal;
  std::string field;
  std::string message;
  std::string remedy;
};
template <class T>
using AdminResult = boost::system::result<T, AdminError>;

unsigned status_of(Code);
std::string_view name_of(Code);

// Storage's refusals; what is unknown is Internal, and logged.
AdminError to_admin(const error_code&);

std::string error_json(const AdminError&);

}  // namespace beffroi::admin
