// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/post_form.h"

#include <algorithm>

#include "crypto/utf8.h"
#include "server/s3/address.h"
#include "server/s3/headers.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kVariable = "${filename}";
constexpr std::size_t kBoundaryBytesMax = 70;  // RFC 2046

S3Error malformed() { return S3Error(Code::MalformedPOSTRequest).closing(); }

bool is_ignored(std::string_view name) { return name.starts_with("x-ignore-"); }

// One parameter of a field value: `name=token` or `name="quoted"`, in front of `rest`, behind a semicolon.
struct Parameter {
  std::string name;  // lower-case
  std::string value;
};

bool take_parameter(std::string_view& rest, Parameter& parameter) {
  rest = trim(rest);
  if (!rest.starts_with(';')) return false;
  rest = trim(rest.substr(1));
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) return false;
  parameter.name = lower_case(trim(rest.substr(0, equals)));
  parameter.value.clear();
  rest.remove_prefix(equals + 1);
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    parameter.value = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return true;
  }
  // Browsers write a quote as %22 or \", and a backslash, which is in Windows' paths, as it is.
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"') {
      parameter.value += rest[++i];
      continue;
    }
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
    parameter.value += rest[i];
  }
  return false;
}

std::string last_component(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

S3Result<std::string> form_boundary(std::string_view content_type) {
  const std::size_t end = std::min(content_type.find(';'), content_type.size());
  if (!http::same_name(trim(content_type.substr(0, end)), "multipart/form-data")) {
    return S3Error(Code::PreconditionFailed, "Bucket POST must be of the enclosure-type multipart/form-data")
        .with("Condition", "Bucket POST must be of the enclosure-type multipart/form-data");
  }
  content_type.remove_prefix(end);
  Parameter parameter;
  while (take_parameter(content_type, parameter)) {
    if (parameter.name != "boundary") continue;
    const bool printable = std::all_of(parameter.value.begin(), parameter.value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (parameter.value.empty() || parameter.value.size() > kBoundaryBytesMax || !printable) break;
    return parameter.value;
  }
  return malformed();
}

const std::string* PostForm::find(std::string_view name) const {
  for (const FormField& field : fields) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

std::string PostForm::value(std::string_view name) const {
  const std::string* found = find(name);
  return found ? *found : std::string();
}

S3Result<std::string> form_key(const PostForm& form) {
  const std::string* given = form.find("key");
  if (given == nullptr) {
    return S3Error(Code::InvalidArgument,
                   "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.")
        .with("ArgumentName", "key");
  }
  std::string key = *given;
  for (std::size_t at = key.find(kVariable); at != std::string::npos; at = key.find(kVariable, at + form.file_name.size())) {
    key.replace(at, kVariable.size(), form.file_name);
    if (key.size() > kFormHeadBytesMax) break;
  }
  if (key.empty()) return S3Error(Code::UserKeyMustBeSpecified);
  if (key.size() > kKeyBytesMax) {
    return S3Error(Code::KeyTooLongError).with("Size", std::to_string(key.size())).with("MaxSizeAllowed", std::to_string(kKeyBytesMax));
  }
  if (!valid_utf8(key) || key.find('\0') != std::string::npos) return S3Error(Code::InvalidURI);
  return key;
}

std::vector<http::Field> form_headers(const PostForm& form) {
  constexpr std::string_view kTaken[] = {"cache-control", "content-type", "content-disposition", "content-encoding", "content-language", "expires"};
  std::vector<http::Field> headers;
  for (const FormField& field : form.fields) {
    const bool known = std::find(std::begin(kTaken), std::end(kTaken), field.name) != std::end(kTaken);
    if (known || field.name.starts_with("x-amz-")) headers.push_back({field.name, field.value});
    if (field.name == "acl") headers.push_back({"x-amz-acl", field.value});
  }
  return headers;
}

S3Result<bool> FormHead::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (true) {
    bool moved = false;
    const auto reached = step(moved);
    if (reached.has_error()) return reached.error();
    if (at_ > kFormHeadBytesMax || (!*reached && !moved && buffer_.size() > kFormHeadBytesMax)) {
      return S3Error(Code::MaxPostPreDataLengthExceeded).closing();
    }
    if (*reached) return true;
    if (!moved) return false;
  }
}

S3Error FormHead::no_file() { return S3Error(Code::IncorrectNumberOfFilesInPostRequest); }

// One step from a whole token to the next; `moved` is false when more bytes are needed.
S3Result<bool> FormHead::step(bool& moved) {
  const std::string_view text = buffer_;
  switch (state_) {
    case State::Boundary: {
      // The first delimiter stands at the very beginning: no CRLF belongs to it.
      const std::string_view delimiter = std::string_view(delimiter_).substr(first_ ? 2 : 0);
      if (text.size() < at_ + delimiter.size() + 2) return false;
      if (text.substr(at_, delimiter.size()) != delimiter) return malformed();
      const std::string_view after = text.substr(at_ + delimiter.size(), 2);
      if (after == "--") return no_file();
      if (after != "\r\n") return malformed();
      at_ += delimiter.size() + 2;
      first_ = false;
      state_ = State::Headers;
      break;
    }
    case State::Headers: {
      const std::size_t end = text.find("\r\n\r\n", std::max(at_, searched_));
      if (end == std::string_view::npos) {
        searched_ = std::max(at_, text.size() - std::min<std::size_t>(text.size(), 3));
        return false;
      }
      if (auto read = read_headers(text.substr(at_, end - at_)); !read) return read.error();
      at_ = end + 4;
      state_ = State::Value;
      if (is_file_) return true;
      break;
    }
    case State::Value: {
      const std::size_t end = text.find(delimiter_, std::max(at_, searched_));
      if (end == std::string_view::npos) {
        searched_ = std::max(at_, text.size() - std::min(text.size(), delimiter_.size() - 1));
        return false;
      }
      form_.fields.push_back({name_, std::string(text.substr(at_, end - at_))});
      at_ = end;
      state_ = State::Boundary;
      break;
    }
  }
  searched_ = at_;
  moved = true;
  return false;
}

S3Result<void> FormHead::read_headers(std::string_view block) {
  bool named = false;
  while (!block.empty()) {
    const std::string_view line = block.substr(0, block.find("\r\n"));
    block.remove_prefix(std::min(line.size() + 2, block.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed();
    if (!http::same_name(trim(line.substr(0, colon)), "content-disposition")) continue;
    std::string_view rest = trim(line.substr(colon + 1));
    const std::size_t end = std::min(rest.find(';'), rest.size());
    if (named || !http::same_name(trim(rest.substr(0, end)), "form-data")) return malformed();
    rest.remove_prefix(end);
    Parameter parameter;
    while (take_parameter(rest, parameter)) {
      if (parameter.name == "name") {
        name_ = lower_case(parameter.value);
        named = true;
      }
      if (parameter.name == "filename") form_.file_name = last_component(parameter.value);
    }
  }
  if (!named || name_.empty()) return malformed();
  is_file_ = name_ == "file";
  if (!is_file_ && !is_ignored(name_) && form_.find(name_) != nullptr) {
    return S3Error(Code::InvalidArgument, "The form has two fields of the name " + name_ + ".").with("ArgumentName", name_).closing();
  }
  return {};
}

void FormFile::feed(std::string_view bytes) {
  if (taken_ > 0) {
    held_.erase(0, taken_);
    searched_ -= std::min(searched_, taken_);
    taken_ = 0;
  }
  held_ += bytes;
}

S3Result<std::string_view> FormFile::take() {
  if (!ended_) {
    const std::size_t at = held_.find(delimiter_, searched_);
    if (at == std::string::npos) {
      // What may be the beginning of a delimiter is held, and one byte more: the file's end is known before its last byte is given.
      const std::size_t keep = std::min(held_.size(), delimiter_.size());
      searched_ = held_.size() - std::min(held_.size(), delimiter_.size() - 1);
      const std::size_t until = held_.size() - keep;
      const std::string_view given = until <= taken_ ? std::string_view() : std::string_view(held_).substr(taken_, until - taken_);
      taken_ += given.size();
      given_ += given.size();
      return given;
    }
    searched_ = at;
    if (held_.size() < at + delimiter_.size() + 2) return std::string_view();
    const std::string_view after = std::string_view(held_).substr(at + delimiter_.size(), 2);
    if (after != "--" && after != "\r\n") return malformed();
    ended_ = true;
    end_ = at;
    bytes_ = given_ + (at - taken_);
  }
  const std::string_view given = std::string_view(held_).substr(taken_, end_ - taken_);
  taken_ = end_;
  given_ += given.size();
  return given;
}

}  // namespace beffroi::s3
