// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/conditions.h"

#include <algorithm>

#include "server/s3/dates.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

// Tags of a list, in quotes or without, `W/` in front of the weak ones. A weak tag never satisfies a strong
// comparison, so there it is left out.
storage::EtagList parse_etags(std::string_view in, bool weak_counts) {
  storage::EtagList list;
  if (trim(in) == "*") {
    list.any = true;
    return list;
  }
  while (!in.empty()) {
    in = trim(in);
    if (in.starts_with(',')) {
      in.remove_prefix(1);
      continue;
    }
    const bool weak = in.starts_with("W/");
    if (weak) in.remove_prefix(2);
    const bool in_quotes = in.starts_with('"');
    if (in_quotes) in.remove_prefix(1);
    const std::string_view tag = in.substr(0, in.find(in_quotes ? '"' : ','));
    in.remove_prefix(std::min(tag.size() + (in_quotes ? 1 : 0), in.size()));
    if (weak && !weak_counts) continue;
    list.tags.emplace_back(in_quotes ? tag : trim(tag));
  }
  return list;
}

std::optional<std::int64_t> parse_seconds(std::optional<std::string_view> header) {
  if (!header) return std::nullopt;
  const std::optional<std::int64_t> ms = parse_http_date(*header);
  if (!ms) return std::nullopt;
  return *ms / 1000;
}

storage::Conditions conditions_with_prefix(HeaderSpan headers, std::string prefix) {
  storage::Conditions conditions;
  if (auto header = find_header(headers, prefix + "if-match")) {
    conditions.if_match = parse_etags(*header, false);
  }
  if (auto header = find_header(headers, prefix + "if-none-match")) {
    conditions.if_none_match = parse_etags(*header, true);
  }
  conditions.if_modified_since_s = parse_seconds(find_header(headers, prefix + "if-modified-since"));
  conditions.if_unmodified_since_s = parse_seconds(find_header(headers, prefix + "if-unmodified-since"));
  return conditions;
}

S3Error not_there(std::string_view header) {
  return S3Error(Code::NotImplemented).with("Header", std::string(header));
}

S3Error invalid(std::string_view name, std::string_view value) {
  return S3Error(Code::InvalidArgument)
      .with("ArgumentName", std::string(name))
      .with("ArgumentValue", std::string(value));
}

// If-Match of a write: one tag or `*`.
S3Result<std::optional<storage::EtagList>> write_if_match(HeaderSpan headers) {
  const auto header = find_header(headers, "if-match");
  if (!header) return std::optional<storage::EtagList>();
  storage::EtagList list = parse_etags(*header, false);
  if (!list.any && list.tags.size() != 1) return not_there("If-Match");
  return std::optional<storage::EtagList>(std::move(list));
}

// The header that decides: an ETag outranks the date beside it.
std::string deciding_header(const storage::Conditions& conditions) {
  if (conditions.if_match) return "If-Match";
  if (conditions.if_unmodified_since_s) return "If-Unmodified-Since";
  if (conditions.if_none_match) return "If-None-Match";
  if (conditions.if_modified_since_s) return "If-Modified-Since";
  if (conditions.if_match_size) return "x-amz-if-match-size";
  return "x-amz-if-match-last-modified-time";
}

}  // namespace

std::string quoted(std::string_view etag) {
  return "\"" + std::string(etag) + "\"";
}

std::string unquoted(std::string_view etag) {
  etag = trim(etag);
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
    etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

storage::Conditions read_conditions(HeaderSpan headers) {
  return conditions_with_prefix(headers, "");
}

storage::Conditions copy_source_conditions(HeaderSpan headers) {
  return conditions_with_prefix(headers, "x-amz-copy-source-");
}

S3Result<storage::Conditions> write_conditions(HeaderSpan headers) {
  storage::Conditions conditions;
  auto if_match = write_if_match(headers);
  if (!if_match) return if_match.error();
  conditions.if_match = std::move(*if_match);
  if (auto header = find_header(headers, "if-none-match")) {
    conditions.if_none_match = parse_etags(*header, false);
    if (!conditions.if_none_match->any) return not_there("If-None-Match");
    if (conditions.if_match) {
      return S3Error(Code::InvalidRequest, "If-Match and If-None-Match cannot be used together.");
    }
  }
  return conditions;
}

S3Result<storage::Conditions> delete_conditions(HeaderSpan headers) {
  storage::Conditions conditions;
  auto if_match = write_if_match(headers);
  if (!if_match) return if_match.error();
  conditions.if_match = std::move(*if_match);
  if (auto header = find_header(headers, "x-amz-if-match-size")) {
    conditions.if_match_size = parse_decimal(*header);
    if (!conditions.if_match_size) return invalid("x-amz-if-match-size", *header);
  }
  if (auto header = find_header(headers, "x-amz-if-match-last-modified-time")) {
    // botocore writes an HTTP date here, other clients the form that listings show.
    std::optional<std::int64_t> ms = parse_http_date(*header);
    if (!ms) ms = parse_iso8601(*header);
    if (!ms) return invalid("x-amz-if-match-last-modified-time", *header);
    conditions.if_match_modified_s = *ms / 1000;
  }
  return conditions;
}

S3Error precondition_failed(const storage::Conditions& conditions) {
  return S3Error(Code::PreconditionFailed).with("Condition", deciding_header(conditions));
}

S3Error copy_precondition_failed(const storage::Conditions& conditions) {
  return S3Error(Code::PreconditionFailed)
      .with("Condition", "x-amz-copy-source-" + deciding_header(conditions));
}

bool if_range_holds(std::string_view header, std::string_view etag, std::int64_t modified_ms) {
  if (const auto ms = parse_http_date(header)) return *ms / 1000 == modified_ms / 1000;
  return !header.starts_with("W/") && unquoted(header) == etag;
}

}  // namespace beffroi::s3
