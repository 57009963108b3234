// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <boost/json.hpp>

#include "admin/api/fields.h"
#include "admin/api/verb.h"

namespace beffroi::admin {
namespace json = boost::json;
namespace {

constexpr std::uint64_t kRecordsShown = 1'000;  // the latest, when no range is asked for
constexpr std::uint64_t kRecordsMax = 10'000;   // an answer: about 4 MB

// Records stand in the answer byte for byte as they stand in the leaves.
Answer records_of(VerbCall& call, storage::CollectivityId t, std::string_view slug) {
  const auto from_asked = query_number(call.query, "from"), to_asked = query_number(call.query, "to");
  if (!from_asked) return from_asked.error();
  if (!to_asked) return to_asked.error();
  if (auto flushed = call.engine->flush_audit(); !flushed) return to_admin(flushed.error());
  const auto size = call.engine->audit_size(t);
  if (!size) return to_admin(size.error());

  const std::uint64_t end = std::min(to_asked->value_or(*size), *size);
  const std::uint64_t from =
      std::min(from_asked->value_or(end > kRecordsShown ? end - kRecordsShown : 0), end);
  const std::uint64_t to = std::min(end, from + kRecordsMax);
  std::string out = "{\"collectivity\":" + json::serialize(json::string(slug)) +
                    ",\"size\":" + std::to_string(*size) + ",\"from\":" + std::to_string(from) +
                    ",\"to\":" + std::to_string(to) + ",\"records\":[";
  bool first = true;
  const auto visit = [&](const storage::AuditEntry& entry) -> Result<void> {
    if (!std::exchange(first, false)) out += ',';
    if (!entry.purged) {
      out += entry.body;
      return {};
    }
    out += json::serialize(json::object{{"seq", entry.sequence},
                                        {"time", storage::rfc3339(static_cast<std::int64_t>(entry.ms))},
                                        {"purged", true}});
    return {};
  };
  if (auto read = call.engine->read_audit(t, from, to, visit); !read) return to_admin(read.error());
  return out + "]}";
}

}  // namespace

Answer show_audit(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  return records_of(call, (*found)->id, (*found)->slug);
}

Answer show_appliance_audit(VerbCall& call) {
  return records_of(call, storage::kAppliance, "");
}

}  // namespace beffroi::admin
