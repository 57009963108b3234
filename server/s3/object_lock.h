// SPDX-License-Identifier: EUPL-1.2
// Object Lock on the wire: headers of writes, and the three XML documents. What a lock forbids is storage/engine/object_lock.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/s3/request.h"
#include "storage/engine/bucket.h"

namespace beffroi::s3 {

// x-amz-object-lock-mode, -retain-until-date, -legal-hold into the fields. 400 InvalidRequest when the bucket has no Object Lock, 400
// InvalidArgument for a mode without a date or a date without a mode, a date that is past or none, a hold that is neither ON nor OFF.
S3Result<void> read_lock_headers(HeaderSpan, const storage::Bucket&, std::int64_t now_ms, storage::ObjectFields&);

// 400 InvalidRequest.
S3Error no_object_lock();
// 400 InvalidArgument unless it is to come.
S3Result<void> check_retain_until(std::int64_t until_ms, std::int64_t now_ms);

std::string_view lock_mode_name(storage::LockMode);  // GOVERNANCE, COMPLIANCE
std::optional<storage::LockMode> parse_lock_mode(std::string_view);

// ObjectLockConfiguration; mode None: without a default. 400 MalformedXML, InvalidRetentionPeriod.
S3Result<storage::DefaultRetention> parse_lock_configuration(std::string_view body);
std::string lock_configuration_xml(const storage::DefaultRetention&);

// Retention; empty: mode None. 400 MalformedXML.
S3Result<storage::Retention> parse_retention(std::string_view body);
std::string retention_xml(const storage::Retention&);

// LegalHold: On or Off. 400 MalformedXML.
S3Result<storage::LegalHold> parse_legal_hold(std::string_view body);
std::string_view legal_hold_name(storage::LegalHold);  // of one that was said
std::string legal_hold_xml(storage::LegalHold);

}  // namespace beffroi::s3
