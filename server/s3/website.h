// SPDX-License-Identifier: EUPL-1.2
// A bucket as a web site: its WebsiteConfiguration, and where its pages are. Pure. Routing rules are not there: 501.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/s3/errors.h"

namespace beffroi::s3 {

struct WebsiteRedirect {
  std::string host;
  std::string protocol;  // http, https; empty: as the request came

  bool operator==(const WebsiteRedirect&) const = default;
};

// Either a site with an index document, or another host for everything.
struct Website {
  std::string index_suffix;  // index.html
  std::string error_key;     // empty: none
  std::optional<WebsiteRedirect> redirect_all;

  bool operator==(const Website&) const = default;
};

// 400 MalformedXML, InvalidArgument, InvalidRequest; 501 NotImplemented for routing rules.
S3Result<Website> parse_website(std::string_view body);
std::string website_xml(const Website&);

// A request of a browser on a site: which page it is given, and as what.
struct Page {
  std::string key;
  unsigned status = 200;  // another: an error document, whole whatever was asked for
  bool only_look = false;  // answered by success or an error alone
};

// The key of the page at a path: the index document of a folder, whose path ends in `/` or is empty; else the path itself.
std::string page_key(const Website&, std::string_view path);
// Where all requests are sent.
std::string redirect_target(const WebsiteRedirect&, bool secure, std::string_view path);

// A page for a status that has no document of its own.
std::string error_page(unsigned status, std::string_view code, std::string_view message, std::string_view request_id);

}  // namespace beffroi::s3
