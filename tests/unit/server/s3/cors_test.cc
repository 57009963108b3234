// SPDX-License-Identifier: EUPL-1.2
// CORS: documents, matching, and what an answer says. The cases of the wildcard are those of Amazon's user guide.
#include "server/s3/cors.h"

#include <gtest/gtest.h>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

std::string rule_xml(const std::string& inner) { return "<CORSRule>" + inner + "</CORSRule>"; }
std::string document(const std::string& rules) { return "<CORSConfiguration>" + rules + "</CORSConfiguration>"; }

const std::string kGet = "<AllowedMethod>GET</AllowedMethod>";
const std::string kAny = "<AllowedOrigin>*</AllowedOrigin>";

// Name to value, of the fields that an ask is answered with; empty when it is refused.
std::string value_of(const CorsRules& rules, const CorsAsk& ask, std::string_view name) {
  const auto fields = cors_fields(rules, ask);
  if (!fields) return "(refused)";
  for (const auto& [field, value] : *fields) {
    if (field == name) return value;
  }
  return "(absent)";
}

std::string origin_of(const CorsRules& rules, const CorsAsk& ask) { return value_of(rules, ask, "Access-Control-Allow-Origin"); }

TEST(CorsDocument, IsAnsweredAsItIsRead) {
  const std::string body = document(rule_xml("<ID>one</ID><AllowedHeader>x-*</AllowedHeader>" + kGet +
                                             "<AllowedMethod>PUT</AllowedMethod><AllowedOrigin>https://*.example</AllowedOrigin>"
                                             "<AllowedOrigin>http://b</AllowedOrigin><ExposeHeader>ETag</ExposeHeader>"
                                             "<MaxAgeSeconds> 3000 </MaxAgeSeconds>") +
                                    rule_xml(kGet + kAny));
  const CorsRules rules = *parse_cors(body);
  const CorsRules wanted = {{"one", {"x-*"}, {"GET", "PUT"}, {"https://*.example", "http://b"}, {"ETag"}, 3000}, {"", {}, {"GET"}, {"*"}, {}, {}}};
  EXPECT_EQ(rules, wanted);
  EXPECT_EQ(*parse_cors(cors_xml(rules)), rules);
  EXPECT_NE(cors_xml(rules).find("<MaxAgeSeconds>3000</MaxAgeSeconds>"), std::string::npos);
}

TEST(CorsDocument, RefusesWhatS3Refuses) {
  const std::pair<std::string, Code> cases[] = {
      {document(""), Code::MalformedXML},
      {document(rule_xml(kGet)), Code::MalformedXML},
      {document(rule_xml(kAny)), Code::MalformedXML},
      {document(rule_xml(kGet + kAny + "<MaxAgeSeconds>-1</MaxAgeSeconds>")), Code::MalformedXML},
      {document(rule_xml(kAny + "<AllowedMethod>PATCH</AllowedMethod>")), Code::InvalidRequest},
      {document(rule_xml(kAny + "<AllowedMethod>get</AllowedMethod>")), Code::InvalidRequest},
      {document(rule_xml(kGet + "<AllowedOrigin>http://*.*.example</AllowedOrigin>")), Code::InvalidRequest},
      {document(rule_xml(kGet + kAny + "<AllowedHeader>*-*</AllowedHeader>")), Code::InvalidRequest},
      {document(rule_xml(kGet + kAny + "<ExposeHeader>x-*</ExposeHeader>")), Code::InvalidRequest},
      {document(rule_xml(kGet + kAny + "<ExposeHeader>a b</ExposeHeader>")), Code::InvalidRequest},
      {document(rule_xml("<ID>" + std::string(256, 'i') + "</ID>" + kGet + kAny)), Code::InvalidRequest},
  };
  for (const auto& [body, code] : cases) EXPECT_EQ(code_of(parse_cors(body)), code) << body;
  std::string many;
  for (std::size_t i = 0; i < kCorsRulesMax; ++i) many += rule_xml(kGet + kAny);
  EXPECT_EQ(parse_cors(document(many))->size(), kCorsRulesMax);
  EXPECT_EQ(code_of(parse_cors(document(many + rule_xml(kGet + kAny)))), Code::InvalidRequest);
}

