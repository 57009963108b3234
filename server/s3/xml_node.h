// SPDX-License-Identifier: EUPL-1.2
// What the parsers of XML bodies share (xml*.cc, the only files that know pugixml).
#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "server/s3/errors.h"

namespace beffroi::s3 {

S3Error malformed_xml();

// The root element of that name, in a document that is nothing but it.
S3Result<pugi::xml_node> parse_root(pugi::xml_document&, std::string_view body, std::string_view name);

// The name without a namespace prefix.
std::string_view local_name(const pugi::xml_node&);

// The text of the one child of that name; nothing when there is none. `repeated` becomes true when there are more.
std::optional<std::string> child_text(const pugi::xml_node&, std::string_view name, bool& repeated);

std::string trimmed(std::string_view);  // of XML's white space

}  // namespace beffroi::s3
