// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/object_lock.h"

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/xml_tree.h"
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

// S3's bounds: a hundred years.
constexpr std::uint64_t kRetainDaysMax = 36'500;
constexpr std::uint64_t kRetainYearsMax = 100;

S3Result<std::uint32_t> period(const std::string& text, std::uint64_t most) {
  const auto number = parse_decimal(text);
  if (!number || *number == 0 || *number > most) return S3Error(Code::InvalidRetentionPeriod);
  return static_cast<std::uint32_t>(*number);
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
    fields.legal_hold = *hold == "ON" ? storage::LegalHold::On : storage::LegalHold::Off;
  }
  return {};
}

std::string_view lock_mode_name(LockMode mode) { return mode == LockMode::Compliance ? "COMPLIANCE" : "GOVERNANCE"; }

std::optional<LockMode> parse_lock_mode(std::string_view name) {
  if (name == "GOVERNANCE") return LockMode::Governance;
  if (name == "COMPLIANCE") return LockMode::Compliance;
  return std::nullopt;
}

S3Result<storage::DefaultRetention> parse_lock_configuration(std::string_view body) {
  const auto root = parse_xml(body, "ObjectLockConfiguration");
  if (!root) return root.error();
  const auto enabled = root->child_text("ObjectLockEnabled");
  const auto rule = root->child("Rule");
  if (!enabled || *enabled != "Enabled" || !rule) return S3Error(Code::MalformedXML);
  storage::DefaultRetention retention;
  if (*rule == nullptr) return retention;
  const auto given = (*rule)->child("DefaultRetention");
  if (!given || *given == nullptr) return S3Error(Code::MalformedXML);
  const auto mode_text = (*given)->child_text("Mode");
  const auto days = (*given)->child("Days"), years = (*given)->child("Years");
  const auto mode = mode_text ? parse_lock_mode(*mode_text) : std::nullopt;
  if (!mode || !days || !years || (*days == nullptr) == (*years == nullptr)) return S3Error(Code::MalformedXML);
  retention.mode = *mode;
  const bool in_days = *days != nullptr;
  const auto number = period((in_days ? *days : *years)->trimmed(), in_days ? kRetainDaysMax : kRetainYearsMax);
  if (!number) return number.error();
  (in_days ? retention.days : retention.years) = *number;
  return retention;
}

S3Result<storage::Retention> parse_retention(std::string_view body) {
  const auto root = parse_xml(body, "Retention");
  if (!root) return root.error();
  const auto mode_node = root->child("Mode"), until_node = root->child("RetainUntilDate");
  if (!mode_node || !until_node || (*mode_node == nullptr) != (*until_node == nullptr)) return S3Error(Code::MalformedXML);
  if (*mode_node == nullptr) return storage::Retention{};
  const auto mode = parse_lock_mode((*mode_node)->trimmed());
  const auto until = parse_iso8601((*until_node)->trimmed());
  if (!mode || !until) return S3Error(Code::MalformedXML);
  return storage::Retention{*mode, *until};
}

S3Result<storage::LegalHold> parse_legal_hold(std::string_view body) {
  const auto root = parse_xml(body, "LegalHold");
  if (!root) return root.error();
  const auto status = root->child_text("Status");
  if (!status || (*status != "ON" && *status != "OFF")) return S3Error(Code::MalformedXML);
  return *status == "ON" ? storage::LegalHold::On : storage::LegalHold::Off;
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

std::string_view legal_hold_name(storage::LegalHold hold) { return hold == storage::LegalHold::On ? "ON" : "OFF"; }

std::string legal_hold_xml(storage::LegalHold hold) {
  XmlWriter xml("LegalHold");
  xml.element("Status", legal_hold_name(hold));
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
