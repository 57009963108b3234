// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/headers.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace beffroi::s3 {
namespace {

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string header_or_empty(HeaderSpan headers, std::string_view name) {
  return std::string(find_header(headers, name).value_or(std::string_view()));
}

// The codings but `aws-chunked`, which is the transfer's and not the object's.
std::string stored_content_encoding(std::string_view value) {
  std::string kept;
  while (!value.empty()) {
    const std::string_view piece = value.substr(0, value.find(','));
    value.remove_prefix(std::min(piece.size() + 1, value.size()));
    const std::string_view coding = trim(piece);
    if (coding.empty() || http::same_name(coding, "aws-chunked")) continue;
    if (!kept.empty()) kept += ", ";
    kept += coding;
  }
  return kept;
}

bool has_control(std::string_view value) {
  return std::any_of(value.begin(), value.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

S3Error argument_error(Code code, std::string_view name, std::string_view value) {
  return S3Error(code).with("ArgumentName", std::string(name)).with("ArgumentValue", std::string(value));
}

S3Error not_there(std::string_view name, std::string_view value) {
  return S3Error(Code::NotImplemented,
                 "The header " + std::string(name) + " implies functionality that is not implemented.")
      .with("Header", std::string(name))
      .with("ArgumentValue", std::string(value));
}

constexpr std::string_view kEncryption = "x-amz-server-side-encryption";
constexpr std::string_view kKmsKey = "x-amz-server-side-encryption-aws-kms-key-id";

// What is asked of encryption, but for a customer's key (customer_key.h).
S3Result<void> check_encryption(HeaderSpan headers) {
  const auto method = find_header(headers, kEncryption), kms_key = find_header(headers, kKmsKey);
  const auto is_method = [](const http::Field& field) { return http::same_name(field.name, kEncryption); };
  if (std::count_if(headers.begin(), headers.end(), is_method) > 1) return argument_error(Code::InvalidArgument, kEncryption, "two lines");
  if (method && method->starts_with("aws:")) return not_there(kEncryption, *method);
  if (method && *method != "AES256") {
    S3Error error = argument_error(Code::InvalidArgument, kEncryption, *method);
    error.message = "The encryption method specified is not supported";
    return error;
  }
  if (kms_key) {
    S3Error error = argument_error(Code::InvalidArgument, kKmsKey, *kms_key);
    error.message = "A key of KMS goes with the encryption method aws:kms only, which is not implemented: leave it out.";
    return error;
  }
  return {};
}

bool is_customer_key(std::string_view name, std::string_view family) {
  return name.starts_with(family) && (name == std::string(family) + "algorithm" || name == std::string(family) + "key" || name == std::string(family) + "key-md5");
}

S3Result<void> check_write_header(std::string_view name, std::string_view value) {
  if (name == "x-amz-storage-class") {
    if (value == "STANDARD") return {};
    return argument_error(Code::InvalidStorageClass, name, value);
  }
  if (name == "x-amz-server-side-encryption-bucket-key-enabled" && http::same_name(value, "false")) return {};
  const bool of_encryption = name.starts_with(kEncryption) || name.starts_with("x-amz-copy-source-server-side-encryption");
  if (of_encryption && name != kEncryption) return not_there(name, value);
  if (name == "x-amz-website-redirect-location") return check_redirect_location(value);
  if (name == "x-amz-write-offset-bytes") return not_there(name, value);
  return {};
}

S3Result<std::vector<std::pair<std::string, std::string>>> user_metadata(HeaderSpan headers) {
  std::map<std::string, std::string> metadata;
  for (const http::Field& field : headers) {
    if (!has_prefix_of_name(field.name, kMetadataPrefix)) continue;
    const std::string name = lower_case(field.name.substr(kMetadataPrefix.size()));
    if (name.empty()) return argument_error(Code::InvalidArgument, field.name, field.value);
    const auto [entry, fresh] = metadata.try_emplace(name, field.value);
    if (!fresh) entry->second.append(",").append(field.value);
  }
  std::size_t bytes = 0;
  for (const auto& [name, value] : metadata) bytes += name.size() + value.size();
  if (bytes > kUserMetadataBytesMax) {
    return S3Error(Code::MetadataTooLarge)
        .with("Size", std::to_string(bytes))
        .with("MaxSizeAllowed", std::to_string(kUserMetadataBytesMax));
  }
  return std::vector<std::pair<std::string, std::string>>(metadata.begin(), metadata.end());
}

S3Result<bool> replaces(HeaderSpan headers, std::string_view name) {
  const std::string_view directive = find_header(headers, name).value_or("COPY");
  if (directive == "COPY") return S3Result<bool>(boost::system::in_place_value, false);
  if (directive == "REPLACE") return S3Result<bool>(boost::system::in_place_value, true);
  return argument_error(Code::InvalidArgument, name, directive);
}

}  // namespace

bool has_prefix_of_name(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && http::same_name(name.substr(0, prefix.size()), prefix);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string_view> find_header(HeaderSpan headers, std::string_view name) {
  for (const http::Field& field : headers) {
    if (http::same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool has_header(HeaderSpan headers, std::string_view name) {
  return find_header(headers, name).has_value();
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

S3Result<storage::ObjectHeaders> object_headers(HeaderSpan headers) {
  auto metadata = user_metadata(headers);
  if (!metadata) return metadata.error();
  storage::ObjectHeaders object;
  object.content_type = header_or_empty(headers, "content-type");
  object.content_encoding = stored_content_encoding(header_or_empty(headers, "content-encoding"));
  object.content_disposition = header_or_empty(headers, "content-disposition");
  object.content_language = header_or_empty(headers, "content-language");
  object.cache_control = header_or_empty(headers, "cache-control");
  object.expires = header_or_empty(headers, "expires");
  object.website_redirect = header_or_empty(headers, "x-amz-website-redirect-location");
  object.metadata = std::move(*metadata);
  return object;
}

S3Result<void> check_redirect_location(std::string_view location) {
  constexpr std::size_t kRedirectBytesMax = 2048;
  const bool known = location.starts_with('/') || location.starts_with("http://") || location.starts_with("https://");
  if (known && !has_control(location) && location.size() <= kRedirectBytesMax) return {};
  return S3Error(Code::InvalidRedirectLocation).with("ArgumentName", "x-amz-website-redirect-location");
}

S3Result<storage::ObjectHeaders> with_response_overrides(storage::ObjectHeaders stored, const Query& query) {
  const std::pair<std::string_view, std::string*> overrides[] = {
      {"response-cache-control", &stored.cache_control},
      {"response-content-disposition", &stored.content_disposition},
      {"response-content-encoding", &stored.content_encoding},
      {"response-content-language", &stored.content_language},
      {"response-content-type", &stored.content_type},
      {"response-expires", &stored.expires},
  };
  for (const auto& [name, field] : overrides) {
    const std::string* value = query.find(name);
    if (value == nullptr) continue;
    if (has_control(*value)) return argument_error(Code::InvalidArgument, name, *value);
    *field = *value;
  }
  return stored;
}

S3Result<bool> metadata_replaced(HeaderSpan headers) { return replaces(headers, "x-amz-metadata-directive"); }

S3Result<bool> tagging_replaced(HeaderSpan headers) { return replaces(headers, "x-amz-tagging-directive"); }

S3Result<void> check_read_headers(HeaderSpan headers) {
  for (const std::string_view name : {kEncryption, kKmsKey}) {
    if (!has_header(headers, name)) continue;
    return S3Error(Code::InvalidArgument, std::string(name) + " header is not supported for this operation.").with("ArgumentName", std::string(name));
  }
  return {};
}

S3Result<void> check_write_headers(HeaderSpan headers, Writes writes) {
  if (auto good = check_encryption(headers); !good) return good;
  const bool copies = has_header(headers, "x-amz-copy-source");
  for (const http::Field& field : headers) {
    if (!has_prefix_of_name(field.name, "x-amz-")) continue;
    const std::string name = lower_case(field.name);
    if (writes == Writes::Object && is_customer_key(name, "x-amz-server-side-encryption-customer-")) continue;
    if (writes == Writes::Object && copies && is_customer_key(name, "x-amz-copy-source-server-side-encryption-customer-")) continue;
    if (S3Result<void> good = check_write_header(name, field.value); !good) return good;
  }
  return {};
}

}  // namespace beffroi::s3
