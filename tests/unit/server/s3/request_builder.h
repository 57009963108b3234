// SPDX-License-Identifier: EUPL-1.2
// A request for tests, without a connection: owns its strings, gives the view that the parsers take.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/check.h"
#include "server/s3/request.h"

namespace beffroi::s3 {

class TestRequest {
 public:
  TestRequest(std::string method, std::string target)
      : method_(std::move(method)), target_(std::move(target)) {}
  TestRequest& header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  TestRequest& replace(std::string_view name, std::string value) {
    for (auto& [n, v] : headers_) {
      if (n == name) v = value;
    }
    return *this;
  }
  RequestView view() {
    fields_.clear();
    RequestView view;
    for (const auto& [name, value] : headers_) {
      fields_.push_back({name, value});
      if (http::same_name(name, "host")) view.host = value;
    }
    const std::string_view target = target_;
    const std::size_t question = std::min(target.find('?'), target.size());
    view.method = method_;
    view.path = target.substr(0, question);
    view.query = target.substr(std::min(question + 1, target.size()));
    view.headers = fields_;
    return view;
  }
  HeaderSpan headers() { return view().headers; }
  Query query() { return *Query::parse(view().query); }

 private:
  std::string method_, target_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<http::Field> fields_;
};

// The code of a failed result; CHECKs that it failed.
template <class T>
Code code_of(const S3Result<T>& result) {
  CHECK(result.has_error());
  return result.error().code;
}

inline std::string field_of(const S3Error& error, std::string_view name) {
  for (const ErrorField& field : error.fields) {
    if (field.name == name) return field.value;
  }
  return "(absent)";
}

}  // namespace beffroi::s3
