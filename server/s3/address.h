// SPDX-License-Identifier: EUPL-1.2
// Where a request points: host and path to (collectivity, bucket, key). Pure: whether any of them exists is
// decided later, and a name that cannot exist is answered as one that does not.
//
// With D a configured domain (the longest that fits wins) and V the optional virtual domain:
//   D, an IP literal, a name under none of them   path style, in the signer's collectivity (unsigned: the
//                                                 default one); the bucket segment may be `slug:bucket`, or
//                                                 `:bucket` for the default one
//   slug.D                                        path style in that collectivity, whoever signs
//   bucket.slug.D                                 virtual-host style; the bucket may contain dots
//   bucket.V                                      virtual-host style in the signer's collectivity
// The path is percent-decoded once and then split, so `%2F` and `/` are the same byte; nothing is normalised.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/s3/errors.h"

namespace beffroi::s3 {

inline constexpr std::size_t kKeyBytesMax = 1024;

struct Domains {
  std::vector<std::string> domains;  // lower-case, without a trailing dot
  std::string virtual_domain;        // empty: none
};

enum class Style { Path, VirtualHost };
enum class Scope {
  Signer,   // the collectivity of whoever signs; unsigned: the default one
  Named,    // the collectivity of `slug`
  Default,  // the configured default collectivity, whoever signs
};

struct Address {
  Style style = Style::Path;
  Scope scope = Scope::Signer;
  std::string slug;    // with Scope::Named; not checked: a slug that cannot exist is one that does not
  std::string bucket;  // empty: the service itself
  std::string key;     // empty: the bucket itself

  bool operator==(const Address&) const = default;
};

// 400 InvalidURI (escape, NUL, UTF-8), InvalidBucketName or KeyTooLongError.
S3Result<Address> parse_address(std::string_view host, std::string_view raw_path, const Domains&);

// x-amz-copy-source: `[/][slug:]bucket/key[?versionId=...]`, percent-decoded once (a `+` is a space), split at the first
// `/`. It stands in the destination's namespace unless it carries a slug. An ARN is refused.
struct CopySource {
  std::optional<Scope> scope;  // Named or Default; nothing: the destination's
  std::string slug;
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};
S3Result<CopySource> parse_copy_source(std::string_view header);

// Whether a Host is `<bucket>.<slug>.D`, the one place where websites are served.
bool is_website_host(std::string_view host, const Domains&);

// S3's rules for new buckets: 3-63 of a-z 0-9 . -, a letter or digit at both ends, no `..`, not an IPv4
// address, no reserved prefix or suffix.
bool is_valid_bucket_name(std::string_view);

}  // namespace beffroi::s3
