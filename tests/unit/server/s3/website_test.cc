// SPDX-License-Identifier: EUPL-1.2
// WebsiteConfiguration, and the pages of a site.
#include "server/s3/website.h"

#include <gtest/gtest.h>

#include "tests/unit/server/s3/request_builder.h"

namespace beffroi::s3 {
namespace {

std::string document(const std::string& inner) { return "<WebsiteConfiguration>" + inner + "</WebsiteConfiguration>"; }
const std::string kIndex = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";

TEST(WebsiteDocument, IsAnsweredAsItIsRead) {
  const Website site{.index_suffix = "index.html", .error_key = "erreurs/404.html"};
  EXPECT_EQ(*parse_website(document(kIndex + "<ErrorDocument><Key>erreurs/404.html</Key></ErrorDocument>")), site);
  EXPECT_EQ(*parse_website(website_xml(site)), site);
  Website moved;
  moved.redirect_all = WebsiteRedirect{"www.beauvais.example", "https"};
  EXPECT_EQ(*parse_website(website_xml(moved)), moved);
  moved.redirect_all->protocol.clear();
  EXPECT_EQ(*parse_website(website_xml(moved)), moved);
}

TEST(WebsiteDocument, RefusesWhatIsNotOne) {
  const std::pair<std::string, Code> cases[] = {
      {"", Code::MalformedXML},
      {document(""), Code::InvalidArgument},
      {document("<IndexDocument/>"), Code::InvalidArgument},
      {document("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>"), Code::InvalidArgument},
      {document(kIndex + "<ErrorDocument><Key></Key></ErrorDocument>"), Code::InvalidArgument},
      {document(kIndex + kIndex), Code::MalformedXML},
      {document("<RedirectAllRequestsTo/>"), Code::MalformedXML},
      {document("<RedirectAllRequestsTo><HostName>a</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>"), Code::InvalidRequest},
      {document("<RedirectAllRequestsTo><HostName>a/b</HostName></RedirectAllRequestsTo>"), Code::InvalidRequest},
      {document(kIndex + "<RedirectAllRequestsTo><HostName>a</HostName></RedirectAllRequestsTo>"), Code::InvalidRequest},
      {document(kIndex + "<RoutingRules><RoutingRule/></RoutingRules>"), Code::NotImplemented},
  };
  for (const auto& [body, code] : cases) EXPECT_EQ(code_of(parse_website(body)), code) << body;
}

TEST(Website, FindsThePageOfAPath) {
  const Website site{.index_suffix = "index.html"};
  EXPECT_EQ(page_key(site, ""), "index.html");
  EXPECT_EQ(page_key(site, "a/"), "a/index.html");
  EXPECT_EQ(page_key(site, "a/b"), "a/b");
  EXPECT_EQ(redirect_target({"h", ""}, true, "a b/\xC3\xA9"), "https://h/a%20b/%C3%A9");
  EXPECT_EQ(redirect_target({"h", "http"}, true, ""), "http://h/");
}

TEST(Website, ShowsNoMarkupOfOthersInItsErrors) {
  EXPECT_EQ(error_page(404, "NoSuchKey", "<script>", "R").find("<script>"), std::string::npos);
}

}  // namespace
}  // namespace beffroi::s3
