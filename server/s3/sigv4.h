// SPDX-License-Identifier: EUPL-1.2
// AWS Signature Version 4, in the Authorization header or in a presigned query. Pure: a claim is what the
// request says of itself, verify_sigv4 is what makes it true.
//
//   claim = parse_sigv4(view, query)        nothing: the request is anonymous
//   check_sigv4_time(*claim, now)           15 minutes around a header's; until its expiry for a presigned one
//   key   = keys.get(...)                   from the secret of claim->access_key_id
//   proof = verify_sigv4(*claim, view, query, *key)
//
// The canonical request is fed straight into SHA-256 and is built as a string only to explain a refusal.
// Clients disagree on three points, so up to two readings of each are tried: the path encoded anew from its
// decoded bytes, then as sent; a `+` of the query as %2B, then as %20; runs of spaces in header values
// collapsed, then as sent.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/hmac.h"
#include "server/s3/payload.h"
#include "server/s3/request.h"
#include "storage/io/guarded.h"

namespace beffroi::s3 {

inline constexpr std::int64_t kClockSkewMsMax = 15 * 60 * 1000;
inline constexpr std::int64_t kPresignedSecondsMax = 7 * 24 * 3600;

enum class SignaturePlace : std::uint8_t { Header, Query };

struct SigV4Claim {
  SignaturePlace place = SignaturePlace::Header;
  std::string access_key_id;
  std::string date;       // of the scope: 20130524
  std::string region;     // as the client chose it
  std::string timestamp;  // 20130524T000000Z
  std::int64_t time_ms = 0;
  std::int64_t expires_seconds = 0;         // presigned only
  std::vector<std::string> signed_headers;  // lower-case, ascending
  std::string signature;                    // 64 lower-case hex digits
  std::string payload;                      // the last line of the canonical request
  Payload body;

  std::string scope() const;  // 20130524/us-east-1/s3/aws4_request
};

// Nothing: no credentials at all. Errors: malformed credentials, SigV2 (400 InvalidRequest with the remedy),
// SigV4A (501), both places at once, `host` or an x-amz-* header not signed (403), header credentials without
// x-amz-content-sha256, anonymous with signed chunks.
S3Result<std::optional<SigV4Claim>> parse_sigv4(const RequestView&, const Query&);

// The claim of a browser's form, out of its fields x-amz-algorithm, -credential, -date and -signature. What is signed is the form's
// policy as it stands, base64: SigningKey::sign() of it. It counts as presigned for seven days.
S3Result<SigV4Claim> parse_sigv4_form(std::string_view algorithm, std::string_view credential, std::string_view date, std::string_view signature);

// 403 RequestTimeTooSkewed or AccessDenied (expired, not yet valid), with the server's time.
S3Result<void> check_sigv4_time(const SigV4Claim&, std::int64_t now_ms);

// 400 AuthorizationHeaderMalformed, naming the region: for an installation with strict_regions.
S3Error wrong_region(const SigV4Claim&, std::string_view region);

// The signing key of one (access key, day, region). Const use is thread-safe.
class SigningKey {
 public:
  SigningKey(std::string_view secret, std::string_view date, std::string_view region);
  std::string sign(std::string_view message) const;  // 64 hex digits

 private:
  crypto::HmacSha256 hmac_;
};

// Signing keys derived before (deriving one is four HMACs). An entry made for another generation of the
// access key is replaced. Revocation and narrowing are the caller's, on every request, cached or not.
// Thread-safe.
class SigningKeys {
 public:
  explicit SigningKeys(std::size_t entries_max = 4096) : entries_max_(entries_max) {}
  std::shared_ptr<const SigningKey> get(const SigV4Claim&, std::uint32_t generation, std::string_view secret);

 private:
  struct Entry {
    std::string name;
    std::uint32_t generation;
    std::shared_ptr<const SigningKey> key;
  };
  struct State {
    std::list<Entry> by_use;  // the latest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name;
  };
  std::size_t entries_max_;
  storage::Guarded<State> state_;
};

// The readings under which the signature held.
struct SigV4Proof {
  bool raw_path = false;
  bool plus_is_space = false;  // then Query::read_plus_as_space()
  bool raw_header_values = false;
};

// 403 SignatureDoesNotMatch with AWSAccessKeyId, SignatureProvided, StringToSign, CanonicalRequest and their
// bytes.
S3Result<SigV4Proof> verify_sigv4(const SigV4Claim&, const RequestView&, const Query&, const SigningKey&);

// The strings themselves, under one reading.
struct SigV4Explanation {
  std::string canonical_request;
  std::string string_to_sign;
};
SigV4Explanation explain_sigv4(const SigV4Claim&, const RequestView&, const Query&,
                               const SigV4Proof& reading = {});

}  // namespace beffroi::s3
