// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/xml_tree.h"

#include "server/s3/xml_node.h"

namespace beffroi::s3 {
namespace {

// The depth is bounded by parse_root().
XmlElement element_of(const pugi::xml_node& node) {
  XmlElement element{std::string(local_name(node)), {}, {}};
  for (pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) element.children.push_back(element_of(child));
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) element.text += child.value();
  }
  return element;
}

}  // namespace

S3Result<XmlElement> parse_xml(std::string_view body, std::string_view root_name) {
  pugi::xml_document document;
  S3Result<pugi::xml_node> root = parse_root(document, body, root_name);
  if (!root) return root.error();
  return element_of(*root);
}

std::string XmlElement::trimmed() const { return s3::trimmed(text); }

S3Result<const XmlElement*> XmlElement::child(std::string_view child_name) const {
  const XmlElement* found = nullptr;
  for (const XmlElement& element : children) {
    if (element.name != child_name) continue;
    if (found != nullptr) return S3Error(Code::MalformedXML);
    found = &element;
  }
  return found;
}

S3Result<std::string> XmlElement::child_text(std::string_view child_name) const {
  const auto found = child(child_name);
  if (!found) return found.error();
  return *found == nullptr ? std::string() : (*found)->trimmed();
}

std::vector<const XmlElement*> XmlElement::all(std::string_view child_name) const {
  std::vector<const XmlElement*> found;
  for (const XmlElement& element : children) {
    if (element.name == child_name) found.push_back(&element);
  }
  return found;
}

}  // namespace beffroi::s3
