// SPDX-License-Identifier: EUPL-1.2
// FormBody: the body of a browser's form (PostObject), in two steps that keep the pipeline's order. open() reads the fields, at most
// 20 KiB and no further than the file's first byte: credentials, policy and key stand there. The request is then authenticated by
// them (Authenticator::authenticate_form makes its VerifiedRequest), authorized for the key, given its quota; only then does the
// operation read the file, with next(), into what it stores. A form that is refused has had no byte of its file kept.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "server/http/body_source.h"
#include "server/s3/post_form.h"
#include "server/s3/post_policy.h"

namespace beffroi::s3 {

class FormBody {
 public:
  // `source` outlives it. 411 MissingContentLength for a body of unknown length; what post_form.h says of malformed ones.
  static boost::asio::awaitable<S3Result<FormBody>> open(const RequestView&, http::BodySource& source);

  const PostForm& form() const { return head_->form(); }
  // The request's headers as the form says them: its own fields in place of those that a PUT would carry.
  HeaderSpan headers() const { return headers_; }
  LengthRange length;  // what the policy allows

  std::uint64_t bytes_max() const { return bytes_max_; }  // the file cannot be longer
  // The next bytes of the file; empty at its end, when the whole body was read.
  boost::asio::awaitable<S3Result<std::string_view>> next();
  // The end is in sight: bytes() is known, and of a file that is not empty a byte at least is still to come from next().
  bool ended() const { return file_->ended(); }
  std::uint64_t bytes() const { return file_->bytes(); }

 private:
  FormBody(http::BodySource& source, std::string_view boundary) : source_(&source), head_(std::make_unique<FormHead>(boundary)) {}

  http::BodySource* source_;
  std::unique_ptr<FormHead> head_;  // the headers are views into it
  std::unique_ptr<FormFile> file_;
  std::vector<http::Field> headers_;
  std::uint64_t bytes_max_ = 0;
};

}  // namespace beffroi::s3
