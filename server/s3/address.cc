// SPDX-License-Identifier: EUPL-1.2
#include "server/s3/address.h"

#include <algorithm>

#include "crypto/utf8.h"
#include "server/s3/percent.h"

namespace beffroi::s3 {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

bool looks_like_ipv4(std::string_view s) {
  return std::count(s.begin(), s.end(), '.') == 3 &&
         std::all_of(s.begin(), s.end(), [](char c) { return is_digit(c) || c == '.'; });
}

// Lower-cased, without port and trailing dot. An IPv6 literal keeps its brackets.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(0, host.find(']') + 1);
  } else {
    host = host.substr(0, host.rfind(':'));
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

// What stands before `.domain`; nothing when `name` is not under it.
std::optional<std::string_view> labels_under(std::string_view name, std::string_view domain) {
  if (domain.empty() || name.size() <= domain.size() + 1 || !name.ends_with(domain)) return std::nullopt;
  const std::string_view rest = name.substr(0, name.size() - domain.size());
  if (!rest.ends_with('.')) return std::nullopt;
  return rest.substr(0, rest.size() - 1);
}

struct Place {
  Address address;
  bool may_name_collectivity = false;  // `slug:bucket` in the path
};

Place place_of_host(std::string_view name, const Domains& domains) {
  Place place;
  std::string_view labels;
  std::size_t longest = 0;
  for (const std::string& domain : domains.domains) {
    if (domain.size() <= longest) continue;
    if (name == domain) {
      labels = {};
      longest = domain.size();
    } else if (auto under = labels_under(name, domain)) {
      labels = *under;
      longest = domain.size();
    }
  }
  if (labels.empty()) {
    const auto bucket = longest == 0 ? labels_under(name, domains.virtual_domain) : std::nullopt;
    if (!bucket) {
      place.may_name_collectivity = true;
      return place;
    }
    place.address.style = Style::VirtualHost;
    place.address.bucket = *bucket;
    return place;
  }
  place.address.scope = Scope::Named;
  const std::size_t dot = labels.rfind('.');
  place.address.slug = labels.substr(dot == std::string_view::npos ? 0 : dot + 1);
  if (dot != std::string_view::npos) {
    place.address.style = Style::VirtualHost;
    place.address.bucket = labels.substr(0, dot);
  }
  return place;
}

// `slug:bucket` or `:bucket` apart; whether there was a colon.
bool split_collectivity(std::string& bucket, Scope& scope, std::string& slug) {
  const std::size_t colon = bucket.find(':');
  if (colon == std::string::npos) return false;
  slug = bucket.substr(0, colon);
  scope = slug.empty() ? Scope::Default : Scope::Named;
  bucket.erase(0, colon + 1);
  return true;
}

S3Result<std::string> decode_text(std::string_view raw) {
  std::optional<std::string> text = percent_decode(raw);
  if (!text || !valid_utf8(*text)) return S3Error(Code::InvalidURI);
  return std::move(*text);
}

S3Error key_too_long(std::size_t bytes) {
  return S3Error(Code::KeyTooLongError)
      .with("Size", std::to_string(bytes))
      .with("MaxSizeAllowed", std::to_string(kKeyBytesMax));
}

}  // namespace

S3Result<Address> parse_address(std::string_view host, std::string_view raw_path, const Domains& domains) {
  if (!raw_path.starts_with('/')) return S3Error(Code::InvalidURI);
  S3Result<std::string> decoded = decode_text(raw_path.substr(1));
  if (!decoded) return decoded.error();

  Place place = place_of_host(host_name(host), domains);
  Address& address = place.address;
  std::string& rest = *decoded;
  if (address.style == Style::Path) {
    if (rest.empty()) return address;
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    address.bucket = rest.substr(0, slash);
    rest.erase(0, std::min(slash + 1, rest.size()));
    if (place.may_name_collectivity) split_collectivity(address.bucket, address.scope, address.slug);
  }
  if (!is_valid_bucket_name(address.bucket)) {
    return S3Error(Code::InvalidBucketName).with("BucketName", address.bucket);
  }
  if (rest.size() > kKeyBytesMax) return key_too_long(rest.size());
  address.key = std::move(rest);
  return std::move(address);
}

bool is_website_host(std::string_view host, const Domains& domains) {
  const Address address = place_of_host(host_name(host), domains).address;
  return address.style == Style::VirtualHost && address.scope == Scope::Named;
}

S3Result<CopySource> parse_copy_source(std::string_view header) {
  const S3Error invalid(Code::InvalidArgument,
                        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  CopySource source;
  // The literal separator only: a `?versionId=` of a key arrives encoded.
  const std::size_t question = header.find("?versionId=");
  if (question != std::string_view::npos) {
    const auto version = percent_decode(header.substr(question + sizeof "?versionId=" - 1));
    if (!version || version->empty()) return invalid;
    source.version_id = *version;
    header = header.substr(0, question);
  }
  // As in a form: s5cmd writes a space so, and all others write a plus as %2B, because Amazon reads it so.
  std::string spaced(header);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  const auto decoded = percent_decode(spaced);
  if (!decoded || !valid_utf8(*decoded)) return invalid;
  std::string_view path = *decoded;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.starts_with("arn:")) {
    return S3Error(Code::InvalidArgument, "An ARN is not supported as copy source; use bucket/key.");
  }
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return invalid;
  source.bucket = path.substr(0, slash);
  source.key = path.substr(slash + 1);
  Scope scope = Scope::Signer;
  if (split_collectivity(source.bucket, scope, source.slug)) source.scope = scope;
  if (!is_valid_bucket_name(source.bucket)) {
    return S3Error(Code::InvalidBucketName).with("BucketName", source.bucket);
  }
  if (source.key.size() > kKeyBytesMax) return key_too_long(source.key.size());
  return source;
}

bool is_valid_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  for (char c : name) {
    if (!is_letter_or_digit(c) && c != '-' && c != '.') return false;
  }
  // A dot parts labels of host names, which neither begin nor end with a hyphen.
  for (std::string_view pair : {"..", ".-", "-."}) {
    if (name.find(pair) != std::string_view::npos) return false;
  }
  if (looks_like_ipv4(name)) return false;
  for (std::string_view prefix : {"xn--", "sthree-"}) {
    if (name.starts_with(prefix)) return false;
  }
  for (std::string_view suffix : {"-s3alias", "--ol-s3"}) {
    if (name.ends_with(suffix)) return false;
  }
  return true;
}

}  // namespace beffroi::s3
