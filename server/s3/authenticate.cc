// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/authenticate.h"

#include <algorithm>

#include "server/s3/post_policy.h"

namespace beffroi::s3 {
namespace {

using storage::CollectivityState;
using storage::Narrowing;

storage::Address network_address(const boost::asio::ip::address& address) {
  storage::Address out{};
  const auto v6 = address.is_v4() ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
  const auto bytes = v6.to_bytes();
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

bool in_networks(const Narrowing& narrowing, const boost::asio::ip::address& address) {
  if (narrowing.networks.empty()) return true;
  const auto wanted = network_address(address);
  return std::any_of(narrowing.networks.begin(), narrowing.networks.end(), [&](const auto& network) { return network.contains(wanted); });
}

}  // namespace

S3Result<Identity> Authenticator::identify(const storage::Engine& engine, const SigV4Claim& claim, const http::Peer& peer,
                                           std::int64_t now_ms) const {
  const auto& directory = engine.directory();
  Identity identity;
  identity.key = directory.access_key(claim.access_key_id);
  if (identity.key) {
    identity.user = directory.user(identity.key->collectivity, identity.key->user);
    identity.collectivity = directory.collectivity(identity.key->collectivity);
  }
  if (!identity.user || !identity.collectivity || identity.key->revoked || identity.user->disabled) {
    return S3Error(Code::InvalidAccessKeyId).with("AWSAccessKeyId", claim.access_key_id);
  }
  const Narrowing& narrowing = identity.key->narrowing;
  if (narrowing.expires_ms != 0 && now_ms >= narrowing.expires_ms) {
    return S3Error(Code::AccessDenied, "This access key has expired: ask for a new one.");
  }
  if (!in_networks(narrowing, peer.address)) {
    return S3Error(Code::AccessDenied, "This access key may not be used from this network.");
  }
  return identity;
}

// Signature, then policy: a stranger learns nothing of what the policy would have refused.
S3Result<Identity> Authenticator::verify_form(const storage::Engine& engine, const ParsedRequest& parsed, FormBody& body, const http::Peer& peer,
                                              Claimed& claimed) {
  const PostForm& form = body.form();
  const std::string policy_text = form.value("policy");
  const auto claim = parse_sigv4_form(form.value("x-amz-algorithm"), form.value("x-amz-credential"), form.value("x-amz-date"),
                                      form.value("x-amz-signature"));
  if (!claim) return claim.error();
  claimed.access_key_id = claim->access_key_id;
  if (const auto key = engine.directory().access_key(claimed.access_key_id)) claimed.collectivity = key->collectivity;
  if (options_.strict_regions && claim->region != options_.region) return wrong_region(*claim, options_.region);
  const std::int64_t now_ms = engine.now_ms();
  if (auto in_time = check_sigv4_time(*claim, now_ms); !in_time) return in_time.error();
  auto identity = identify(engine, *claim, peer, now_ms);
  if (!identity) return identity.error();
  const auto key = keys_.get(*claim, identity->key->generation, identity->key->secret.reveal());
  if (!equal_constant_time(key->sign(policy_text), claim->signature)) {
    return S3Error(Code::SignatureDoesNotMatch).with("AWSAccessKeyId", claim->access_key_id).with("StringToSign", policy_text);
  }
  if (identity->collectivity->state != CollectivityState::Active) return collectivity_inactive();
  const auto policy = parse_post_policy(policy_text);
  if (!policy) return policy.error();
  if (auto holds = check_post_policy(*policy, form, parsed.address.bucket, parsed.address.key, now_ms); !holds) return holds.error();
  body.length = policy->length;
  return identity;
}

S3Result<VerifiedRequest> Authenticator::prove_form(const storage::Engine& engine, ParsedRequest parsed, FormBody& body,
                                                    const http::Peer& peer, Claimed& claimed) {
  const auto other = parse_sigv4(parsed.view, parsed.query);
  if (!other) return other.error();
  if (*other) return S3Error(Code::InvalidRequest, "A form is signed by its fields, not by its request: send no other credentials.").closing();
  const PostForm& form = body.form();
  const auto missing = [](const char* name) {
    return S3Error(Code::InvalidArgument, std::string("Bucket POST must contain a field named '") + name +
                                              "'. If it is specified, please check the order of the fields.")
        .with("ArgumentName", name)
        .closing();
  };
  const bool has_policy = form.find("policy") != nullptr;
  const bool is_signed = form.find("x-amz-signature") != nullptr;
  if (form.find("signature") != nullptr || form.find("awsaccesskeyid") != nullptr) {
    return S3Error(Code::InvalidRequest, "Signature Version 2 is not supported: sign the form with AWS4-HMAC-SHA256.").closing();
  }
  if (has_policy && !is_signed) return missing("X-Amz-Signature");
  if (is_signed && !has_policy) return missing("policy");
  std::optional<Identity> identity;
  if (is_signed) {
    auto verified = verify_form(engine, parsed, body, peer, claimed);
    if (!verified) return verified.error();
    identity = std::move(*verified);
  }
  parsed.query.read_plus_as_space();
  parsed.view.headers = body.headers();
  VerifiedRequest request(std::move(parsed), Payload{});
  request.identity_ = std::move(identity);
  return request;
}

S3Result<VerifiedRequest> Authenticator::seen(S3Result<VerifiedRequest> verified, const http::Peer& peer, std::int64_t now_ms) {
  if (!verified) return verified;
  verified->source_ = network_address(peer.address);
  verified->secure_ = peer.secure;
  verified->now_ms_ = now_ms;
  return verified;
}

S3Result<VerifiedRequest> Authenticator::authenticate_form(const storage::Engine& engine, ParsedRequest parsed, FormBody& body,
                                                           const http::Peer& peer, Claimed& claimed) {
  return seen(prove_form(engine, std::move(parsed), body, peer, claimed), peer, engine.now_ms());
}

S3Result<VerifiedRequest> Authenticator::authenticate(const storage::Engine& engine, ParsedRequest parsed, const http::Peer& peer,
                                                      Claimed& claimed) {
  return seen(prove(engine, std::move(parsed), peer, claimed), peer, engine.now_ms());
}

S3Result<VerifiedRequest> Authenticator::prove(const storage::Engine& engine, ParsedRequest parsed, const http::Peer& peer, Claimed& claimed) {
  auto claim = parse_sigv4(parsed.view, parsed.query);
  if (!claim) return claim.error();
  if (!*claim) {
    auto payload = parse_payload(parsed.view, parsed.query);
    if (!payload) return payload.error();
    parsed.query.read_plus_as_space();
    return VerifiedRequest(std::move(parsed), std::move(*payload));
  }
  claimed.access_key_id = (*claim)->access_key_id;
  if (const auto key = engine.directory().access_key(claimed.access_key_id)) claimed.collectivity = key->collectivity;
  if (options_.strict_regions && (*claim)->region != options_.region) return wrong_region(**claim, options_.region);
  const std::int64_t now_ms = engine.now_ms();
  if (auto in_time = check_sigv4_time(**claim, now_ms); !in_time) return in_time.error();
  auto identity = identify(engine, **claim, peer, now_ms);
  if (!identity) return identity.error();
  auto signing_key = keys_.get(**claim, identity->key->generation, identity->key->secret.reveal());
  const auto proof = verify_sigv4(**claim, parsed.view, parsed.query, *signing_key);
  if (!proof) return proof.error();
  if (proof->plus_is_space) parsed.query.read_plus_as_space();
  if (identity->collectivity->state != CollectivityState::Active) {
    return collectivity_inactive();
  }
  Payload payload = (*claim)->body;
  VerifiedRequest verified(std::move(parsed), std::move(payload));
  verified.identity_ = std::move(*identity);
  verified.claim_ = std::move(*claim);
  verified.signing_key_ = std::move(signing_key);
  return verified;
}

}  // namespace beffroi::s3
