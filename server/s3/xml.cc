// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/xml.h"

#include "crypto/utf8.h"
#include "server/s3/address.h"
#include "server/s3/conditions.h"
#include "server/s3/dates.h"
#include "server/s3/headers.h"
#include "server/s3/percent.h"
#include "server/s3/xml_node.h"

namespace beffroi::s3 {
namespace {

constexpr int kDepthMax = 16;

// White space alone may be a key, so it is kept; a document type is parsed only to be refused.
constexpr unsigned kParse =
    pugi::parse_escapes | pugi::parse_cdata | pugi::parse_eol | pugi::parse_ws_pcdata | pugi::parse_doctype;

// Whether the digits of a reference, hex or not, name no character: zero (pugixml's strings end at the first NUL, so the key would be cut
// short and the shorter one deleted), a surrogate, or what is beyond Unicode (pugixml lets the number wrap).
bool names_no_character(std::string_view digits, bool hex) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = std::min<std::uint32_t>(value * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit), 0x110000);
  }
  return value == 0 || value >= 0x110000 || (value >= 0xD800 && value <= 0xDFFF);
}

bool refers_to_no_character(std::string_view body) {
  for (std::size_t at = body.find("&#"); at != std::string_view::npos; at = body.find("&#", at + 2)) {
    std::string_view digits = body.substr(at + 2);
    const bool hex = digits.starts_with('x');
    if (hex) digits.remove_prefix(1);
    const std::size_t count = digits.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789");
    const std::size_t length = std::min(count, digits.size());
    if (length > 0 && names_no_character(digits.substr(0, length), hex)) return true;
  }
  return false;
}

class DepthCheck : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node&) override { return depth() < kDepthMax; }
};

std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  }
  return text;
}

}  // namespace

S3Error malformed_xml() {
  return S3Error(Code::MalformedXML);
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

S3Result<pugi::xml_node> parse_root(pugi::xml_document& document, std::string_view body,
                                    std::string_view name) {
  if (!valid_utf8(body) || body.find('\0') != std::string_view::npos || refers_to_no_character(body))
    return malformed_xml();
  const pugi::xml_parse_result parsed =
      document.load_buffer(body.data(), body.size(), kParse, pugi::encoding_utf8);
  if (!parsed) return malformed_xml();
  pugi::xml_node root;
  for (pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) return malformed_xml();
    if (node.type() != pugi::node_element) continue;
    if (root) return malformed_xml();
    root = node;
  }
  DepthCheck depth;
  if (!root || local_name(root) != name || !document.traverse(depth)) return malformed_xml();
  return root;
}

