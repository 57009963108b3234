// SPDX-License-Identifier: EUPL-1.2
// The table of the operators' verbs: one enum value and one row each. The service, the audit, the documentation and the tests
// read the same row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api/errors.h"

namespace beffroi::admin {

enum class Verb : std::uint8_t {
  Init,
  Status,
  Recover,
  StartCheck,
  ShowCheck,
  ListCollectivities,
  AddCollectivity,
  ShowCollectivity,
  SetQuota,
  SuspendCollectivity,
  ResumeCollectivity,
  ShowUsage,
  PreviewLifecycle,
  ListUsers,
  AddUser,
  ListKeys,
  AddKey,
  RevokeKey,
  ShowAudit,
  ShowApplianceAudit,
  ExportAudit,
  ExportApplianceAudit,
  ShowCheckpoint,
};
inline constexpr std::size_t kVerbs = static_cast<std::size_t>(Verb::ShowCheckpoint) + 1;

struct Route {
  Verb verb;
  std::string_view method;
  std::string_view path;  // {name} stands for one segment
  std::string_view
      operation;     // in audit records; empty: not audited, because it tells nothing of a collectivity
  bool needs_store;  // refused while the store does not serve
};
std::span<const Route> route_table();  // in the order of the enum

struct Routed {
  const Route* route = nullptr;
  std::vector<std::string> parameters;  // what stood for each {name}, in order
};
// NotFound, MethodNotAllowed. `path` is raw: a segment with an escape names nothing that can exist.
AdminResult<Routed> find_route(std::string_view method, std::string_view path);

}  // namespace beffroi::admin
