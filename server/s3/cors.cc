// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/cors.h"

#include <algorithm>

#include "server/s3/headers.h"
#include "server/s3/xml_tree.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kMethods[] = {"GET", "PUT", "HEAD", "POST", "DELETE"};

S3Error invalid(std::string message) { return S3Error(Code::InvalidRequest, std::move(message)); }

bool is_cors_method(std::string_view method) { return std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods); }

// RFC 9110's token: what a field may be called.
bool is_token(std::string_view name) {
  static constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  const auto token = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kSigns.find(c) != std::string_view::npos;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), token);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::vector<std::string> texts(const XmlElement& rule, std::string_view name) {
  std::vector<std::string> found;
  for (const XmlElement* element : rule.all(name)) found.push_back(element->trimmed());
  return found;
}

S3Result<void> one_wildcard(const std::vector<std::string>& values, std::string_view element) {
  for (const std::string& value : values) {
    if (std::count(value.begin(), value.end(), '*') > 1) {
      return invalid(std::string(element) + " \"" + value + "\" can not have more than one wildcard.");
    }
  }
  return {};
}

// They become fields of answers.
S3Result<void> header_names(const std::vector<std::string>& names, std::string_view element, bool wildcard) {
  for (const std::string& name : names) {
    if (!wildcard && name.find('*') != std::string::npos) {
      return invalid(std::string(element) + " \"" + name + "\" contains wildcard. We currently do not support wildcard for " +
                     std::string(element) + ".");
    }
    if (!is_token(name)) return invalid(std::string(element) + " \"" + name + "\" contains invalid character.");
  }
  return {};
}

S3Result<void> check_rule(const CorsRule& rule) {
  if (rule.allowed_methods.empty() || rule.allowed_origins.empty()) return S3Error(Code::MalformedXML);
  if (rule.id.size() > kCorsIdBytesMax) return invalid("The ID of a CORS rule may have 255 bytes at most.");
  for (const std::string& method : rule.allowed_methods) {
    if (!is_cors_method(method)) return invalid("Found unsupported HTTP method in CORS config. Unsupported method is " + method);
  }
  for (const std::string& origin : rule.allowed_origins) {
    if (origin.empty() || has_control(origin)) return invalid("AllowedOrigin \"" + origin + "\" contains invalid character.");
  }
  if (auto good = one_wildcard(rule.allowed_origins, "AllowedOrigin"); !good) return good;
  if (auto good = one_wildcard(rule.allowed_headers, "AllowedHeader"); !good) return good;
  if (auto good = header_names(rule.allowed_headers, "AllowedHeader", true); !good) return good;
  return header_names(rule.expose_headers, "ExposeHeader", false);
}

