// SPDX-License-Identifier: EUPL-1.2
// A request as its bytes say it, before anyone is believed. RequestView points into the connection's buffer;
// Query and ParsedRequest own what they decoded and keep views of the rest, so they live no longer than that
// buffer.
//
// The order of a request is fixed: parse_request (router.h) -> authenticate -> authorize -> quota ->
// operation.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/request_head.h"
#include "server/s3/address.h"
#include "server/s3/errors.h"
#include "server/s3/operation.h"

namespace beffroi::s3 {

using HeaderSpan = std::span<const http::Field>;

// What this room needs of an http::RequestHead; tests and fuzz targets make one without bytes.
struct RequestView {
  RequestView() = default;
  explicit RequestView(const http::RequestHead& head)
      : method(head.method()),
        path(head.path()),
        query(head.query()),
        host(head.host()),
        headers(head.fields()) {}

  std::string_view method;
  std::string_view path;   // raw, before the first `?`
  std::string_view query;  // raw, after it
  std::string_view host;   // the value of Host; empty for HTTP/1.0 without one
  HeaderSpan headers;      // all of them, Host included, in the order received
};

struct QueryParameter {
  std::string_view raw_name;
  std::string_view raw_value;
  std::string name;  // decoded once
  std::string value;
};

// The part of the target after `?`. An empty piece (`&&`) is nothing; `delete` and `delete=` are the same
// parameter.
class Query {
 public:
  // 400 InvalidURI for a malformed escape, a NUL, or what does not decode to UTF-8.
  static S3Result<Query> parse(std::string_view raw);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  const std::string* find(std::string_view name) const;  // the first of that name, or null
  std::string value(std::string_view name) const;        // empty when absent
  const std::vector<QueryParameter>& parameters() const { return parameters_; }
  bool has_plus() const;  // a raw `+` somewhere

  // What `+` means is known once the signature is: `+` itself where it was signed as %2B, a space where it
  // was signed as %20 (HTML forms, Go's url.Values) or where nothing was signed.
  void read_plus_as_space();

 private:
  std::vector<QueryParameter> parameters_;
};

// What the router yields: an operation and its place, nothing verified.
struct ParsedRequest {
  RequestView view;
  Operation operation;
  Address address;
  Query query;
};

}  // namespace beffroi::s3
