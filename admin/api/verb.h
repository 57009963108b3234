// SPDX-License-Identifier: EUPL-1.2
// VerbCall: one request of an operator on its way through its verb. A verb is a plain function on a thread of the disk pool; it
// answers with the text of a JSON document, or with the head of an extract whose records follow page by page. Secrets appear in the answer to AddKey and nowhere else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api/errors.h"
#include "admin/api/route.h"
#include "admin/api/service.h"
#include "storage/engine/engine.h"

namespace beffroi::admin {

// Records of a log that are still to be sent: lines of an extract.
struct ExtractRest {
  storage::CollectivityId collectivity{};
  std::uint64_t next = 0, end = 0;
};

struct VerbCall {
  Appliance& appliance;
  const AdminOptions& options;
  std::int64_t uptime_ms;
  storage::Engine* engine;  // null while the store does not serve, for verbs that do not need it
  std::vector<std::string> parameters;
  std::string_view query;
  std::string_view body;
  storage::AuditRecord record;
  bool record_taken = false;  // it stands, or will stand, in a change's frame
  std::optional<ExtractRest> rest;  // the answer is JSON lines, and these follow

  // The record of this request, for the change that carries it out, in its target's log.
  storage::AuditRecord take_record() {
    record_taken = true;
    return record;
  }
};

using Answer = AdminResult<std::string>;

Answer init(VerbCall&);  // verbs_appliance.cc
Answer status(VerbCall&);
Answer recover(VerbCall&);
Answer start_check(VerbCall&);
Answer show_check(VerbCall&);
Answer list_collectivities(VerbCall&);  // verbs_collectivity.cc
Answer add_collectivity(VerbCall&);
Answer show_collectivity(VerbCall&);
Answer set_quota(VerbCall&);
Answer suspend_collectivity(VerbCall&);
Answer resume_collectivity(VerbCall&);
Answer show_usage(VerbCall&);
Answer preview_lifecycle(VerbCall&);
Answer list_users(VerbCall&);  // verbs_user.cc
Answer add_user(VerbCall&);
Answer list_keys(VerbCall&);
Answer add_key(VerbCall&);
Answer revoke_key(VerbCall&);
Answer show_audit(VerbCall&);  // verbs_audit.cc
Answer show_appliance_audit(VerbCall&);
Answer export_audit(VerbCall&);
Answer export_appliance_audit(VerbCall&);
Answer show_checkpoint(VerbCall&);

Answer run_verb(Verb, VerbCall&);

// The lines of the next records, a few hundred at most. May wait for a device.
Result<Bytes> next_lines(const storage::Engine&, ExtractRest&);

// The collectivity of the first parameter, which the record then concerns. NotFound.
AdminResult<std::shared_ptr<const storage::Collectivity>> named_collectivity(VerbCall&);

}  // namespace beffroi::admin
