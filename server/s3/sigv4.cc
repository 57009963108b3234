// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/sigv4.h"

#include <algorithm>

#include "server/s3/canonical_request.h"
#include "server/s3/dates.h"

namespace beffroi::s3 {
namespace {

std::string hex_bytes(std::string_view text) {
  const std::string hex = to_hex(text);
  std::string spaced;
  spaced.reserve(hex.size() * 3 / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    if (i > 0) spaced += ' ';
    spaced.append(hex, i, 2);
  }
  return spaced;
}

std::string string_to_sign(const SigV4Claim& claim, std::string_view canonical_sha256) {
  std::string text = "AWS4-HMAC-SHA256\n";
  text += claim.timestamp;
  text += '\n';
  text += claim.scope();
  text += '\n';
  text += to_hex(canonical_sha256);
  return text;
}

// The canonical request as it may be told: error documents end in logs, and a customer's key is nobody's to log.
std::string without_customer_keys(std::string text) {
  for (const std::string_view name : {"\nx-amz-server-side-encryption-customer-key:", "\nx-amz-copy-source-server-side-encryption-customer-key:"}) {
    const auto at = text.find(name);
    if (at == text.npos) continue;
    const auto begin = at + name.size();
    text.replace(begin, text.find('\n', begin) - begin, "***");
  }
  return text;
}

S3Error does_not_match(const SigV4Claim& claim, const RequestView& view, const Query& query) {
  SigV4Explanation why = explain_sigv4(claim, view, query);
  why.canonical_request = without_customer_keys(std::move(why.canonical_request));
  return S3Error(Code::SignatureDoesNotMatch)
      .with("AWSAccessKeyId", claim.access_key_id)
      .with("StringToSign", why.string_to_sign)
      .with("SignatureProvided", claim.signature)
      .with("StringToSignBytes", hex_bytes(why.string_to_sign))
      .with("CanonicalRequest", why.canonical_request)
      .with("CanonicalRequestBytes", hex_bytes(why.canonical_request));
}

crypto::HmacSha256 derive(std::string_view secret, std::string_view date, std::string_view region) {
  Bytes first = "AWS4";
  first += secret;
  Bytes key = crypto::hmac_sha256(first, date);
  crypto::wipe(first);
  for (std::string_view step : {region, std::string_view("s3"), std::string_view("aws4_request")}) {
    Bytes next = crypto::hmac_sha256(key, step);
    crypto::wipe(key);
    key = std::move(next);
  }
  crypto::HmacSha256 hmac(key);
  crypto::wipe(key);
  return hmac;
}

}  // namespace

std::string SigV4Claim::scope() const {
  return date + "/" + region + "/s3/aws4_request";
}

S3Result<void> check_sigv4_time(const SigV4Claim& claim, std::int64_t now_ms) {
  if (claim.place == SignaturePlace::Header) {
    if (std::abs(now_ms - claim.time_ms) <= kClockSkewMsMax) return {};
    return S3Error(Code::RequestTimeTooSkewed)
        .with("RequestTime", claim.timestamp)
        .with("ServerTime", iso8601(now_ms))
        .with("MaxAllowedSkewMilliseconds", std::to_string(kClockSkewMsMax));
  }
  if (claim.time_ms - now_ms > kClockSkewMsMax) {
    return S3Error(Code::AccessDenied, "Request is not valid yet")
        .with("X-Amz-Date", claim.timestamp)
        .with("ServerTime", iso8601(now_ms));
  }
  const std::int64_t end_ms = claim.time_ms + claim.expires_seconds * 1000;
  if (now_ms >= end_ms) {
    return S3Error(Code::AccessDenied, "Request has expired")
        .with("X-Amz-Expires", std::to_string(claim.expires_seconds))
        .with("Expires", iso8601(end_ms))
        .with("ServerTime", iso8601(now_ms));
  }
  return {};
}

S3Error wrong_region(const SigV4Claim& claim, std::string_view region) {
  return S3Error(Code::AuthorizationHeaderMalformed, "The authorization header is malformed; the region '" +
                                                         claim.region + "' is wrong; expecting '" +
                                                         std::string(region) + "'")
      .with("Region", std::string(region));
}

SigningKey::SigningKey(std::string_view secret, std::string_view date, std::string_view region)
    : hmac_(derive(secret, date, region)) {}

std::string SigningKey::sign(std::string_view message) const {
  return to_hex(hmac_.mac(message));
}

std::shared_ptr<const SigningKey> SigningKeys::get(const SigV4Claim& claim, std::uint32_t generation,
                                                   std::string_view secret) {
  // No part can hold a `/`: together they name one key.
  const std::string name = claim.access_key_id + "/" + claim.date + "/" + claim.region;
  {
    auto state = state_.lock();
    const auto found = state->by_name.find(name);
    if (found != state->by_name.end() && found->second->generation == generation) {
      state->by_use.splice(state->by_use.begin(), state->by_use, found->second);
      return found->second->key;
    }
  }
  auto key = std::make_shared<const SigningKey>(secret, claim.date, claim.region);
  auto state = state_.lock();
  if (const auto found = state->by_name.find(name); found != state->by_name.end()) {
    found->second->generation = generation;
    found->second->key = key;
    return key;
  }
  state->by_use.push_front({name, generation, key});
  state->by_name.emplace(state->by_use.front().name, state->by_use.begin());
  if (state->by_use.size() > entries_max_) {
    state->by_name.erase(state->by_use.back().name);
    state->by_use.pop_back();
  }
  return key;
}

S3Result<SigV4Proof> verify_sigv4(const SigV4Claim& claim, const RequestView& view, const Query& query,
                                  const SigningKey& key) {
  const bool paths = has_two_paths(view);
  const bool pluses = query.has_plus();
  const bool values = has_runs_of_spaces(claim, view);
  for (int path = 0; path <= paths; ++path) {
    for (int plus = 0; plus <= pluses; ++plus) {
      for (int value = 0; value <= values; ++value) {
        const SigV4Proof reading{path == 1, plus == 1, value == 1};
        const Bytes hash = canonical_request_sha256(claim, view, query, reading);
        if (equal_constant_time(key.sign(string_to_sign(claim, hash)), claim.signature)) return reading;
      }
    }
  }
  return does_not_match(claim, view, query);
}

SigV4Explanation explain_sigv4(const SigV4Claim& claim, const RequestView& view, const Query& query,
                               const SigV4Proof& reading) {
  SigV4Explanation why;
  why.canonical_request = canonical_request(claim, view, query, reading);
  why.string_to_sign = string_to_sign(claim, crypto::sha256(why.canonical_request));
  return why;
}

}  // namespace beffroi::s3
