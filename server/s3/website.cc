// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/website.h"

#include <algorithm>

#include "server/s3/percent.h"
#include "server/s3/xml_tree.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

S3Error invalid(Code code, std::string message) { return S3Error(code, std::move(message)); }

// A name that can stand between `//` and `/`.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == ':' || c == '_';
  });
}

S3Result<WebsiteRedirect> read_redirect(const XmlElement& element) {
  const auto host = element.child_text("HostName");
  const auto protocol = element.child_text("Protocol");
  if (!host || !protocol) return S3Error(Code::MalformedXML);
  if (host->empty()) return S3Error(Code::MalformedXML);
  if (!is_host(*host)) return invalid(Code::InvalidRequest, "The HostName is not well formed");
  if (!protocol->empty() && *protocol != "http" && *protocol != "https") {
    return invalid(Code::InvalidRequest,
                   "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.");
  }
  return WebsiteRedirect{*host, *protocol};
}

S3Result<std::string> document_of(const XmlElement& root, std::string_view element, std::string_view child) {
  const auto found = root.child(element);
  if (!found) return found.error();
  if (*found == nullptr) return std::string();
  auto text = (*found)->child(child);
  if (!text) return text.error();
  const std::string name = *text == nullptr ? std::string() : (*text)->text;
  if (name.empty() || name.size() > 1024) {
    return invalid(Code::InvalidArgument, "The " + std::string(element) + " " + std::string(child) + " is not well formed");
  }
  return name;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

}  // namespace

S3Result<Website> parse_website(std::string_view body) {
  const auto root = parse_xml(body, "WebsiteConfiguration");
  if (!root) return root.error();
  Website site;
  if (!root->all("RoutingRules").empty()) {
    return S3Error(Code::NotImplemented, "Routing rules of a website are not implemented; x-amz-website-redirect-location moves single pages.");
  }
  auto suffix = document_of(*root, "IndexDocument", "Suffix");
  if (!suffix) return suffix.error();
  site.index_suffix = std::move(*suffix);
  auto error = document_of(*root, "ErrorDocument", "Key");
  if (!error) return error.error();
  site.error_key = std::move(*error);
  const auto all = root->child("RedirectAllRequestsTo");
  if (!all) return all.error();
  if (*all != nullptr) {
    if (!site.index_suffix.empty() || !site.error_key.empty()) {
      return invalid(Code::InvalidRequest, "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.");
    }
    auto redirect = read_redirect(**all);
    if (!redirect) return redirect.error();
    site.redirect_all = std::move(*redirect);
    return site;
  }
  if (site.index_suffix.empty()) {
    return invalid(Code::InvalidArgument, "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty");
  }
  if (site.index_suffix.find('/') != std::string::npos) return invalid(Code::InvalidArgument, "The IndexDocument Suffix is not well formed");
  return site;
}

std::string website_xml(const Website& site) {
  XmlWriter xml("WebsiteConfiguration");
  if (site.redirect_all) {
    xml.open("RedirectAllRequestsTo");
    xml.element("HostName", site.redirect_all->host);
    if (!site.redirect_all->protocol.empty()) xml.element("Protocol", site.redirect_all->protocol);
    xml.close();
    return std::move(xml).finish();
  }
  xml.open("IndexDocument");
  xml.element("Suffix", site.index_suffix);
  xml.close();
  if (!site.error_key.empty()) {
    xml.open("ErrorDocument");
    xml.element("Key", site.error_key);
    xml.close();
  }
  return std::move(xml).finish();
}

std::string page_key(const Website& site, std::string_view path) {
  std::string key(path);
  if (key.empty() || key.ends_with('/')) key += site.index_suffix;
  return key;
}

std::string redirect_target(const WebsiteRedirect& redirect, bool secure, std::string_view path) {
  const std::string protocol = redirect.protocol.empty() ? secure ? "https" : "http" : redirect.protocol;
  return protocol + "://" + redirect.host + "/" + percent_encode(path, Slash::Keep);
}

std::string error_page(unsigned status, std::string_view code, std::string_view message, std::string_view request_id) {
  const std::string title = std::to_string(status) + " " + html_text(code);
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title + "</title></head>\n<body><h1>" + title +
         "</h1>\n<p>" + html_text(message) + "</p>\n<p>RequestId: " + html_text(request_id) + "</p></body></html>\n";
}

}  // namespace beffroi::s3
