// SPDX-License-Identifier: EUPL-1.2
// A browser's form (multipart/form-data, RFC 7578) that uploads a file: the fields before the file, then the file's bytes. Pure, fed
// in pieces of any size; what follows the file is ignored, as S3 does. The body is:
//
//   --B CRLF  Content-Disposition: form-data; name="key" CRLF CRLF  value CRLF
//   --B CRLF  Content-Disposition: form-data; name="file"; filename="a" CRLF CRLF  bytes CRLF  --B-- CRLF
//
// Lines end in CRLF. Field names are told apart in any case and stand once each, but for x-ignore-*.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/errors.h"
#include "server/s3/request.h"

namespace beffroi::s3 {

inline constexpr std::size_t kFormHeadBytesMax = 20 << 10;  // S3's bound of all that stands before the file

// The boundary of a Content-Type `multipart/form-data; boundary=...`. 412 PreconditionFailed for another type, 400
// MalformedPOSTRequest without a boundary of 1 to 70 characters.
S3Result<std::string> form_boundary(std::string_view content_type);

struct FormField {
  std::string name;  // lower-case
  std::string value;
};

// What stands before the file.
struct PostForm {
  std::vector<FormField> fields;
  std::string file_name;  // after the last slash or backslash

  const std::string* find(std::string_view name) const;  // null: none
  std::string value(std::string_view name) const;        // empty when absent
};

// The object's key: the field `key` with ${filename} replaced. 400 InvalidArgument without one, UserKeyMustBeSpecified,
// KeyTooLongError or InvalidURI as for a path.
S3Result<std::string> form_key(const PostForm&);

// The fields that S3 takes as headers of a PUT (Content-Type, x-amz-meta-* ..., `acl` as x-amz-acl). Views into the form.
std::vector<http::Field> form_headers(const PostForm&);

// Reads up to the file's first byte.
class FormHead {
 public:
  explicit FormHead(std::string_view boundary) : delimiter_("\r\n--" + std::string(boundary)) {}

  // Takes the next bytes of the body. True: the file begins, `rest()` are its first bytes. 400 MalformedPOSTRequest,
  // MaxPostPreDataLengthExceeded.
  S3Result<bool> feed(std::string_view bytes);
  // At the end of a body that has no file.
  static S3Error no_file();

  PostForm& form() { return form_; }
  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
  std::size_t head_bytes() const { return at_; }
  const std::string& delimiter() const { return delimiter_; }

 private:
  enum class State { Boundary, Headers, Value };
  S3Result<bool> step(bool& moved);
  S3Result<void> read_headers(std::string_view block);

  std::string delimiter_;
  std::string buffer_;
  std::size_t at_ = 0;       // what is before it was read
  std::size_t searched_ = 0;  // no end was found before it
  State state_ = State::Boundary;
  bool first_ = true;
  bool is_file_ = false;
  std::string name_;
  PostForm form_;
};

// The file's bytes, up to the delimiter. The last bytes are held until it is known whether they belong to it.
class FormFile {
 public:
  FormFile(std::string delimiter, std::string_view first) : delimiter_(std::move(delimiter)), held_(first) {}

  void feed(std::string_view bytes);  // not after the end: what follows the file is nobody's
  // Bytes to take now, valid until the next call; empty: feed more, or the end. 400 MalformedPOSTRequest.
  S3Result<std::string_view> take();
  bool ended() const { return ended_; }
  std::uint64_t bytes() const { return bytes_; }  // of the file, once ended: also those that are still to be taken

 private:
  std::string delimiter_;
  std::string held_;
  std::size_t taken_ = 0;     // of held_
  std::size_t searched_ = 0;  // of held_: no delimiter begins before it
  std::uint64_t given_ = 0;
  std::uint64_t bytes_ = 0;
  bool ended_ = false;
  std::size_t end_ = 0;  // of the file in held_
};

}  // namespace beffroi::s3
