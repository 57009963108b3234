// SPDX-License-Identifier: EUPL-1.2
// One audit record: who did, or was refused, what to which name. Its encoding is the body of a leaf of its
// collectivity's tree and stands byte for byte in every extract, so it is canonical: one JSON object as RFC
// 8785 writes it, without a final newline. Never a secret, never content.
//
//   access_key after before bucket bytes collectivity error key operation operator outcome reason request_id
//   seq source time user user_id version                                              in this order; an empty
//   text and zero bytes are left out
//
// `time` is RFC 3339 in UTC with milliseconds. A text that is not valid UTF-8 (object keys of old clients) is
// given as base64 under its name + "_base64". A number above 2^53 - 1, which JSON readers would round, is
// given as a string of its digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "storage/ids.h"

namespace beffroi::storage {

enum class AuditOutcome {
  Allowed,  // done
  Denied,   // refused by authentication, authorization, a lock or a quota
  Failed,   // allowed, but could not be done
};
std::string_view outcome_name(AuditOutcome);  // "allowed", "denied", "failed"

struct AuditRecord {
  std::int64_t ms = 0;            // committer time, ms since 1970
  CollectivityId collectivity{};  // whose log: the one whose namespace is addressed, else the signer's, else
                                  // the appliance's
  std::uint64_t sequence = 0;     // its number in that log, from 0; AuditLog::add gives it
  std::string user;               // name of the user who signed
  std::string user_id;            // canonical id of that user
  std::string access_key;         // id of the key that signed
  std::string operator_name;      // of the operator, when one acted
  std::string source;             // client address
  std::string operation;          // "PutObject", "CreateCollectivity" ...
  std::string bucket;
  std::string key;
  std::string version;
  AuditOutcome outcome = AuditOutcome::Allowed;
  std::string error;        // error code as the client saw it
  std::uint64_t bytes = 0;  // of the body asked for or given
  std::string request_id;
  std::string reason;  // given by whoever bypassed a lock, destroyed a key ...
  std::string before;  // JSON text of what a change of rights replaced; carried as a string
  std::string after;   // and what by
};

Bytes encode(const AuditRecord&);

// "2026-11-24T08:20:00.000Z"; CHECKs that the year is from 1970 to 9999.
std::string rfc3339(std::int64_t ms);

}  // namespace beffroi::storage
