// SPDX-License-Identifier: EUPL-1.2
#include "admin/api/errors.h"

#include <boost/json.hpp>

#include "server/log.h"
#include "storage/engine/errors.h"

namespace beffroi::admin {
namespace {

struct Row {
  std::string_view name;
  unsigned status;
};

// A total map: without a default arm the compiler asks for the row of a new code.
Row row_of(Code code) {
  switch (code) {
    case Code::InvalidBody:
      return {"InvalidBody", 400};
    case Code::InvalidField:
      return {"InvalidField", 400};
    case Code::NotAllowed:
      return {"NotAllowed", 403};
    case Code::NotFound:
      return {"NotFound", 404};
    case Code::MethodNotAllowed:
      return {"MethodNotAllowed", 405};
    case Code::AlreadyExists:
      return {"AlreadyExists", 409};
    case Code::AlreadyInitialised:
      return {"AlreadyInitialised", 409};
    case Code::BodyTooLarge:
      return {"BodyTooLarge", 413};
    case Code::Busy:
      return {"Busy", 503};
    case Code::NotServing:
      return {"NotServing", 503};
    case Code::NoSpace:
      return {"NoSpace", 507};
    case Code::Internal:
      break;
  }
  return {"Internal", 500};
}

}  // namespace

unsigned status_of(Code code) {
  return row_of(code).status;
}
std::string_view name_of(Code code) {
  return row_of(code).name;
}

AdminError to_admin(const error_code& error) {
  using storage::EngineErrc;
  if (error == make_error_code(EngineErrc::NotFound))
    return {Code::NotFound, "", "there is no such thing", "list what there is"};
  if (error == make_error_code(EngineErrc::AlreadyExists))
    return {Code::AlreadyExists, "", "it is taken", "choose another, or use the one that exists"};
  if (error == make_error_code(EngineErrc::InvalidArgument))
    return {Code::InvalidField, "", "a value is not acceptable", "correct it"};
  if (error == make_error_code(EngineErrc::SlowDown) || error == make_error_code(EngineErrc::Changed)) {
    return {Code::Busy, "", "the appliance is busy", "try again in a few seconds"};
  }
  if (error == make_error_code(EngineErrc::Stopped))
    return {Code::NotServing, "", "the appliance is stopping", "start it again"};
  if (error == make_error_code(EngineErrc::NoSpace)) {
    return {Code::NoSpace, "", "the disk is full", "make room on the file systems that beffroictl status shows as full"};
  }
  log_error("operator's verb failed", {{"problem", error.message()}});
  return {Code::Internal, "", "the appliance could not do it", "read the daemon's log"};
}

std::string error_json(const AdminError& error) {
  boost::json::object inner{{"code", name_of(error.code)}};
  if (!error.field.empty()) inner["field"] = error.field;
  inner["message"] = error.message;
  if (!error.remedy.empty()) inner["remedy"] = error.remedy;
  return boost::json::serialize(boost::json::object{{"error", std::move(inner)}});
}

}  // namespace beffroi::admin
