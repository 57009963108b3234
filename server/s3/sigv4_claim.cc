// SPDX-License-Identifier: EUPL-1.2
// Reading a claim: the Authorization header and the presigned query.
#include <algorithm>

#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/sigv4.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kAccessKeyIdCharactersMax = 128;
constexpr std::size_t kRegionCharactersMax = 64;

using Parsed = S3Result<std::optional<SigV4Claim>>;

S3Error malformed(SignaturePlace place, const char* why) {
  return S3Error(
      place == SignaturePlace::Header ? Code::AuthorizationHeaderMalformed
                                      : Code::AuthorizationQueryParametersError,
      std::string(place == SignaturePlace::Header ? "The authorization header is malformed; "
                                                  : "Error parsing the authorization parameters; ") +
          why);
}

S3Error signature_v2() {
  return S3Error(
      Code::InvalidRequest,
      "The authorization mechanism that you have provided is not supported. Please use "
      "AWS4-HMAC-SHA256: set your client to Signature Version 4 (in boto3: signature_version='s3v4').");
}

S3Error signature_v4a() {
  return S3Error(Code::NotImplemented, "AWS Signature Version 4A is not implemented; use AWS4-HMAC-SHA256.");
}

bool all_of(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           extra.find(c) != std::string_view::npos;
  });
}

// AKID/20130524/us-east-1/s3/aws4_request
S3Result<void> read_credential(SigV4Claim& claim, std::string_view text) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t slash = text.find('/');
    pieces.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) break;
    text.remove_prefix(slash + 1);
  }
  if (pieces.size() != 5 || pieces[3] != "s3" || pieces[4] != "aws4_request") {
    return malformed(claim.place, "the Credential is not <access key>/<date>/<region>/s3/aws4_request");
  }
  if (pieces[0].empty() || pieces[0].size() > kAccessKeyIdCharactersMax || !all_of(pieces[0], "-_.~=+@")) {
    return malformed(claim.place, "the access key is not one");
  }
  if (pieces[2].empty() || pieces[2].size() > kRegionCharactersMax || !all_of(pieces[2], "-_.")) {
    return malformed(claim.place, "the region is not one");
  }
  claim.access_key_id = pieces[0];
  claim.date = pieces[1];
  claim.region = pieces[2];
  return {};
}

// Lower-case names, ascending, each once, `host` among them.
S3Result<void> read_signed_headers(SigV4Claim& claim, std::string_view text) {
  while (true) {
    const std::size_t end = text.find(';');
    claim.signed_headers.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  const auto& names = claim.signed_headers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || names[i] != lower_case(names[i]) || (i > 0 && names[i] <= names[i - 1])) {
      return malformed(claim.place, "SignedHeaders is not an ascending list of lower-case names");
    }
  }
  if (!std::binary_search(names.begin(), names.end(), "host")) {
    return malformed(claim.place, "the host header must be signed");
  }
  return {};
}

S3Result<void> read_signature(SigV4Claim& claim, std::string_view text) {
  const auto lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != 64 || !std::all_of(text.begin(), text.end(), lower_hex)) {
    return malformed(claim.place, "the Signature is not 64 lower-case hexadecimal digits");
  }
  claim.signature = text;
  return {};
}