S3Result<CorsRule> read_rule(const XmlElement& element) {
  CorsRule rule;
  const auto id = element.child_text("ID");
  if (!id) return id.error();
  rule.id = *id;
  rule.allowed_headers = texts(element, "AllowedHeader");
  rule.allowed_methods = texts(element, "AllowedMethod");
  rule.allowed_origins = texts(element, "AllowedOrigin");
  rule.expose_headers = texts(element, "ExposeHeader");
  const auto age = element.child_text("MaxAgeSeconds");
  if (!age) return age.error();
  if (!age->empty()) {
    const auto seconds = parse_decimal(*age);
    if (!seconds || *seconds > 2'147'483'647) return S3Error(Code::MalformedXML);
    rule.max_age_seconds = static_cast<std::uint32_t>(*seconds);
  }
  if (auto good = check_rule(rule); !good) return good.error();
  return rule;
}

// `pattern` holds at most one `*`.
bool fits(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && text.starts_with(before) && text.ends_with(after);
}

bool header_allowed(const CorsRule& rule, const std::string& header) {
  return std::any_of(rule.allowed_headers.begin(), rule.allowed_headers.end(),
                     [&](const std::string& pattern) { return fits(lower_case(pattern), header); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

HeaderLines fields_of(const CorsRule& rule, const CorsAsk& ask, const std::string& pattern) {
  HeaderLines lines;
  // `*` is for any page, but those that send credentials, which browsers let read only what names their origin.
  const bool any = pattern == "*";
  lines.emplace_back("Access-Control-Allow-Origin", any ? std::string("*") : std::string(ask.origin));
  lines.emplace_back("Access-Control-Allow-Methods", joined(rule.allowed_methods));
  if (!ask.headers.empty()) lines.emplace_back("Access-Control-Allow-Headers", joined(ask.headers));
  if (!rule.expose_headers.empty()) lines.emplace_back("Access-Control-Expose-Headers", joined(rule.expose_headers));
  if (rule.max_age_seconds) lines.emplace_back("Access-Control-Max-Age", std::to_string(*rule.max_age_seconds));
  if (!any) lines.emplace_back("Access-Control-Allow-Credentials", "true");
  return lines;
}

}  // namespace

S3Result<CorsRules> parse_cors(std::string_view body) {
  const auto root = parse_xml(body, "CORSConfiguration");
  if (!root) return root.error();
  CorsRules rules;
  for (const XmlElement* element : root->all("CORSRule")) {
    if (rules.size() == kCorsRulesMax) return invalid("The number of CORS rules should not exceed allowed limit of 100 rules.");
    auto rule = read_rule(*element);
    if (!rule) return rule.error();
    rules.push_back(std::move(*rule));
  }
  if (rules.empty()) return S3Error(Code::MalformedXML);
  return rules;
}

std::string cors_xml(const CorsRules& rules) {
  XmlWriter xml("CORSConfiguration");
  for (const CorsRule& rule : rules) {
    xml.open("CORSRule");
    if (!rule.id.empty()) xml.element("ID", rule.id);
    for (const std::string& header : rule.allowed_headers) xml.element("AllowedHeader", header);
    for (const std::string& method : rule.allowed_methods) xml.element("AllowedMethod", method);
    for (const std::string& origin : rule.allowed_origins) xml.element("AllowedOrigin", origin);
    for (const std::string& header : rule.expose_headers) xml.element("ExposeHeader", header);
    if (rule.max_age_seconds) xml.element("MaxAgeSeconds", std::uint64_t{*rule.max_age_seconds});
    xml.close();
  }
  return std::move(xml).finish();
}

std::optional<HeaderLines> cors_fields(const CorsRules& rules, const CorsAsk& ask) {
  for (const CorsRule& rule : rules) {
    const auto origin = std::find_if(rule.allowed_origins.begin(), rule.allowed_origins.end(),
                                     [&](const std::string& pattern) { return fits(pattern, ask.origin); });
    if (origin == rule.allowed_origins.end()) continue;
    if (std::find(rule.allowed_methods.begin(), rule.allowed_methods.end(), ask.method) == rule.allowed_methods.end()) continue;
    if (!std::all_of(ask.headers.begin(), ask.headers.end(), [&](const auto& header) { return header_allowed(rule, header); })) continue;
    return fields_of(rule, ask, *origin);
  }
  return std::nullopt;
}

S3Result<CorsAsk> read_preflight(HeaderSpan headers) {
  CorsAsk ask;
  ask.origin = find_header(headers, "Origin").value_or("");
  if (ask.origin.empty()) return S3Error(Code::BadRequest, "Insufficient information. Origin request header needed.");
  const auto method = find_header(headers, "Access-Control-Request-Method");
  if (!method || !is_cors_method(*method)) {
    return S3Error(Code::BadRequest, "Invalid Access-Control-Request-Method: " + std::string(method.value_or("null")));
  }
  ask.method = *method;
  std::string_view names = find_header(headers, "Access-Control-Request-Headers").value_or("");
  while (!names.empty()) {
    const std::string_view piece = names.substr(0, names.find(','));
    names.remove_prefix(std::min(piece.size() + 1, names.size()));
    if (!trim(piece).empty()) ask.headers.push_back(lower_case(trim(piece)));
  }
  return ask;
}

std::optional<CorsAsk> read_cors_request(const RequestView& view) {
  CorsAsk ask;
  ask.origin = find_header(view.headers, "Origin").value_or("");
  if (ask.origin.empty()) return std::nullopt;
  ask.method = find_header(view.headers, "Access-Control-Request-Method").value_or(view.method);
  return ask;
}

S3Error cors_refusal(bool enabled, std::string_view method) {
  return S3Error(Code::AccessForbidden, enabled ? "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of "
                                                  "Origin, request method / Access-Control-Request-Method or "
                                                  "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
                                                : "CORSResponse: CORS is not enabled for this bucket.")
      .with("Method", std::string(method))
      .with("ResourceType", "OBJECT");
}

}  // namespace beffroi::s3
