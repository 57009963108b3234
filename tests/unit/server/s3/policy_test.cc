// SPDX-License-Identifier: EUPL-1.2
// Bucket policies: what is understood, what is refused and in which words. What they allow is in authorization_table_test.
#include "server/s3/policy.h"

#include <gtest/gtest.h>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

const PolicyPlace kPlace{"deliberations", "216000562", "beauvais"};

S3Result<Policy> parse(const std::string& text) {
  return parse_policy(text, kPlace);
}

// One statement, with some of its elements changed or added.
struct Statement {
  std::string effect = R"("Allow")", principal = R"("*")", action = R"("s3:GetObject")",
              resource = R"("arn:aws:s3:::deliberations/*")";
  std::string more;
  std::string text() const {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":)" + effect + R"(,"Principal":)" + principal +
           R"(,"Action":)" + action + R"(,"Resource":)" + resource + more + "}]}";
  }
};

std::string message(const std::string& text) {
  const auto policy = parse(text);
  if (policy) return "understood";
  EXPECT_EQ(policy.error().code, Code::MalformedPolicy);
  return policy.error().message;
}

bool says(const std::string& text, std::string_view words) {
  const std::string said = message(text);
  EXPECT_NE(said.find(words), std::string::npos) << said << "\n" << text;
  return said.find(words) != std::string::npos;
}

TEST(Policy, ReadsWhatIsWritten) {
  const Policy policy = *parse(R"({"Version": "2012-10-17", "Id": "any", "Statement": {
    "Sid": "one", "Effect": "Deny",
    "Principal": {"AWS": ["216000562", "000216000562", "beauvais", "arn:aws:iam::000216000562:root", "arn:aws:iam::000216000562:user/jean.dupont@mairie"]},
    "Action": ["s3:GetObject*", "S3:LISTBUCKET"], "Resource": ["arn:aws:s3:::deliberations", "arn:aws:s3::beauvais:deliberations/a/*", "arn:aws:s3::000216000562:deliberations/?"],
    "Condition": {"StringLikeIfExists": {"s3:prefix": ["a*", "b"]}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Bool": {"aws:SecureTransport": true},
                  "NumericLessThanEquals": {"s3:max-keys": 10}, "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}}})");
  ASSERT_EQ(policy.statements.size(), 1u);
  const PolicyStatement& s = policy.statements[0];
  EXPECT_FALSE(s.allow);
  EXPECT_FALSE(s.everyone);
  ASSERT_EQ(s.principals.size(), 5u);
  EXPECT_EQ(s.principals[0].collectivity, "216000562");
  EXPECT_EQ(s.principals[1].collectivity, "216000562");
  EXPECT_EQ(s.principals[2].collectivity, "beauvais");
  EXPECT_TRUE(s.principals[3].user.empty());
  EXPECT_EQ(s.principals[4].user, "jean.dupont@mairie");
  EXPECT_TRUE(s.actions[*action_index("s3:GetObjectVersionTagging")]);
  EXPECT_TRUE(s.actions[*action_index("s3:ListBucket")]);
  EXPECT_FALSE(s.actions[*action_index("s3:PutObject")]);
  EXPECT_EQ(s.resources, (std::vector<std::string>{"deliberations", "deliberations/a/*", "deliberations/?"}));
  ASSERT_EQ(s.conditions.size(), 5u);
  EXPECT_TRUE(s.conditions[0].if_exists);
  EXPECT_EQ(s.conditions[3].numbers, std::vector<std::int64_t>{10});
}

TEST(Policy, WhatEveryoneWritesIsUnderstood) {
  EXPECT_TRUE(parse(Statement{}.text()));
  EXPECT_TRUE(parse(Statement{.principal = R"({"AWS":"*"})",
                              .action = R"("*")",
                              .resource = R"(["arn:aws:s3:::deliberations","arn:aws:s3:::deliberations/*"])"}
                        .text()));
  EXPECT_TRUE(
      parse(Statement{.action = R"("s3:ListBucket")", .resource = R"(["arn:aws:s3:::*","arn:aws:s3:::*/*"])"}
                .text()));
  EXPECT_TRUE(parse(
      Statement{.action = R"("s3:ListBucket")", .resource = R"("arn:aws:s3::*:deliberations")"}.text()));
  EXPECT_TRUE(parse(
      R"({"Statement":[{"Effect":"Deny","Principal":"*","NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::deliberations/public/*"}]})"));
}

TEST(Policy, NamesTheFieldAndTheRemedy) {
  says("", "one JSON object");
  says("[]", "one JSON object");
  says("{\"Statement\":[}", "one JSON object");
  says(Statement{}.text() + "x", "one JSON object");
  says(std::string(1, '{') + std::string(kPolicyBytesMax, ' ') + "}", "20 KiB");
  says(R"({"Statement":)" + std::string(20, '[') + std::string(20, ']') + "}", "one JSON object");
  says(R"({"Statement":[]})", "Statement: give at least one");
  says(R"({"Version":"2012-10-17"})", "Statement: give at least one");
  says(R"({"Version":"2020-01-01","Statement":[]})", "Version: write");
  says(R"({"Statement":[1]})", "Statement[0]: a statement is a JSON object");
  says(R"({"Statement":[],"Sid":"x"})", "\"Sid\" is not known");
  says(Statement{.effect = R"("allow")"}.text(), "Statement[0].Effect: write \"Allow\" or \"Deny\"");
  says(Statement{.more = R"(,"Effects":"x")"}.text(), "\"Effects\" is not known");
  says(Statement{.more = R"(,"NotPrincipal":"*")"}.text(), "NotPrincipal is not supported");
  says(Statement{.more = R"(,"NotAction":"s3:GetObject")"}.text(), "give Action or NotAction");
  says(Statement{.more = R"(,"NotResource":"arn:aws:s3:::deliberations")"}.text(),
       "give Resource or NotResource");
  says(R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::deliberations"}]})",
       "Statement[0].Principal: it is missing");
}

TEST(Policy, RefusesPrincipalsItDoesNotKnow) {
  for (const char* principal : {R"("beauvais")", R"({"Service":"x"})", R"({"CanonicalUser":"x"})",
                                R"({"AWS":"*","CanonicalUser":"x"})", "[]"}) {
    says(Statement{.principal = principal}.text(), "Statement[0].Principal: write \"*\"");
  }
  for (const char* principal : {"216000563", "123456789012", "Beauvais", "arn:aws:iam::000216000562:role/x",
                                "arn:aws:iam::000216000562:user/", "arn:aws:iam::000216000562:user/a/b",
                                "arn:aws:iam:::root", "beauvai*", ""}) {
    says(Statement{.principal = R"({"AWS":")" + std::string(principal) + "\"}"}.text(), "invalid principal");
  }
  says(Statement{.principal = R"({"AWS":[]})"}.text(), "give a text or a list");
  says(Statement{.principal = R"({"AWS":[1]})"}.text(), "every element must be a text");
}

TEST(Policy, RefusesActionsAndResourcesOfOthers) {
  for (const char* action : {"s3:GetObjekt", "GetObject", "ec2:*", "s3:", "", "s3:ListAllMyBuckets"}) {
    says(Statement{.action = "\"" + std::string(action) + "\""}.text(), "invalid action");
  }
  for (const char* resource :
       {"*", "deliberations", "arn:aws:s3:::autre/*", "arn:aws:s3:::deliberation",
        "arn:aws:s3::compiegne:deliberations/*", "arn:aws:s3::216001586:deliberations/*",
        "arn:aws:s3:eu-west-1::deliberations", "arn:aws:s3:::deliberations2", "arn:aws:s3::"}) {
    says(Statement{.resource = "\"" + std::string(resource) + "\""}.text(), "invalid resource");
  }
  says(Statement{.action = R"("s3:ListBucket")"}.text(), "does not apply to any resource");
  says(Statement{.resource = R"("arn:aws:s3:::deliberations")"}.text(), "does not apply to any resource");
  says(Statement{.resource = R"("arn:aws:s3:::deliberations/${aws:username}/*")"}.text(), "policy variables");
}

TEST(Policy, RefusesConditionsItWouldIgnore) {
  const auto with = [](const std::string& condition) {
    return Statement{.more = R"(,"Condition":)" + condition}.text();
  };
  says(with("[]"), "Condition: write {");
  says(with(R"({"StringEquals":{}})"), "Condition.StringEquals: write {");
  says(with(R"({"StringIs":{"aws:UserAgent":"x"}})"), "the operator \"StringIs\" is not supported");
  says(with(R"({"ForAnyValue:StringEquals":{"aws:UserAgent":"x"}})"), "is not supported");
  says(with(R"({"NullIfExists":{"aws:Referer":"true"}})"), "is not supported");
  says(with(R"({"StringEquals":{"aws:PrincipalOrgID":"x"}})"),
       "the condition key \"aws:PrincipalOrgID\" is not supported");
  says(with(R"({"StringEquals":{"s3:ExistingObjectTag/":"x"}})"), "is not supported");
  says(with(R"({"StringEquals":{"aws:SourceIp":"192.0.2.1"}})"), "does not fit the key");
  says(with(R"({"IpAddress":{"aws:UserAgent":"192.0.2.1"}})"), "does not fit the key");
  says(with(R"({"StringEquals":{"s3:prefix":"a"}})"), "does not apply to the actions");
  says(with(R"({"IpAddress":{"aws:SourceIp":"192.0.2.1/24"}})"), "is not a network");
  says(with(R"({"IpAddress":{"aws:SourceIp":[]}})"), "the list of values is empty");
  says(with(R"({"Bool":{"aws:SecureTransport":"yes"}})"), "is not true or false");
  says(with(R"({"DateLessThan":{"aws:CurrentTime":"tomorrow"}})"), "is not a date");
  says(with(R"({"NumericEquals":{"s3:ExistingObjectTag/n":1.5}})"), "a whole number");
  says(with(R"({"NumericEquals":{"s3:ExistingObjectTag/n":"a"}})"), "is not a whole number");
  says(with(R"({"StringEquals":{"aws:username":"${aws:username}"}})"), "policy variables");
}

TEST(Policy, AMemberGivenTwiceIsRefusedWhereverItStands) {
  says(Statement{.more = R"(,"Effect":"Deny")"}.text(), "two members of one name");
  says(R"({"Statement":[],"Statement":[]})", "two members of one name");
  says(Statement{.more = R"(,"Condition":{"StringEquals":{"aws:Referer":"a","aws:Referer":"b"}})"}.text(),
       "two members of one name");
  says(Statement{.more = R"(,"Sid":"a","S\u0069d":"b")"}.text(), "two members of one name");
  says(
      R"({"Statement":[{"Sid":"a","Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::deliberations"},)"
      R"({"Sid":"a","Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::deliberations"}]})",
      "two statements have the Sid");
}

TEST(Policy, PublicIsWhatAllowsEveryoneFromAnywhere) {
  const auto narrowed = [](const std::string& condition) {
    return is_public(*parse(Statement{.more = R"(,"Condition":)" + condition}.text()));
  };
  EXPECT_TRUE(is_public(*parse(Statement{}.text())));
  EXPECT_FALSE(is_public(*parse(Statement{.effect = R"("Deny")"}.text())));
  EXPECT_FALSE(is_public(*parse(Statement{.principal = R"({"AWS":"compiegne"})"}.text())));
  EXPECT_TRUE(is_public(*parse(Statement{.principal = R"({"AWS":["compiegne","*"]})"}.text())));
  EXPECT_FALSE(narrowed(R"({"IpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]}})"));
  EXPECT_FALSE(narrowed(R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"));
  EXPECT_TRUE(narrowed(R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})"));
  EXPECT_TRUE(narrowed(R"({"IpAddress":{"aws:SourceIp":["192.0.2.0/24","::/0"]}})"));
  EXPECT_TRUE(narrowed(R"({"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}})"));
  EXPECT_TRUE(narrowed(R"({"StringLike":{"aws:Referer":"https://www.beauvais.fr/*"}})"));
  EXPECT_TRUE(narrowed(R"({"StringEquals":{"aws:username":"jean"}})"));
}

TEST(Policy, WildcardsAreOfCharacters) {
  EXPECT_TRUE(wildcard_match("*", ""));
  EXPECT_TRUE(wildcard_match("a*b*c", "axxbyyc"));
  EXPECT_TRUE(wildcard_match("a*b*c", "abbbcbc"));
  EXPECT_FALSE(wildcard_match("a*b*c", "axxbyy"));
  EXPECT_TRUE(wildcard_match("b/*", "b/c/d"));
  EXPECT_FALSE(wildcard_match("b/*", "b"));
  EXPECT_TRUE(wildcard_match("?t\xC3\xA9", "\xC3\xA9t\xC3\xA9"));
  EXPECT_TRUE(wildcard_match("*?", "\xC3\xA9"));
  EXPECT_FALSE(wildcard_match("*??", "\xC3\xA9"));
  EXPECT_FALSE(wildcard_match("??", "\xC3\xA9"));
  EXPECT_FALSE(wildcard_match("", "a"));
  EXPECT_TRUE(wildcard_match("a\\*", "a\\b"));
  EXPECT_FALSE(wildcard_match(std::string(200, '*') + "b", std::string(1000, 'a')));
}

TEST(Policy, EveryActionIsNamedOnce) {
  for (std::size_t i = 0; i < kPolicyActions; ++i) {
    const std::string name = "s3:" + std::string(policy_actions()[i].name);
    EXPECT_EQ(action_index(name), i);
    EXPECT_EQ(matching_actions(name).count(), 1u) << name;
  }
  for (const OperationRow& row : operation_table()) {
    // A preflight is judged by the rules of CORS alone.
    if (row.level == Level::Service || row.operation == Operation::CorsPreflight) continue;
    ASSERT_TRUE(action_index(row.action)) << row.name << ": no policy can name " << row.action;
    EXPECT_TRUE(action_index(action_on_version(row.action))) << row.name;
    const bool keys_in_body = row.operation == Operation::DeleteObjects || row.operation == Operation::PostObject;
    EXPECT_EQ(policy_actions()[*action_index(row.action)].on_object,
              row.level == Level::Object || keys_in_body)
        << row.name;
  }
}

}  // namespace
}  // namespace beffroi::s3
