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
constexpr std::uint64_t kLinesMax = 500;        // of an extract, read at once: about 250 kB

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

AdminError out_of_range(std::string_view field, std::uint64_t most) {
  return invalid_field(field, "it is beyond the end", "give at most " + std::to_string(most));
}

// `name` is the number of a record, or a date: the number of the first record from then on.
AdminResult<std::optional<std::uint64_t>> query_position(VerbCall& call, storage::CollectivityId t, std::string_view name) {
  const auto date = query_date(call.query, name);
  if (!date) return date.error();
  if (!date->has_value()) return query_number(call.query, name);
  const auto at = call.engine->audit_sequence_at(t, **date);
  if (!at) return to_admin(at.error());
  return std::optional<std::uint64_t>(*at);
}

AdminResult<std::vector<std::uint64_t>> query_since(std::string_view query, std::uint64_t tree_size) {
  std::vector<std::uint64_t> sizes;
  for (const std::string_view text : query_texts(query, "since")) {
    const auto size = parse_number("since", text);
    if (!size) return size.error();
    if (*size > tree_size) {
      return invalid_field("since", "the checkpoint is ahead of this store, which has " + std::to_string(tree_size) + " state leaves: the store is older than it was",
                           "keep the checkpoint; find out who brought back an older copy");
    }
    sizes.push_back(*size);
  }
  if (sizes.size() > storage::kExtractProofsMax)
    return invalid_field("since", "there are too many", "give at most " + std::to_string(storage::kExtractProofsMax));
  return sizes;
}

// The record of an export is in the log before a line of it leaves: it is the last record of its own extract, unless `to` is given.
Answer extract_of(VerbCall& call, storage::ExtractRequest request) {
  if (auto attested = call.engine->attest_audit(); !attested) return to_admin(attested.error());
  auto size = call.engine->attested_audit_size(request.collectivity);
  if (!size) return to_admin(size.error());
  const auto from = query_position(call, request.collectivity, "from"), to = query_position(call, request.collectivity, "to");
  if (!from) return from.error();
  if (!to) return to.error();
  if (to->value_or(0) > *size) return out_of_range("to", *size);
  request.from = from->value_or(0);
  if (request.from > to->value_or(*size)) return out_of_range("from", to->value_or(*size));
  auto since = query_since(call.query, call.engine->global_audit_size());
  if (!since) return since.error();
  request.since = std::move(*since);

  storage::AuditRecord record = call.take_record();
  record.collectivity = request.collectivity;
  call.engine->note(record);
  if (request.collectivity != storage::kAppliance) {
    record.collectivity = storage::kAppliance;
    call.engine->note(std::move(record));
  }
  if (auto attested = call.engine->attest_audit(); !attested) return to_admin(attested.error());
  size = call.engine->attested_audit_size(request.collectivity);
  if (!size) return to_admin(size.error());
  request.to = to->value_or(*size);
  call.rest = ExtractRest{request.collectivity, request.from, request.to};
  auto head = call.engine->audit_extract_head(std::move(request));
  if (!head) return to_admin(head.error());
  return std::move(*head);
}

}  // namespace

Result<Bytes> next_lines(const storage::Engine& engine, ExtractRest& rest) {
  const std::uint64_t to = std::min(rest.end, rest.next + kLinesMax);
  Bytes lines;
  const auto visit = [&](const storage::AuditEntry& entry) -> Result<void> {
    lines += storage::extract_line(rest.collectivity, entry);
    return {};
  };
  if (auto read = engine.read_audit(rest.collectivity, rest.next, to, visit); !read) return read.error();
  rest.next = to;
  return lines;
}

Answer show_audit(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  return records_of(call, (*found)->id, (*found)->slug);
}

Answer show_appliance_audit(VerbCall& call) {
  return records_of(call, storage::kAppliance, "");
}

Answer export_audit(VerbCall& call) {
  const auto found = named_collectivity(call);
  if (!found) return found.error();
  return extract_of(call, {.collectivity = (*found)->id, .siren = (*found)->siren, .slug = (*found)->slug});
}

Answer export_appliance_audit(VerbCall& call) {
  return extract_of(call, {.collectivity = storage::kAppliance});
}

Answer show_checkpoint(VerbCall& call) {
  if (auto attested = call.engine->attest_audit(); !attested) return to_admin(attested.error());
  const auto since = query_since(call.query, call.engine->global_audit_size());
  if (!since) return since.error();
  if (since->size() > 1) return invalid_field("since", "there are too many", "give one");
  const auto text = call.engine->audit_checkpoint(since->empty() ? std::nullopt : std::optional(since->front()));
  if (!text) return to_admin(text.error());
  return json::serialize(json::object{{"checkpoint", *text}, {"key", call.engine->audit_key()}});
}

}  // namespace beffroi::admin
