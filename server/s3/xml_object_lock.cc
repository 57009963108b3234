// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/object_lock.h"
#include "server/s3/xml_node.h"

namespace beffroi::s3 {
namespace {

using storage::LockMode;

// S3's bounds: a hundred years.
constexpr std::uint64_t kRetainDaysMax = 36'500;
constexpr std::uint64_t kRetainYearsMax = 100;

S3Result<std::uint32_t> period(const std::string& text, std::uint64_t most) {
  const auto number = parse_decimal(trimmed(text));
  if (!number || *number == 0 || *number > most) return S3Error(Code::InvalidRetentionPeriod);
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

S3Result<storage::DefaultRetention> parse_lock_configuration(std::string_view body) {
  pugi::xml_document document;
  const auto root = parse_root(document, body, "ObjectLockConfiguration");
  if (!root) return root.error();
  bool repeated = false;
  const auto enabled = child_text(*root, "ObjectLockEnabled", repeated);
  if (!enabled || trimmed(*enabled) != "Enabled") return malformed_xml();
  storage::DefaultRetention retention;
  const auto rule = child_of(*root, "Rule", repeated);
  if (repeated) return malformed_xml();
  if (!rule) return retention;
  const auto given = child_of(rule, "DefaultRetention", repeated);
  if (!given) return malformed_xml();
  const auto mode = parse_lock_mode(trimmed(child_text(given, "Mode", repeated).value_or("")));
  const auto days = child_text(given, "Days", repeated);
  const auto years = child_text(given, "Years", repeated);
  if (!mode || repeated || days.has_value() == years.has_value()) return malformed_xml();
  retention.mode = *mode;
  const auto number = days ? period(*days, kRetainDaysMax) : period(*years, kRetainYearsMax);
  if (!number) return number.error();
  (days ? retention.days : retention.years) = *number;
  return retention;
}

S3Result<storage::Retention> parse_retention(std::string_view body) {
  pugi::xml_document document;
  const auto root = parse_root(document, body, "Retention");
  if (!root) return root.error();
  bool repeated = false;
  const auto mode_text = child_text(*root, "Mode", repeated);
  const auto until_text = child_text(*root, "RetainUntilDate", repeated);
  if (repeated || mode_text.has_value() != until_text.has_value()) return malformed_xml();
  if (!mode_text) return storage::Retention{};
  const auto mode = parse_lock_mode(trimmed(*mode_text));
  const auto until = parse_iso8601(trimmed(*until_text));
  if (!mode || !until) return malformed_xml();
  return storage::Retention{*mode, *until};
}

S3Result<bool> parse_legal_hold(std::string_view body) {
  pugi::xml_document document;
  const auto root = parse_root(document, body, "LegalHold");
  if (!root) return root.error();
  bool repeated = false;
  const std::string status = trimmed(child_text(*root, "Status", repeated).value_or(""));
  if (repeated || (status != "ON" && status != "OFF")) return malformed_xml();
  return S3Result<bool>(boost::system::in_place_value, status == "ON");
}

}  // namespace beffroi::s3
