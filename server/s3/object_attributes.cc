// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/object_attributes.h"

#include <algorithm>

#include "server/s3/headers.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

constexpr std::string_view kHeader = "x-amz-object-attributes";

S3Error invalid(std::string_view name, std::string_view value, std::string message) {
  return S3Error(Code::InvalidArgument, std::move(message)).with("ArgumentName", std::string(name)).with("ArgumentValue", std::string(value));
}

bool choose(AttributesAsk& ask, std::string_view name) {
  const std::pair<std::string_view, bool*> known[] = {{"ETag", &ask.etag},
                                                      {"Checksum", &ask.checksum},
                                                      {"ObjectParts", &ask.parts},
                                                      {"StorageClass", &ask.storage_class},
                                                      {"ObjectSize", &ask.size}};
  for (const auto& [attribute, chosen] : known) {
    if (attribute == name) *chosen = true;
    if (attribute == name) return true;
  }
  return false;
}

S3Result<std::uint64_t> number_of(HeaderSpan headers, std::string_view name, std::uint64_t fallback) {
  const auto header = find_header(headers, name);
  if (!header) return fallback;
  const auto number = parse_decimal(*header);
  if (!number || *number > 2'147'483'647) return invalid(name, *header, "Provided " + std::string(name) + " not an integer or within integer range");
  return *number;
}

void checksum_element_of(XmlWriter& xml, const storage::Checksum& checksum) {
  if (checksum.algorithm != ChecksumAlgorithm::None) xml.element(checksum_element(checksum.algorithm), checksum_text(checksum));
}

void parts_element(XmlWriter& xml, const AttributesAsk& ask, const AttributesParts& parts) {
  xml.open("ObjectParts");
  const std::uint64_t last = parts.page.empty() ? ask.part_number_marker : parts.page.back().number;
  xml.flag("IsTruncated", !parts.page.empty() && last < parts.count);
  xml.element("MaxParts", ask.max_parts);
  xml.element("NextPartNumberMarker", last);
  for (const AttributesParts::Entry& part : parts.page) {
    xml.open("Part");
    checksum_element_of(xml, part.checksum);
    xml.element("PartNumber", part.number);
    xml.element("Size", part.size);
    xml.close();
  }
  xml.element("PartNumberMarker", ask.part_number_marker);
  xml.element("PartsCount", parts.count);
  xml.close();
}

}  // namespace

S3Result<AttributesAsk> read_attributes_ask(HeaderSpan headers) {
  AttributesAsk ask;
  bool any = false;
  // Clients send one field with commas, or one field an attribute.
  for (const http::Field& field : headers) {
    if (!http::same_name(field.name, kHeader)) continue;
    std::string_view names = field.value;
    while (!names.empty()) {
      const std::string_view piece = names.substr(0, names.find(','));
      names.remove_prefix(std::min(piece.size() + 1, names.size()));
      if (trim(piece).empty()) continue;
      if (!choose(ask, trim(piece))) return invalid(kHeader, trim(piece), "Invalid attribute name specified.");
      any = true;
    }
  }
  if (!any) return invalid(kHeader, "", "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty");
  const auto max = number_of(headers, "x-amz-max-parts", 1000);
  if (!max) return max.error();
  const auto marker = number_of(headers, "x-amz-part-number-marker", 0);
  if (!marker) return marker.error();
  ask.max_parts = std::min<std::uint64_t>(*max, 1000);
  ask.part_number_marker = *marker;
  return ask;
}

std::string object_attributes_xml(const AttributesAsk& ask, const storage::Object& object, const std::optional<AttributesParts>& parts) {
  XmlWriter xml("GetObjectAttributesResponse");
  if (ask.etag) xml.element("ETag", object.etag);
  if (ask.checksum && object.checksum.algorithm != ChecksumAlgorithm::None) {
    // The value alone: how many parts a composite one has stands in ObjectParts.
    xml.open("Checksum");
    checksum_element_of(xml, object.checksum);
    xml.element("ChecksumType", checksum_type_name(object.checksum.type));
    xml.close();
  }
  if (ask.parts && parts) parts_element(xml, ask, *parts);
  if (ask.storage_class) xml.element("StorageClass", "STANDARD");
  if (ask.size) xml.element("ObjectSize", object.size);
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