TEST(CorsMatch, OriginsWithAndWithoutWildcard) {
  const auto rule = [](const std::string& origin) { return CorsRules{{"", {}, {"GET"}, {origin}, {}, {}}}; };
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"http://a.example", "http://a.example", true}, {"http://a.example", "https://a.example", false},
      {"http://a.example", "http://A.example", false}, {"http://*.example", "http://a.b.example", true},
      {"http://*.example", "http://.example", true},   {"http://*.example", "http://example", false},
      {"start*end", "startend", true},                 {"start*end", "start12end", true},
      {"start*end", "0start12end", false},             {"aba*aba", "aba", false},
      {"prefix*", "prefix.suffix", true},              {"*suffix", "suffix.prefix", false},
  };
  for (const auto& [pattern, origin, fits] : cases) {
    EXPECT_EQ(origin_of(rule(pattern), {origin, "GET", {}}), fits ? origin : "(refused)") << pattern << " " << origin;
  }
  EXPECT_EQ(origin_of(rule("*"), {"http://a", "GET", {}}), "*");
  EXPECT_EQ(value_of(rule("*"), {"http://a", "GET", {}}, "Access-Control-Allow-Credentials"), "(absent)");
  EXPECT_EQ(value_of(rule("h*"), {"http://a", "GET", {}}, "Access-Control-Allow-Credentials"), "true");
}

TEST(CorsMatch, TheFirstRuleThatAllowsAllIsTheAnswer) {
  const CorsRules rules = {{"", {"x-a", "x-amz-*"}, {"GET", "PUT"}, {"http://a"}, {"ETag", "x-b"}, 60}, {"", {"*"}, {"DELETE"}, {"*"}, {}, {}}};
  const CorsAsk put{"http://a", "PUT", {"x-amz-date", "x-a"}};
  EXPECT_EQ(value_of(rules, put, "Access-Control-Allow-Methods"), "GET, PUT");
  EXPECT_EQ(value_of(rules, put, "Access-Control-Allow-Headers"), "x-amz-date, x-a");
  EXPECT_EQ(value_of(rules, put, "Access-Control-Expose-Headers"), "ETag, x-b");
  EXPECT_EQ(value_of(rules, put, "Access-Control-Max-Age"), "60");
  EXPECT_EQ(origin_of(rules, {"http://a", "PUT", {"x-c"}}), "(refused)");
  EXPECT_EQ(origin_of(rules, {"http://a", "HEAD", {}}), "(refused)");
  EXPECT_EQ(origin_of(rules, {"http://a", "DELETE", {"anything"}}), "*");
}

TEST(CorsPreflight, ReadsWhatABrowserSends) {
  TestRequest request("OPTIONS", "/b/k");
  request.header("Origin", "http://a").header("Access-Control-Request-Method", "PUT").header("Access-Control-Request-Headers", " X-A ,content-type,");
  const CorsAsk ask = *read_preflight(request.headers());
  EXPECT_EQ(ask.origin, "http://a");
  EXPECT_EQ(ask.method, "PUT");
  EXPECT_EQ(ask.headers, (std::vector<std::string>{"x-a", "content-type"}));

  TestRequest nowhere("OPTIONS", "/b/k");
  EXPECT_EQ(code_of(read_preflight(nowhere.headers())), Code::BadRequest);
  nowhere.header("Origin", "http://a");
  EXPECT_EQ(code_of(read_preflight(nowhere.headers())), Code::BadRequest);
  nowhere.header("Access-Control-Request-Method", "PATCH");
  EXPECT_EQ(code_of(read_preflight(nowhere.headers())), Code::BadRequest);
}

TEST(CorsRequest, GoesByItsMethodOrTheOneItNames) {
  TestRequest plain("GET", "/b/k");
  EXPECT_FALSE(read_cors_request(plain.view()));
  plain.header("Origin", "http://a");
  EXPECT_EQ(read_cors_request(plain.view())->method, "GET");
  plain.header("Access-Control-Request-Method", "PUT");
  EXPECT_EQ(read_cors_request(plain.view())->method, "PUT");
}

}  // namespace
}  // namespace beffroi::s3
