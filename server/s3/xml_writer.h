// SPDX-License-Identifier: EUPL-1.2
// Writes an XML document, in order. Text is escaped, control characters as &#xN; (a key may hold any of them
// but NUL).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beffroi::s3 {

inline constexpr std::string_view kXmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

class XmlWriter {
 public:
  // The declaration and the root element, with S3's namespace unless told otherwise.
  explicit XmlWriter(std::string_view root, std::string_view xml_namespace = kXmlNamespace);

  void open(std::string_view name);
  void close();
  void text(std::string_view value);  // inside the open element
  void element(std::string_view name, std::string_view value);
  void element(std::string_view name, std::uint64_t value);
  void flag(std::string_view name, bool value);  // true, false
  // Appends an attribute to the element just opened.
  void attribute(std::string_view name, std::string_view value);

  std::string finish() &&;  // closes what is open

 private:
  void end_tag();
  std::string out_;
  std::vector<std::string_view> open_;
  bool in_tag_ = false;
};

}  // namespace beffroi::s3
