// SPDX-License-Identifier: EUPL-1.2
#include "admin/api/route.h"

#include <algorithm>
#include <array>
#include <optional>

namespace beffroi::admin {
namespace {

// clang-format off
constexpr std::array<Route, kVerbs> kTable = {{
    // verb, method, path, audited operation, needs the store
    {Verb::Init, "POST", "/v1/init", "InitAppliance", false},
    {Verb::Status, "GET", "/v1/status", "", false},
    {Verb::Recover, "POST", "/v1/recover", "RecoverStore", false},
    {Verb::StartCheck, "POST", "/v1/check", "CheckStore", false},
    {Verb::ShowCheck, "GET", "/v1/check", "", false},
    {Verb::ListCollectivities, "GET", "/v1/collectivities", "ListCollectivities", true},
    {Verb::AddCollectivity, "POST", "/v1/collectivities", "CreateCollectivity", true},
    {Verb::ShowCollectivity, "GET", "/v1/collectivities/{slug}", "GetCollectivity", true},
    {Verb::SetQuota, "PUT", "/v1/collectivities/{slug}/quota", "SetQuota", true},
    {Verb::SuspendCollectivity, "POST", "/v1/collectivities/{slug}/suspend", "SuspendCollectivity", true},
    {Verb::ResumeCollectivity, "POST", "/v1/collectivities/{slug}/resume", "ResumeCollectivity", true},
    {Verb::ShowUsage, "GET", "/v1/collectivities/{slug}/usage", "GetUsage", true},
    {Verb::PreviewLifecycle, "GET", "/v1/collectivities/{slug}/buckets/{bucket}/lifecycle", "PreviewLifecycle", true},
    {Verb::ListUsers, "GET", "/v1/collectivities/{slug}/users", "ListUsers", true},
    {Verb::AddUser, "POST", "/v1/collectivities/{slug}/users", "CreateUser", true},
    {Verb::ListKeys, "GET", "/v1/collectivities/{slug}/keys", "ListAccessKeys", true},
    {Verb::AddKey, "POST", "/v1/collectivities/{slug}/users/{user}/keys", "CreateAccessKey", true},
    {Verb::RevokeKey, "DELETE", "/v1/keys/{id}", "RevokeAccessKey", true},
    {Verb::ShowAudit, "GET", "/v1/collectivities/{slug}/audit", "GetAuditRecords", true},
    {Verb::ShowApplianceAudit, "GET", "/v1/audit", "GetApplianceAuditRecords", true},
    {Verb::ExportAudit, "GET", "/v1/collectivities/{slug}/audit/extract", "ExportAuditRecords", true},
    {Verb::ExportApplianceAudit, "GET", "/v1/audit/extract", "ExportApplianceAuditRecords", true},
    {Verb::ShowCheckpoint, "GET", "/v1/audit/checkpoint", "", true},
}};
// clang-format on

constexpr bool in_order() {
  for (std::size_t i = 0; i < kVerbs; ++i) {
    if (kTable[i].verb != static_cast<Verb>(i)) return false;
  }
  return true;
}
static_assert(in_order());

// The first segment of `path`, which it loses; both begin with "/".
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern), given = next_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      parameters.emplace_back(given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

}  // namespace

std::span<const Route> route_table() {
  return kTable;
}

AdminResult<Routed> find_route(std::string_view method, std::string_view path) {
  bool known = false;
  for (const Route& route : kTable) {
    if (!path.starts_with('/')) break;
    auto parameters = match(route.path, path);
    if (!parameters) continue;
    if (route.method == method) return Routed{&route, std::move(*parameters)};
    known = true;
  }
  if (known)
    return AdminError{Code::MethodNotAllowed, "", "this path has no such method", "see the table of verbs"};
  return AdminError{Code::NotFound, "", "there is no such path", "see the table of verbs"};
}

}  // namespace beffroi::admin
