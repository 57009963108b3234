// SPDX-License-Identifier: EUPL-1.2
#include <boost/json.hpp>

#include "admin/api/fields.h"
#include "admin/api/verb.h"
#include "storage/engine/online_check.h"

namespace beffroi::admin {

Answer init(VerbCall& call) {
  if (auto body = parse_body(call.body, {}); !body) return body.error();
  const ApplianceState state = call.appliance.state();
  if (state.phase == Phase::Sealed)
    return AdminError{Code::NotServing, "", "the appliance is sealed", state.reason};
  if (state.phase != Phase::Uninitialised) {
    return AdminError{Code::AlreadyInitialised, "", "the appliance has a store already",
                      "look at its status"};
  }
  if (auto made = call.appliance.initialise(); !made) {
    if (made.error() == make_error_code(storage::EngineErrc::AlreadyExists)) {
      return AdminError{Code::AlreadyInitialised, "", "the appliance has a store already",
                        "look at its status"};
    }
    if (made.error() == make_error_code(storage::EngineErrc::Closed)) {
      return AdminError{Code::NotServing, "", "the store stays closed", call.appliance.state().reason};
    }
    return to_admin(made.error());
  }
  call.engine = call.appliance.engine();
  return status(call);
}

Answer status(VerbCall& call) {
  const ApplianceState state = call.appliance.state();
  boost::json::object out{{"version", BEFFROI_VERSION},
                          {"phase", phase_name(state.phase)},
                          {"sealed", state.phase == Phase::Sealed},
                          {"uptime_seconds", call.uptime_ms / 1000}};
  if (!state.reason.empty()) out["reason"] = state.reason;
  if (!state.loss_id.empty()) out["loss_id"] = state.loss_id;
  if (call.engine != nullptr) {
    const storage::EngineStatus status = call.engine->status();
    out["sequence"] = raw(status.sequence);
    out["epoch"] = status.epoch;
    out["collectivities"] = call.engine->directory().collectivities().size();
    out["log_bytes"] = status.log_bytes;
    out["gc_rows"] = status.gc_rows;
    out["audit_tree_size"] = status.audit_tree_size;
    boost::json::array systems;
    for (const storage::FileSystemState& system : status.file_systems) {
      systems.push_back({{"use", system.use},
                         {"directory", system.directory},
                         {"size_bytes", system.space.total},
                         {"available_bytes", system.space.available},
                         {"state", storage::space_state_name(system.state)}});
    }
    out["file_systems"] = std::move(systems);
  }
  return boost::json::serialize(out);
}

Answer recover(VerbCall& call) {
  const auto body = parse_body(call.body, {"accept_loss"});
  if (!body) return body.error();
  const auto id = text_field(*body, "accept_loss");
  if (!id) return id.error();
  const ApplianceState state = call.appliance.state();
  if (state.loss_id.empty()) {
    return invalid_field("accept_loss", "the store is not closed by a loss: there is nothing to accept", "look at its status");
  }
  if (*id != state.loss_id) {
    return invalid_field("accept_loss", "it is not the loss for which the store is closed", "give the id that its status shows");
  }
  auto findings = call.appliance.recover(*id, call.take_record());
  if (!findings) {
    if (findings.error() == make_error_code(storage::EngineErrc::Closed)) {
      return AdminError{Code::NotServing, "", "the store stays closed", call.appliance.state().reason};
    }
    return to_admin(findings.error());
  }
  call.engine = call.appliance.engine();
  boost::json::object out{{"phase", phase_name(call.appliance.state().phase)},
                          {"lost", state.reason},
                          {"findings", boost::json::array(findings->begin(), findings->end())}};
  return boost::json::serialize(out);
}

Answer start_check(VerbCall& call) {
  const auto body = parse_body(call.body, {"bytes_per_second"});
  if (!body) return body.error();
  const auto pace = optional_number(*body, "bytes_per_second");
  if (!pace) return pace.error();
  if (*pace == std::uint64_t{0}) return invalid_field("bytes_per_second", "nothing would be read", "give at least 1");
  if (call.engine != nullptr) {
    const auto started = call.engine->online_check().start(pace->value_or(storage::kCheckBytesPerSecond));
    if (!started) return to_admin(started.error());
  }
  return show_check(call);
}

// A closed store is its own finding: what is missing needs no looking for.
Answer show_check(VerbCall& call) {
  const ApplianceState state = call.appliance.state();
  boost::json::object out{{"phase", phase_name(state.phase)}};
  if (state.phase == Phase::Closed) {
    out["running"] = false;
    out["findings"] = boost::json::array{state.reason};
    return boost::json::serialize(out);
  }
  if (call.engine == nullptr) {
    return AdminError{Code::NotServing, "", "the appliance is " + std::string(phase_name(state.phase)), state.reason};
  }
  const storage::CheckStatus check = call.engine->online_check().status();
  out["running"] = check.running;
  if (check.running) {
    out["stage"] = check.stage;
    out["done_bytes"] = check.done;
    out["total_bytes"] = check.total;
  }
  if (check.started_ms != 0) {
    out["bytes_per_second"] = check.bytes_per_second;
    out["started"] = storage::rfc3339(check.started_ms);
  }
  if (check.ended_ms != 0) out["ended"] = storage::rfc3339(check.ended_ms);
  out["findings"] = boost::json::array(check.findings.begin(), check.findings.end());
  return boost::json::serialize(out);
}

}  // namespace beffroi::admin
