// SPDX-License-Identifier: EUPL-1.2
// Bucket policies: the JSON subset of IAM that Beffroi understands, and what it allows. Pure; nothing is ignored: what is not
// understood is refused when the policy is put (400 MalformedPolicy, naming the field and the remedy).
//
//   Version, Id, Statement [ Sid, Effect, Principal, Action | NotAction, Resource | NotResource, Condition ]
//
// Principal: "*", or {"AWS": ...} with SIRENs, slugs, SIRENs padded to 12 digits, arn:aws:iam::<one of these>:root or :user/<name>.
// Resource: arn:aws:s3:::b, arn:aws:s3:::b/<keys>, relative to the policy's own collectivity, or with its slug or SIREN between the
// colons; it must name the policy's own bucket. `*` and `?` are wildcards in resources, in actions and with the Like operators.
// Condition: String*, Numeric*, Date*, Bool, IpAddress, NotIpAddress, Null and ...IfExists, on the keys of ConditionKey. An absent
// key fails a condition, but for negated operators and ...IfExists (as on Amazon).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/errors.h"
#include "server/s3/policy_actions.h"
#include "server/s3/request.h"
#include "storage/engine/object.h"
#include "storage/tenant/network.h"

namespace beffroi::s3 {

inline constexpr std::size_t kPolicyBytesMax = 20 * 1024;
inline constexpr std::size_t kPolicyDepthMax = 8;  // of JSON; a policy needs six

// Where a policy stands: what its resources may name.
struct PolicyPlace {
  std::string_view bucket;
  std::string_view siren, slug;  // of the bucket's collectivity
};

struct PolicyPrincipal {
  std::string collectivity;  // SIREN or slug
  std::string user;          // empty: all of the collectivity's
};

enum class ConditionKey : std::uint8_t {
  Prefix,             // s3:prefix
  Delimiter,          // s3:delimiter
  MaxKeys,            // s3:max-keys
  VersionId,          // s3:VersionId
  Header,             // of the request: s3:x-amz-*, aws:UserAgent, aws:Referer
  CopySource,         // s3:x-amz-copy-source
  MetadataDirective,  // s3:x-amz-metadata-directive
  ExistingObjectTag,  // s3:ExistingObjectTag/<name>
  RequestObjectTag,   // s3:RequestObjectTag/<name>
  SourceIp,           // aws:SourceIp
  SecureTransport,    // aws:SecureTransport
  Username,           // aws:username
  CurrentTime,        // aws:CurrentTime
};

enum class Comparison : std::uint8_t {
  Equals,
  EqualsIgnoreCase,
  Like,
  Less,
  LessEquals,
  Greater,
  GreaterEquals,
  InNetwork,
  Absent
};

// One key of one operator; true when one of the values fits (with `negated`: when none does).
struct PolicyCondition {
  enum class Kind : std::uint8_t { Text, Number, Date, Flag, Network, Null } kind = Kind::Text;
  Comparison comparison = Comparison::Equals;
  bool negated = false;
  bool if_exists = false;
  ConditionKey key = ConditionKey::Prefix;
  std::string name;                   // of a tag or a header, for the keys that have one
  unsigned char scope = 0;            // of ConditionScope: the key is absent for other actions; 0: for none
  std::vector<std::string> texts;     // as written
  std::vector<std::int64_t> numbers;  // Number; Date, in ms; Flag and Null, 0 or 1
  std::vector<storage::Network> networks;
};

struct PolicyStatement {
  bool allow = false;
  bool everyone = false;  // "*", anonymous callers too
  std::vector<PolicyPrincipal> principals;
  ActionSet actions;
  bool not_resources = false;          // all but these
  std::vector<std::string> resources;  // "bucket" or "bucket/keys", with wildcards
  std::vector<PolicyCondition> conditions;
};

struct Policy {
  std::vector<PolicyStatement> statements;
};

S3Result<Policy> parse_policy(std::string_view json, const PolicyPlace&);

// What is asked. Views live as long as the request.
struct PolicyRequest {
  bool anonymous = true;
  std::string_view siren, slug, user;  // of whoever signed
  std::string_view action;             // "s3:GetObject"
  std::string_view bucket;
  std::optional<std::string_view> key;  // nothing: the bucket itself
  // Only statements that name the caller or its collectivity allow: what is granted to everyone does not count.
  bool named_only = false;

  // Values of condition keys; nothing: the request has none.
  std::optional<std::string_view> prefix, delimiter, max_keys, version_id;
  std::optional<std::string_view> metadata_directive;
  std::optional<std::string> copy_source;  // "bucket/key", decoded; "slug:bucket/key" where it says so
  HeaderSpan headers;
  storage::Address source{};
  bool secure = true;
  std::int64_t now_ms = 0;
  storage::Tags request_tags;
  bool request_tags_known = true;  // false: they stand in a body that was not read yet
  const storage::Tags* existing_tags = nullptr;
  bool object_known = true;  // false: the object was not read yet
};

enum class PolicyVerdict : std::uint8_t {
  None,
  Allow,
  Deny,
  // Hangs on what is not known yet: the object's tags, or the request's.
  MaybeAllow,  // nothing denies
  MaybeDeny,
};
PolicyVerdict evaluate(const Policy&, const PolicyRequest&);

// Whether a statement allows the caller one of these actions on some resource, under whatever conditions.
bool may_allow(const Policy&, const PolicyRequest&, std::initializer_list<std::string_view> actions);

// Whether one condition holds; nothing: it hangs on what is not known yet.
std::optional<bool> condition_holds(const PolicyCondition&, const PolicyRequest&);

// Whether a statement allows to everyone, not narrowed to networks of the size that one body has (at most an IPv4 /8 or an IPv6 /32).
bool is_public(const Policy&);

}  // namespace beffroi::s3
