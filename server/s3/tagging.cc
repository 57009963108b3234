// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/tagging.h"

#include <algorithm>

#include "crypto/utf8.h"
#include "server/s3/percent.h"
#include "server/s3/xml_tree.h"
#include "server/s3/xml_writer.h"

namespace beffroi::s3 {
namespace {

S3Error invalid(std::string message) { return S3Error(Code::InvalidTag, std::move(message)); }

// Of valid UTF-8.
std::size_t characters(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

// LIMIT: Amazon allows Unicode's letters, digits and separators; here every character above ASCII is taken.
bool allowed(char c) {
  constexpr std::string_view kSigns = " _.:/=+-@";
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         kSigns.find(c) != std::string_view::npos;
}

S3Result<void> check_tag(const std::string& key, const std::string& value) {
  if (key.empty() || characters(key) > kTagKeyCharactersMax || !std::all_of(key.begin(), key.end(), allowed)) {
    return invalid("The TagKey you have provided is invalid").with("TagKey", key);
  }
  if (characters(value) > kTagValueCharactersMax || !std::all_of(value.begin(), value.end(), allowed)) {
    return invalid("The TagValue you have provided is invalid").with("TagKey", key).with("TagValue", value);
  }
  if (key.starts_with("aws:")) return invalid("System tags cannot be added/updated by requester").with("TagKey", key);
  return {};
}

bool has_key(const storage::Tags& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(), [key](const auto& tag) { return tag.first == key; });
}

S3Error too_many(std::size_t most) {
  return most == kObjectTagsMax ? invalid("Object tags cannot be greater than 10") : invalid("Bucket tag count cannot be greater than 50");
}

std::optional<std::string> decode_form(std::string_view raw) {
  std::string spaced(raw);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto text = percent_decode(spaced);
  if (!text || !valid_utf8(*text)) return std::nullopt;
  return text;
}

}  // namespace

S3Result<storage::Tags> parse_tag_header(std::string_view header) {
  const S3Error malformed = S3Error(Code::InvalidArgument,
                                    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
                                    "name duplicates.")
                                .with("ArgumentName", "x-amz-tagging")
                                .with("ArgumentValue", std::string(header));
  storage::Tags tags;
  while (!header.empty()) {
    const std::string_view piece = header.substr(0, header.find('&'));
    header.remove_prefix(std::min(piece.size() + 1, header.size()));
    if (piece.empty()) continue;
    const std::size_t equals = std::min(piece.find('='), piece.size());
    auto key = decode_form(piece.substr(0, equals));
    auto value = decode_form(piece.substr(std::min(equals + 1, piece.size())));
    if (!key || !value || has_key(tags, *key)) return malformed;
    if (auto good = check_tag(*key, *value); !good) return good.error();
    if (tags.size() == kObjectTagsMax) return too_many(kObjectTagsMax);
    tags.emplace_back(std::move(*key), std::move(*value));
  }
  return tags;
}

S3Result<storage::Tags> parse_tagging(std::string_view body, std::size_t most) {
  const auto root = parse_xml(body, "Tagging");
  if (!root) return root.error();
  const auto set = root->child("TagSet");
  if (!set) return set.error();
  if (*set == nullptr) return S3Error(Code::MalformedXML);
  storage::Tags tags;
  for (const XmlElement* tag : (*set)->all("Tag")) {
    const auto key = tag->child("Key");
    const auto value = tag->child("Value");
    if (!key || !value || *key == nullptr || *value == nullptr) return S3Error(Code::MalformedXML);
    if (has_key(tags, (*key)->text)) return invalid("Cannot provide multiple Tags with the same key").with("TagKey", (*key)->text);
    if (auto good = check_tag((*key)->text, (*value)->text); !good) return good.error();
    if (tags.size() == most) return too_many(most);
    tags.emplace_back((*key)->text, (*value)->text);
  }
  return tags;
}

std::string tagging_xml(const storage::Tags& tags) {
  storage::Tags sorted = tags;  // S3 knows no order; a reader who compares wants one
  std::sort(sorted.begin(), sorted.end());
  XmlWriter xml("Tagging");
  xml.open("TagSet");
  for (const auto& [key, value] : sorted) {
    xml.open("Tag");
    xml.element("Key", key);
    xml.element("Value", value);
    xml.close();
  }
  return std::move(xml).finish();
}

}  // namespace beffroi::s3
