// SPDX-License-Identifier: EUPL-1.2
// links: crypto boost_json
// sources: server/s3/policy.cc server/s3/policy_parse.cc server/s3/policy_json.cc server/s3/policy_condition.cc server/s3/policy_actions.cc server/s3/dates.cc server/s3/headers.cc
// sources: server/s3/request.cc server/s3/percent.cc server/s3/errors.cc server/s3/xml_writer.cc server/http/request_head.cc server/http/errors.cc
// sources: storage/tenant/collectivity.cc storage/tenant/user.cc storage/tenant/network.cc storage/index/record.cc
// Bucket policies: no crash, the bounds hold; a refusal says a field; what was understood gives the same verdict twice, a Deny wins
// over whatever else stands there, and nobody is allowed by a policy that names neither it nor everyone.
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/policy.h"

using namespace beffroi;
using namespace beffroi::s3;

namespace {

const PolicyPlace kPlace{"deliberations", "216000562", "beauvais"};

PolicyRequest request_of(std::string_view action, bool object, bool anonymous) {
  PolicyRequest request;
  request.anonymous = anonymous;
  if (!anonymous) {
    request.siren = "216001586";
    request.slug = "compiegne";
    request.user = "tenant";
  }
  request.action = action;
  request.bucket = kPlace.bucket;
  if (object) request.key = "a/b.pdf";
  request.prefix = "a/";
  static constexpr http::Field kHeaders[] = {{"user-agent", "fuzz"}, {"x-amz-acl", "private"}, {"x-amz-server-side-encryption", "AES256"}};
  request.headers = kHeaders;
  return request;
}

void check_evaluation(const Policy& policy) {
  static const storage::Tags kTags = {{"etat", "public"}};
  Policy denied = policy;
  PolicyStatement deny;
  deny.everyone = true;
  deny.actions.set();
  deny.resources = {"*"};
  denied.statements.push_back(deny);
  bool named = false;
  for (const PolicyStatement& statement : policy.statements)
    named |= statement.everyone || !statement.principals.empty();
  for (const char* action :
       {"s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:PutObjectTagging", "s3:GetObjectVersion"}) {
    for (const bool anonymous : {false, true}) {
      PolicyRequest request = request_of(action, std::string_view(action) != "s3:ListBucket", anonymous);
      request.object_known = false;
      const PolicyVerdict before = evaluate(policy, request);
      request.object_known = true;
      request.existing_tags = &kTags;
      const PolicyVerdict verdict = evaluate(policy, request);
      CHECK(verdict == PolicyVerdict::None || verdict == PolicyVerdict::Allow ||
            verdict == PolicyVerdict::Deny);
      // What did not hang on the object stays as it was.
      CHECK(before == PolicyVerdict::MaybeAllow || before == PolicyVerdict::MaybeDeny || before == verdict);
      CHECK(named || verdict == PolicyVerdict::None);
      CHECK(evaluate(denied, request) == PolicyVerdict::Deny);
    }
  }
  (void)is_public(policy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = parse_policy(text, kPlace);
  if (!policy) {
    CHECK(policy.error().code == Code::MalformedPolicy && !policy.error().message.empty());
    return 0;
  }
  CHECK(size <= kPolicyBytesMax && !policy->statements.empty());
  check_evaluation(*policy);
  return 0;
}
