// SPDX-License-Identifier: EUPL-1.2
// What our parsers accept, http-parser (the strict build that Debian ships) must accept with the same method, target,
// fields and body. A difference is a request that a proxy before us could read otherwise: smuggling.
// sources: server/http/request_head.cc server/http/chunked_body.cc server/http/errors.cc
// links: crypto http_parser
#include <http_parser.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crypto/check.h"
#include "server/http/chunked_body.h"
#include "server/http/request_head.h"

using namespace beffroi;
using http::ChunkedBody;
using http::Field;
using http::RequestHead;

namespace {

struct Message {
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t size = 0;  // of the whole request
};

// Our reading of one whole request, or an empty method.
Message read_ours(BytesView bytes) {
  RequestHead head;
  const Result<std::size_t> parsed = head.parse(bytes);
  if (!parsed || *parsed == 0) return {};
  Message message;
  bytes.remove_prefix(*parsed);
  message.size = *parsed;
  if (head.chunked()) {
    ChunkedBody body;
    while (!body.done()) {
      const Result<ChunkedBody::Step> step = body.next(bytes);
      if (!step || step->consumed == 0) return {};
      message.body += step->data;
      message.size += step->consumed;
      bytes.remove_prefix(step->consumed);
    }
  } else {
    const std::uint64_t length = head.content_length().value_or(0);
    if (length > bytes.size()) return {};
    message.body = bytes.substr(0, static_cast<std::size_t>(length));
    message.size += message.body.size();
  }
  message.method = head.method();
  message.target = head.target();
  for (const Field& field : head.fields()) message.fields.emplace_back(field.name, field.value);
  return message;
}

struct Theirs {
  Message message;
  bool value_seen = true, complete = false;
};

int on_url(http_parser* parser, const char* at, std::size_t size) {
  static_cast<Theirs*>(parser->data)->message.target.append(at, size);
  return 0;
}

int on_field(http_parser* parser, const char* at, std::size_t size) {
  Theirs& theirs = *static_cast<Theirs*>(parser->data);
  if (theirs.value_seen) theirs.message.fields.emplace_back();
  theirs.value_seen = false;
  theirs.message.fields.back().first.append(at, size);
  return 0;
}

int on_value(http_parser* parser, const char* at, std::size_t size) {
  Theirs& theirs = *static_cast<Theirs*>(parser->data);
  theirs.value_seen = true;
  theirs.message.fields.back().second.append(at, size);
  return 0;
}

int on_body(http_parser* parser, const char* at, std::size_t size) {
  static_cast<Theirs*>(parser->data)->message.body.append(at, size);
  return 0;
}

int on_complete(http_parser* parser) {
  static_cast<Theirs*>(parser->data)->complete = true;
  http_parser_pause(parser, 1);
  return 0;
}

// Methods that http-parser does not know are no disagreement about framing, nor is what it does for Upgrade.
bool comparable(const Message& ours) {
  bool known = false;
  for (unsigned method = 0; method <= HTTP_SOURCE; ++method) {
    known = known || ours.method == http_method_str(static_cast<http_method>(method));
  }
  const auto upgrades = [](const auto& field) { return http::same_name(field.first, "upgrade"); };
  return known && std::none_of(ours.fields.begin(), ours.fields.end(), upgrades);
}

// Blanks at the end of a value belong to the line: http-parser reports them, nobody reads them.
std::string_view trimmed(std::string_view value) {
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  const Message ours = read_ours(bytes);
  if (ours.method.empty() || !comparable(ours)) return 0;
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  settings.on_url = on_url;
  settings.on_header_field = on_field;
  settings.on_header_value = on_value;
  settings.on_body = on_body;
  settings.on_message_complete = on_complete;
  Theirs theirs;
  http_parser parser;
  http_parser_init(&parser, HTTP_REQUEST);
  parser.data = &theirs;
  const std::size_t parsed = http_parser_execute(&parser, &settings, bytes.data(), ours.size);
  CHECK(theirs.complete && parsed == ours.size);
  CHECK(HTTP_PARSER_ERRNO(&parser) == HPE_PAUSED);
  CHECK(http_method_str(static_cast<http_method>(parser.method)) == ours.method);
  CHECK(theirs.message.target == ours.target);
  CHECK(theirs.message.body == ours.body);
  CHECK(theirs.message.fields.size() == ours.fields.size());
  for (std::size_t i = 0; i < ours.fields.size(); ++i) {
    CHECK(theirs.message.fields[i].first == ours.fields[i].first);
    CHECK(trimmed(theirs.message.fields[i].second) == ours.fields[i].second);
  }
  return 0;
}
