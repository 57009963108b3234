// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: server/s3/address.cc server/s3/percent.cc server/s3/errors.cc server/s3/xml_writer.cc
// Host and path to an address, and x-amz-copy-source: no crash, and an accepted address written again as a
// path reads back the same.
#include <algorithm>
#include <cstdint>

#include "crypto/check.h"
#include "crypto/utf8.h"
#include "server/s3/address.h"
#include "server/s3/percent.h"

using namespace beffroi::s3;

namespace {

S3Result<Address> check_address(std::string_view host, std::string_view path) {
  S3Result<Address> address = parse_address(host, path, Domains{{"d.fr", "s3.d.fr"}, "v.org"});
  if (!address) return address;
  CHECK(address->key.size() <= kKeyBytesMax && beffroi::valid_utf8(address->key));
  CHECK(address->key.find('\0') == std::string::npos);
  CHECK(address->key.empty() || !address->bucket.empty());
  CHECK(address->bucket.empty() || is_valid_bucket_name(address->bucket));
  return address;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find('\n'), input.size());
  (void)check_address(input.substr(0, cut), input.substr(std::min(cut + 1, input.size())));
  const S3Result<Address> address = check_address("slug.d.fr", input);
  if (address && !address->bucket.empty()) {
    const std::string path = "/" + address->bucket + "/" + percent_encode(address->key, Slash::Keep);
    CHECK(*check_address("slug.d.fr", path) == *address);
  }
  S3Result<CopySource> source = parse_copy_source(input);
  if (source) CHECK(is_valid_bucket_name(source->bucket) && !source->key.empty());
  return 0;
}
