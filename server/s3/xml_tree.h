// SPDX-License-Identifier: EUPL-1.2
// A small XML document read whole into elements, for the settings of buckets: what xml.h says of documents holds here too. Elements
// that a reader does not ask for are skipped. A document of n bytes becomes at most n / 4 elements, so rows that read one bound its
// bytes (kSettingBodyBytesMax).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/s3/errors.h"

namespace beffroi::s3 {

struct XmlElement {
  std::string name;  // without a namespace prefix
  std::string text;  // its own, as it stands
  std::vector<XmlElement> children;

  std::string trimmed() const;  // the text without white space at both ends
  // The one child of that name, or null. 400 MalformedXML when there are more.
  S3Result<const XmlElement*> child(std::string_view child_name) const;
  // The trimmed text of the one child of that name, empty when there is none. 400 MalformedXML when there are more.
  S3Result<std::string> child_text(std::string_view child_name) const;
  std::vector<const XmlElement*> all(std::string_view child_name) const;
};

// The root element, which must have that name. 400 MalformedXML.
S3Result<XmlElement> parse_xml(std::string_view body, std::string_view root);

}  // namespace beffroi::s3