std::optional<std::string> child_text(const pugi::xml_node& node, std::string_view name, bool& repeated) {
  std::optional<std::string> text;
  for (pugi::xml_node child : node.children()) {
    if (child.type() != pugi::node_element || local_name(child) != name) continue;
    if (text) repeated = true;
    text = text_of(child);
  }
  return text;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

namespace {

S3Result<ObjectToDelete> read_object(const pugi::xml_node& node) {
  bool repeated = false;
  ObjectToDelete object;
  const auto key = child_text(node, "Key", repeated);
  if (!key || key->empty() || key->size() > kKeyBytesMax) return malformed_xml();
  object.key = *key;
  object.version_id = child_text(node, "VersionId", repeated);
  if (const auto etag = child_text(node, "ETag", repeated)) object.etag = unquoted(trimmed(*etag));
  if (const auto size = child_text(node, "Size", repeated)) {
    object.size = parse_decimal(trimmed(*size));
    if (!object.size) return malformed_xml();
  }
  if (const auto modified = child_text(node, "LastModifiedTime", repeated)) {
    const std::string text = trimmed(*modified);
    object.modified_ms = parse_http_date(text);
    if (!object.modified_ms) object.modified_ms = parse_iso8601(text);
    if (!object.modified_ms) return malformed_xml();
  }
  if (repeated) return malformed_xml();
  return object;
}

S3Result<PartToComplete> read_part(const pugi::xml_node& node) {
  bool repeated = false;
  PartToComplete part;
  const auto number = child_text(node, "PartNumber", repeated);
  const auto etag = child_text(node, "ETag", repeated);
  if (!number || !etag) return malformed_xml();
  const auto value = parse_decimal(trimmed(*number));
  if (!value) return malformed_xml();
  if (*value == 0 || *value > kPartNumberMax) {
    return S3Error(Code::InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
        .with("ArgumentName", "partNumber")
        .with("ArgumentValue", trimmed(*number));
  }
  part.number = static_cast<std::uint16_t>(*value);
  part.etag = unquoted(trimmed(*etag));
  for (ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    const auto text = child_text(node, checksum_element(algorithm), repeated);
    if (!text) continue;
    if (part.checksum.algorithm != ChecksumAlgorithm::None) return malformed_xml();
    S3Result<Bytes> bytes = parse_checksum_value(algorithm, trimmed(*text));
    if (!bytes) return bytes.error();
    part.checksum = {algorithm, ChecksumType::FullObject, std::move(*bytes)};
  }
  if (repeated) return malformed_xml();
  return part;
}

}  // namespace

S3Result<DeleteRequest> parse_delete(std::string_view body) {
  pugi::xml_document document;
  S3Result<pugi::xml_node> root = parse_root(document, body, "Delete");
  if (!root) return root.error();
  DeleteRequest request;
  bool repeated = false;
  if (const auto quiet = child_text(*root, "Quiet", repeated)) {
    const std::string text = trimmed(*quiet);
    if (text != "true" && text != "false") return malformed_xml();
    request.quiet = text == "true";
  }
  for (pugi::xml_node node : root->children()) {
    if (node.type() != pugi::node_element || local_name(node) != "Object") continue;
    if (request.objects.size() == kDeleteObjectsMax) return malformed_xml();
    S3Result<ObjectToDelete> object = read_object(node);
    if (!object) return object.error();
    request.objects.push_back(std::move(*object));
  }
  if (repeated || request.objects.empty()) return malformed_xml();
  return request;
}

S3Result<CompleteRequest> parse_complete(std::string_view body) {
  pugi::xml_document document;
  S3Result<pugi::xml_node> root = parse_root(document, body, "CompleteMultipartUpload");
  if (!root) return root.error();
  CompleteRequest request;
  for (pugi::xml_node node : root->children()) {
    if (node.type() != pugi::node_element || local_name(node) != "Part") continue;
    if (request.parts.size() == kPartNumberMax) return malformed_xml();
    S3Result<PartToComplete> part = read_part(node);
    if (!part) return part.error();
    if (!request.parts.empty() && part->number <= request.parts.back().number) {
      return S3Error(Code::InvalidPartOrder);
    }
    request.parts.push_back(std::move(*part));
  }
  if (request.parts.empty()) return malformed_xml();
  return request;
}

S3Result<storage::Versioning> parse_versioning(std::string_view body) {
  pugi::xml_document document;
  S3Result<pugi::xml_node> root = parse_root(document, body, "VersioningConfiguration");
  if (!root) return root.error();
  bool repeated = false;
  const std::string status = trimmed(child_text(*root, "Status", repeated).value_or(""));
  const std::string mfa = trimmed(child_text(*root, "MfaDelete", repeated).value_or("Disabled"));
  if (repeated) return malformed_xml();
  if (mfa != "Disabled") return S3Error(Code::NotImplemented, "MfaDelete is not implemented.");
  if (status == "Enabled") return storage::Versioning::Enabled;
  if (status == "Suspended") return storage::Versioning::Suspended;
  return S3Error(Code::IllegalVersioningConfigurationException);
}

S3Result<std::string> parse_create_bucket(std::string_view body) {
  if (body.empty()) return std::string();
  pugi::xml_document document;
  S3Result<pugi::xml_node> root = parse_root(document, body, "CreateBucketConfiguration");
  if (!root) return root.error();
  bool repeated = false;
  const auto location = child_text(*root, "LocationConstraint", repeated);
  if (repeated) return malformed_xml();
  return trimmed(location.value_or(std::string()));
}

}  // namespace beffroi::s3