S3Result<void> read_timestamp(SigV4Claim& claim, std::optional<std::int64_t> ms) {
  if (!ms) {
    return S3Error(Code::AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");
  }
  claim.time_ms = *ms;
  claim.timestamp = basic_date(*ms);
  if (claim.timestamp.substr(0, 8) != claim.date) {
    return malformed(claim.place, "the date of the Credential is not the date of the request");
  }
  return {};
}

S3Result<void> read_header_date(SigV4Claim& claim, HeaderSpan headers) {
  if (const auto header = find_header(headers, "x-amz-date")) {
    return read_timestamp(claim, parse_basic_date(*header));
  }
  const auto header = find_header(headers, "date");
  if (!header || !std::binary_search(claim.signed_headers.begin(), claim.signed_headers.end(), "date")) {
    return read_timestamp(claim, std::nullopt);
  }
  const std::optional<std::int64_t> basic = parse_basic_date(*header);
  return read_timestamp(claim, basic ? basic : parse_http_date(*header));
}

S3Result<void> check_coverage(const SigV4Claim& claim, HeaderSpan headers) {
  std::string missing;
  for (const http::Field& field : headers) {
    if (!has_prefix_of_name(field.name, "x-amz-")) continue;
    const std::string name = lower_case(field.name);
    if (std::binary_search(claim.signed_headers.begin(), claim.signed_headers.end(), name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += name;
  }
  if (missing.empty()) return {};
  return S3Error(Code::AccessDenied, "There were headers present in the request which were not signed")
      .with("HeadersNotSigned", missing);
}

S3Result<void> read_payload(SigV4Claim& claim, const RequestView& view, const Query& query) {
  S3Result<Payload> payload = parse_payload(view, query);
  if (!payload) return payload.error();
  claim.body = std::move(*payload);
  if (const auto header = find_header(view.headers, "x-amz-content-sha256")) {
    claim.payload = *header;
    return {};
  }
  if (claim.place == SignaturePlace::Header) {
    return S3Error(Code::InvalidRequest, "Missing required header for this request: x-amz-content-sha256");
  }
  const std::string* value = query.find("X-Amz-Content-Sha256");
  claim.payload = value ? *value : "UNSIGNED-PAYLOAD";
  return {};
}

S3Result<void> read_authorization(SigV4Claim& claim, std::string_view fields) {
  std::string_view credential, signed_headers, signature;
  const std::pair<std::string_view, std::string_view*> known[] = {
      {"Credential=", &credential}, {"SignedHeaders=", &signed_headers}, {"Signature=", &signature}};
  while (!fields.empty()) {
    const std::string_view piece = fields.substr(0, fields.find(','));
    fields.remove_prefix(std::min(piece.size() + 1, fields.size()));
    const std::string_view field = trim(piece);
    const auto match = std::find_if(std::begin(known), std::end(known),
                                    [field](const auto& k) { return field.starts_with(k.first); });
    if (match == std::end(known) || match->second->data() != nullptr) {
      return malformed(claim.place, "it must hold Credential, SignedHeaders and Signature, once each");
    }
    *match->second = field.substr(match->first.size());
  }
  if (S3Result<void> good = read_credential(claim, credential); !good) return good;
  if (S3Result<void> good = read_signed_headers(claim, signed_headers); !good) return good;
  return read_signature(claim, signature);
}

Parsed parse_header(const RequestView& view, const Query& query, std::string_view authorization) {
  const std::string_view scheme = authorization.substr(0, authorization.find_first_of(" \t"));
  if (scheme == "AWS") return signature_v2();
  if (scheme.starts_with("AWS4-ECDSA-P256")) return signature_v4a();
  if (scheme != kAlgorithm) {
    return S3Error(Code::InvalidArgument, "Unsupported Authorization Type")
        .with("ArgumentName", "Authorization");
  }
  SigV4Claim claim;
  claim.place = SignaturePlace::Header;
  S3Result<void> good = read_authorization(claim, trim(authorization.substr(scheme.size())));
  if (good) good = read_header_date(claim, view.headers);
  if (good) good = check_coverage(claim, view.headers);
  if (good) good = read_payload(claim, view, query);
  if (!good) return good.error();
  return std::optional<SigV4Claim>(std::move(claim));
}

// The value of a parameter that must be there once.
S3Result<std::string_view> once(const Query& query, std::string_view name) {
  const QueryParameter* found = nullptr;
  for (const QueryParameter& p : query.parameters()) {
    if (p.name != name) continue;
    if (found != nullptr) return malformed(SignaturePlace::Query, "a parameter is given twice");
    found = &p;
  }
  if (found == nullptr) {
    return S3Error(Code::AuthorizationQueryParametersError,
                   "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                   "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  return std::string_view(found->value);
}

S3Result<void> read_expiry(SigV4Claim& claim, std::string_view text) {
  const std::optional<std::uint64_t> seconds = parse_decimal(text);
  if (!seconds) return malformed(claim.place, "X-Amz-Expires is not a number of seconds");
  if (*seconds > kPresignedSecondsMax) {
    return S3Error(
        Code::AuthorizationQueryParametersError,
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
        "less than 604800 seconds");
  }
  claim.expires_seconds = static_cast<std::int64_t>(*seconds);
  return {};
}

Parsed parse_presigned(const RequestView& view, const Query& query) {
  constexpr std::string_view kNames[] = {"X-Amz-Algorithm", "X-Amz-Credential",    "X-Amz-Date",
                                         "X-Amz-Expires",   "X-Amz-SignedHeaders", "X-Amz-Signature"};
  std::string_view values[std::size(kNames)];
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    S3Result<std::string_view> value = once(query, kNames[i]);
    if (!value) return value.error();
    values[i] = *value;
  }
  if (values[0].starts_with("AWS4-ECDSA-P256")) return signature_v4a();
  if (values[0] != kAlgorithm)
    return malformed(SignaturePlace::Query, "X-Amz-Algorithm is not AWS4-HMAC-SHA256");
  SigV4Claim claim;
  claim.place = SignaturePlace::Query;
  S3Result<void> good = read_credential(claim, values[1]);
  if (good) good = read_timestamp(claim, parse_basic_date(values[2]));
  if (good) good = read_expiry(claim, values[3]);
  if (good) good = read_signed_headers(claim, values[4]);
  if (good) good = read_signature(claim, values[5]);
  if (good) good = check_coverage(claim, view.headers);
  if (good) good = read_payload(claim, view, query);
  if (!good) return good.error();
  return std::optional<SigV4Claim>(std::move(claim));
}

}  // namespace

S3Result<std::optional<SigV4Claim>> parse_sigv4(const RequestView& view, const Query& query) {
  auto authorization = find_header(view.headers, "authorization");
  if (authorization && authorization->empty()) authorization.reset();
  const bool presigned =
      query.has("X-Amz-Algorithm") || query.has("X-Amz-Credential") || query.has("X-Amz-Signature");
  const bool presigned_v2 = query.has("AWSAccessKeyId") && query.has("Signature");
  if (authorization && (presigned || presigned_v2)) {
    return S3Error(
        Code::InvalidRequest,
        "Only one authentication mechanism is allowed: the Authorization header or the query string.");
  }
  if (presigned_v2) return signature_v2();
  if (has_header(view.headers, "x-amz-security-token") || query.has("X-Amz-Security-Token")) {
    return S3Error(Code::InvalidToken,
                   "Temporary credentials are not issued here; use a long-term access key.");
  }
  if (authorization) return parse_header(view, query, *authorization);
  if (presigned) return parse_presigned(view, query);

  S3Result<Payload> payload = parse_payload(view, query);
  if (!payload) return payload.error();
  if (payload->has_signed_chunks()) {
    return S3Error(Code::InvalidRequest,
                   "A body of signed chunks needs credentials: sign the request, or send it unsigned with "
                   "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER.");
  }
  return std::optional<SigV4Claim>();
}

S3Result<SigV4Claim> parse_sigv4_form(std::string_view algorithm, std::string_view credential, std::string_view date, std::string_view signature) {
  SigV4Claim claim;
  claim.place = SignaturePlace::Query;
  if (algorithm.starts_with("AWS4-ECDSA")) return signature_v4a();
  if (algorithm != kAlgorithm) return malformed(claim.place, "X-Amz-Algorithm is not AWS4-HMAC-SHA256");
  if (auto good = read_credential(claim, credential); !good) return good.error();
  if (auto good = read_timestamp(claim, parse_basic_date(date)); !good) return good.error();
  if (signature.size() != 64 || !from_hex(signature)) return malformed(claim.place, "the signature is not 64 hexadecimal digits");
  claim.signature = signature;
  claim.expires_seconds = kPresignedSecondsMax;
  return claim;
}

}  // namespace beffroi::s3
