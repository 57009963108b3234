// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/xml_writer.h"

#include <cstdio>

#include "crypto/check.h"

namespace beffroi::s3 {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // A reader normalises CR and LF; as references they survive, as do the controls that XML 1.0 has no
        // other way to write.
        if (byte < 0x20 || byte == 0x7f) {
          char reference[8];
          std::snprintf(reference, sizeof reference, "&#x%X;", byte);
          out += reference;
        } else {
          out += c;
        }
    }
  }
}

}  // namespace

XmlWriter::XmlWriter(std::string_view root, std::string_view xml_namespace) {
  out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  open(root);
  if (!xml_namespace.empty()) attribute("xmlns", xml_namespace);
}

void XmlWriter::end_tag() {
  if (in_tag_) out_ += '>';
  in_tag_ = false;
}

void XmlWriter::open(std::string_view name) {
  end_tag();
  out_ += '<';
  out_ += name;
  open_.push_back(name);
  in_tag_ = true;
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
  CHECK(in_tag_);
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  append_escaped(out_, value);
  out_ += '"';
}

void XmlWriter::close() {
  CHECK(!open_.empty());
  end_tag();
  out_ += "</";
  out_ += open_.back();
  out_ += '>';
  open_.pop_back();
}

void XmlWriter::text(std::string_view value) {
  end_tag();
  append_escaped(out_, value);
}

void XmlWriter::element(std::string_view name, std::string_view value) {
  open(name);
  text(value);
  close();
}

void XmlWriter::element(std::string_view name, std::uint64_t value) {
  element(name, std::to_string(value));
}

void XmlWriter::flag(std::string_view name, bool value) {
  element(name, value ? "true" : "false");
}

std::string XmlWriter::finish() && {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace beffroi::s3
