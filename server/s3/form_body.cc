// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/form_body.h"

#include <algorithm>

#include "server/s3/body.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

using boost::asio::awaitable;

// What says something of the object in a PUT; of a POST it says it of the form.
bool of_object(std::string_view name) {
  constexpr std::string_view kNames[] = {"cache-control",    "content-type", "content-disposition", "content-encoding",
                                         "content-language", "expires",      "content-md5"};
  const auto same = [name](std::string_view other) { return http::same_name(name, other); };
  return std::any_of(std::begin(kNames), std::end(kNames), same) || has_prefix_of_name(name, "x-amz-");
}

}  // namespace

awaitable<S3Result<FormBody>> FormBody::open(const RequestView& view, http::BodySource& source) {
  const auto boundary = form_boundary(find_header(view.headers, "content-type").value_or(""));
  if (!boundary) co_return boundary.error();
  const auto length = source.length();
  if (!length) co_return S3Error(Code::MissingContentLength).closing();
  FormBody body(source, *boundary);
  FormHead& head = *body.head_;
  while (true) {
    const auto read = co_await source.read();
    if (!read) co_return body_error(read.error());
    if (read->empty()) co_return FormHead::no_file();
    const auto reached = head.feed(*read);
    if (reached.has_error()) co_return reached.error();
    if (*reached) break;
  }
  // Behind the file stands at least its delimiter and `--`.
  const std::uint64_t around = head.head_bytes() + head.delimiter().size() + 2;
  body.bytes_max_ = *length - std::min(*length, around);
  body.file_ = std::make_unique<FormFile>(head.delimiter(), head.rest());
  for (const http::Field& field : view.headers) {
    if (!of_object(field.name)) body.headers_.push_back(field);
  }
  const auto own = form_headers(head.form());
  body.headers_.insert(body.headers_.end(), own.begin(), own.end());
  co_return std::move(body);
}

awaitable<S3Result<std::string_view>> FormBody::next() {
  while (true) {
    const auto piece = file_->take();
    if (!piece || !piece->empty()) co_return piece;
    const auto read = co_await source_->read();
    if (!read) co_return body_error(read.error());
    if (!read->empty() && !file_->ended()) file_->feed(*read);
    if (!read->empty()) continue;
    if (!file_->ended()) co_return S3Error(Code::MalformedPOSTRequest);
    co_return std::string_view{};
  }
}

}  // namespace beffroi::s3
