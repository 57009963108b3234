// SPDX-License-Identifier: EUPL-1.2
// authenticate: from a parsed request to a verified one. The only maker of VerifiedRequest: whoever holds one knows that the
// signature held, that the key, its user and its collectivity are valid now, or that the request is anonymous.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/http/handler.h"
#include "server/s3/form_body.h"
#include "server/s3/identity.h"
#include "server/s3/request.h"
#include "server/s3/sigv4.h"
#include "storage/engine/engine.h"

namespace beffroi::s3 {

class VerifiedRequest {
 public:
  const ParsedRequest& parsed() const { return parsed_; }
  const std::optional<Identity>& identity() const { return identity_; }  // nothing: anonymous
  const std::optional<SigV4Claim>& claim() const { return claim_; }
  const std::shared_ptr<const SigningKey>& signing_key() const { return signing_key_; }
  const Payload& payload() const { return payload_; }
  // Where, how and when it came: what policies may ask about.
  const storage::Address& source() const { return source_; }
  bool secure() const { return secure_; }
  std::int64_t now_ms() const { return now_ms_; }

 private:
  friend class Authenticator;
  VerifiedRequest(ParsedRequest parsed, Payload payload) : parsed_(std::move(parsed)), payload_(std::move(payload)) {}

  ParsedRequest parsed_;
  Payload payload_;
  std::optional<Identity> identity_;
  std::optional<SigV4Claim> claim_;
  std::shared_ptr<const SigningKey> signing_key_;
  storage::Address source_{};
  bool secure_ = true;
  std::int64_t now_ms_ = 0;
};

// Whom a request names before anything is proved: for the audit record of a refusal.
struct Claimed {
  std::string access_key_id;
  std::optional<storage::CollectivityId> collectivity;
};

struct AuthenticatorOptions {
  std::string region;
  bool strict_regions = false;
};

// Thread-safe.
class Authenticator {
 public:
  explicit Authenticator(AuthenticatorOptions options) : options_(std::move(options)) {}
  S3Result<VerifiedRequest> authenticate(const storage::Engine&, ParsedRequest, const http::Peer&, Claimed& claimed);
  // By the fields of a browser's form, whose key stands in the address already: the policy is signed, has not expired, and holds of
  // every field; its bounds of the length go into the form. Without a signature and without a policy: anonymous. From here on the
  // request's headers are the form's.
  S3Result<VerifiedRequest> authenticate_form(const storage::Engine&, ParsedRequest, FormBody&, const http::Peer&, Claimed& claimed);

 private:
  S3Result<Identity> verify_form(const storage::Engine&, const ParsedRequest&, FormBody&, const http::Peer&, Claimed&);
  S3Result<VerifiedRequest> prove_form(const storage::Engine&, ParsedRequest, FormBody&, const http::Peer&, Claimed& claimed);
  S3Result<VerifiedRequest> prove(const storage::Engine&, ParsedRequest, const http::Peer&, Claimed& claimed);
  S3Result<Identity> identify(const storage::Engine&, const SigV4Claim&, const http::Peer&, std::int64_t now_ms) const;

  static S3Result<VerifiedRequest> seen(S3Result<VerifiedRequest>, const http::Peer&, std::int64_t now_ms);

  const AuthenticatorOptions options_;
  SigningKeys keys_;
};

}  // namespace beffroi::s3
