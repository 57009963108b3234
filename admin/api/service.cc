// SPDX-License-Identifier: EUPL-1.2
#include "admin/api/service.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

#include "admin/api/errors.h"
#include "admin/api/route.h"
#include "admin/api/verb.h"
#include "server/log.h"

namespace beffroi::admin {
using boost::asio::awaitable;
namespace {

// The name under which the machine knows the peer; its number when it has none.
std::string operator_name(std::uint32_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{}, *found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return "uid " + std::to_string(uid);
}

AdminResult<std::string> not_serving(const ApplianceState& state) {
  return AdminError{Code::NotServing, "", "the appliance is " + std::string(phase_name(state.phase)),
                    state.reason};
}

awaitable<AdminResult<std::string>> read_body(http::BodySource& body) {
  std::string text;
  for (;;) {
    const auto piece = co_await body.read();
    if (!piece) co_return AdminError{Code::InvalidBody, "", "the body did not come whole", "send it again"};
    if (piece->empty()) co_return text;
    if (text.size() + piece->size() > kBodyBytesMax) {
      co_return AdminError{Code::BodyTooLarge, "", "the body is too long", "send at most 65536 bytes"};
    }
    text += *piece;
  }
}

// A change's record is in its frame, in its target's log and in the appliance's. What no change carries, reads and refusals,
// is noted in the appliance's log.
void audit(VerbCall& call, const Route& route, const Answer& answer) {
  if (route.operation.empty() || call.engine == nullptr || call.record_taken) return;
  storage::AuditRecord record = call.record;
  record.collectivity = storage::kAppliance;
  if (!answer) {
    record.outcome = storage::AuditOutcome::Failed;
    record.error = name_of(answer.error().code);
  }
  call.engine->note(std::move(record));
}

Answer serve(VerbCall& call, const Route& route) {
  if (route.needs_store && call.engine == nullptr) return not_serving(call.appliance.state());
  if (!route.operation.empty() && call.engine != nullptr) {
    if (auto admitted = call.engine->admission(); !admitted) return to_admin(admitted.error());
  }
  Answer answer = run_verb(route.verb, call);
  audit(call, route, answer);
  return answer;
}

// An extract of any length, in pages. What cannot be read on ends in a closed connection, never in a short success.
awaitable<void> send_lines(DiskPool& pool, http::ResponseSink& sink, const std::string& request_id, std::string_view head_lines,
                           const storage::Engine& engine, ExtractRest rest) {
  http::ResponseHead head(200);
  head.add("Content-Type", "application/jsonl");
  head.add("Cache-Control", "no-store");
  head.add("X-Request-Id", request_id);
  const Result<void> started = co_await sink.start_chunked(std::move(head));
  if (!started) co_return;
  const Result<void> begun = co_await sink.write(head_lines);
  if (!begun) co_return;
  auto read = [&engine, &rest] { return next_lines(engine, rest); };
  while (rest.next < rest.end) {
    const Result<Bytes> lines = co_await pool.run(read);
    if (!lines) {
      log_error("an extract breaks off", {{"problem", lines.error().message()}, {"request_id", request_id}});
      sink.abort();
      co_return;
    }
    const Result<void> written = co_await sink.write(*lines);
    if (!written) co_return;
  }
  (void)co_await sink.finish();
}

awaitable<void> send(http::ResponseSink& sink, const std::string& request_id, const Answer& answer) {
  http::ResponseHead head(answer ? 200 : status_of(answer.error().code));
  head.add("Content-Type", "application/json");
  head.add("Cache-Control", "no-store");
  head.add("X-Request-Id", request_id);
  const std::string text = answer ? *answer : error_json(answer.error());
  (void)co_await sink.send(std::move(head), text);
}

}  // namespace

Answer run_verb(Verb verb, VerbCall& call) {
  switch (verb) {
    case Verb::Init:
      return init(call);
    case Verb::Status:
      return status(call);
    case Verb::Recover:
      return recover(call);
    case Verb::StartCheck:
      return start_check(call);
    case Verb::ShowCheck:
      return show_check(call);
    case Verb::ListCollectivities:
      return list_collectivities(call);
    case Verb::AddCollectivity:
      return add_collectivity(call);
    case Verb::ShowCollectivity:
      return show_collectivity(call);
    case Verb::SetQuota:
      return set_quota(call);
    case Verb::SuspendCollectivity:
      return suspend_collectivity(call);
    case Verb::ResumeCollectivity:
      return resume_collectivity(call);
    case Verb::ShowUsage:
      return show_usage(call);
    case Verb::PreviewLifecycle:
      return preview_lifecycle(call);
    case Verb::ListUsers:
      return list_users(call);
    case Verb::AddUser:
      return add_user(call);
    case Verb::ListKeys:
      return list_keys(call);
    case Verb::AddKey:
      return add_key(call);
    case Verb::RevokeKey:
      return revoke_key(call);
    case Verb::ShowAudit:
      return show_audit(call);
    case Verb::ShowApplianceAudit:
      return show_appliance_audit(call);
    case Verb::ExportAudit:
      return export_audit(call);
    case Verb::ExportApplianceAudit:
      return export_appliance_audit(call);
    case Verb::ShowCheckpoint:
      return show_checkpoint(call);
  }
  return AdminError{Code::NotFound, "", "there is no such verb", ""};
}

AdminService::AdminService(AdminOptions options, Appliance& appliance, DiskPool& pool,
                           const storage::Clock& clock)
    : options_(options),
      appliance_(appliance),
      pool_(pool),
      clock_(clock),
      started_ms_(clock.boot_ms()),
      life_(std::to_string(clock.wall_ms())) {}

std::string AdminService::new_request_id() {
  return "op-" + life_ + "-" + std::to_string(++requests_);
}

awaitable<void> AdminService::handle(http::Request& request, http::BodySource& body,
                                     http::ResponseSink& sink) {
  const std::string request_id = new_request_id();
  if (!request.peer.unix_peer) {
    const Answer refused =
        AdminError{Code::NotAllowed, "", "operators come by the Unix socket", "use beffroictl"};
    co_await send(sink, request_id, refused);
    co_return;
  }
  auto routed = find_route(request.head.method(), request.head.path());
  if (!routed) {
    const Answer refused = routed.error();
    co_await send(sink, request_id, refused);
    co_return;
  }
  const AdminResult<std::string> text = co_await read_body(body);
  if (!text) {
    co_await send(sink, request_id, text);
    co_return;
  }
  const Route& route = *routed->route;
  VerbCall call{appliance_,
                options_,
                clock_.boot_ms() - started_ms_,
                appliance_.engine(),
                std::move(routed->parameters),
                request.head.query(),
                *text,
                {},
                false,
                {}};
  call.record.collectivity = storage::kAppliance;
  call.record.operation = route.operation;
  call.record.operator_name = operator_name(request.peer.unix_peer->uid);
  call.record.source = request.peer.text;
  call.record.request_id = request_id;
  auto work = [&call, &route] { return serve(call, route); };
  const Answer answer = co_await pool_.run(work);
  log_info("operator", {{"verb", route.path},
                        {"method", route.method},
                        {"operator", call.record.operator_name},
                        {"outcome", answer ? std::string_view("done") : name_of(answer.error().code)},
                        {"request_id", request_id}});
  if (answer && call.rest) {
    co_await send_lines(pool_, sink, request_id, *answer, *call.engine, *call.rest);
    co_return;
  }
  co_await send(sink, request_id, answer);
}

awaitable<void> AdminService::refuse(http::Refusal refusal, const http::Peer&, http::ResponseSink& sink) {
  static constexpr std::array<unsigned, 7> kStatus = {400, 431, 414, 505, 408, 503, 500};
  const AdminError error{Code::InvalidBody, "", "the request could not be read", "use beffroictl"};
  http::ResponseHead head(kStatus[static_cast<std::size_t>(refusal)]);
  head.add("Content-Type", "application/json");
  const std::string text = error_json(error);
  (void)co_await sink.send(std::move(head), text);
}

}  // namespace beffroi::admin
