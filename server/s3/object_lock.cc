// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/object_lock.h"

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

using storage::LockMode;

constexpr std::string_view kModeHeader = "x-amz-object-lock-mode";
constexpr std::string_view kUntilHeader = "x-amz-object-lock-retain-until-date";
constexpr std::string_view kHoldHeader = "x-amz-object-lock-legal-hold";

S3Error invalid(std::string_view header, std::string_view value, std::string message) {
  return S3Error(Code::InvalidArgument, std::move(message)).with("ArgumentName", std::string(header)).with("ArgumentValue", std::string(value));
}

}  // namespace

S3Error no_object_lock() { return S3Error(Code::InvalidRequest, "Bucket is missing Object Lock Configuration"); }

S3Result<void> check_retain_until(std::int64_t until_ms, std::int64_t now_ms) {
  if (until_ms > now_ms) return {};
  return S3Error(Code::InvalidArgument, "The retain until date must be in the future!");
}

S3Result<void> read_lock_headers(HeaderSpan headers, const storage::Bucket& bucket, std::int64_t now_ms, storage::ObjectFields& fields) {
  const auto mode = find_header(headers, kModeHeader);
  const auto until = find_header(headers, kUntilHeader);
  const auto hold = find_header(headers, kHoldHeader);
  if (!mode && !until && !hold) return {};
  if (!bucket.settings.object_lock) return no_object_lock();
  if (mode.has_value() != until.has_value()) {
    return invalid(mode ? kModeHeader : kUntilHeader, mode ? *mode : *until,
                   "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  }
  if (mode) {
    const auto known = parse_lock_mode(*mode);
    if (!known) return invalid(kModeHeader, *mode, "Unknown wormMode directive.");
    const auto ms = parse_iso8601(*until);
    if (!ms) return invalid(kUntilHeader, *until, "The retain until date must be provided in ISO 8601 format");
    if (auto good = check_retain_until(*ms, now_ms); !good) return good;
    fields.retention = {*known, *ms};
  }
  if (hold) {
    if (*hold != "ON" && *hold != "OFF") return invalid(kHoldHeader, *hold, "Legal Hold must be either of 'ON' or 'OFF'");
    fields.legal_hold = *hold == "ON";
  }
  return {};
}

std::string_view lock_mode_name(LockMode mode) { return mode == LockMode::Compliance ? "COMPLIANCE" : "GOVERNANCE"; }

std::optional<LockMode> parse_lock_mode(std::string_view name) {
  if (name == "GOVERNANCE") return LockMode::Governance;
  if (name == "COMPLIANCE") return LockMode::Compliance;
  return std::nullopt;
}

std::string lock_configuration_xml(const storage::DefaultRetention& retention) {
  XmlWriter xml("ObjectLockConfiguration");
  xml.element("ObjectLockEnabled", "Enabled");
  if (retention.mode == LockMode::None) return std::move(xml).finish();
  xml.open("Rule");
  xml.open("DefaultRetention");
  xml.element("Mode", lock_mode_name(retention.mode));
  if (retention.days != 0) xml.element("Days", std::uint64_t{retention.days});
  if (retention.years != 0) xml.element("Years", std::uint64_t{retention.years});
  return std::move(xml).finish();
}

std::string retention_xml(const storage::Retention& retention) {
  XmlWriter xml("Retention");
  xml.element("Mode", lock_mode_name(retention.mode));
  xml.element("RetainUntilDate", iso8601(retention.until_ms));
  return std::move(xml).finish();
}

std::string legal_hold_xml(bool on) {
  XmlWriter xml("LegalHold");
  xml.element("Status", on ? "ON" : "OFF");
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
