// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: server/s3/range.cc server/s3/dates.cc server/s3/conditions.cc server/s3/checksum.cc server/s3/payload.cc server/s3/list_token.cc
// sources: server/s3/headers.cc server/s3/request.cc server/s3/percent.cc server/s3/errors.cc server/s3/xml_writer.cc
// sources: server/s3/customer_key.cc
// sources: server/http/request_head.cc server/http/errors.cc storage/engine/conditions.cc storage/engine/errors.cc
// Single header values: ranges stay within their object, dates and tokens read back what they wrote.
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/checksum.h"
#include "server/s3/conditions.h"
#include "server/s3/customer_key.h"
#include "server/s3/dates.h"
#include "server/s3/list_token.h"
#include "server/s3/range.h"

using namespace beffroi::s3;

namespace {

void check_range(std::string_view text) {
  for (std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0} >> 1}) {
    if (const auto spec = parse_range(text)) {
      if (S3Result<ByteRange> range = resolve_range(*spec, size)) {
        CHECK(range->length > 0 && range->first < size && range->length <= size - range->first);
      }
    }
    if (S3Result<ByteRange> range = parse_copy_range(text, size)) {
      CHECK(range->length > 0 && range->first < size && range->length <= size - range->first);
    }
  }
}

// The first line is the key, the second its MD5.
void check_customer(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::string_view rest = text.substr(std::min(first.size() + 1, text.size()));
  const std::string_view second = rest.substr(0, rest.find('\n'));
  const beffroi::http::Field fields[] = {
      {"x-amz-server-side-encryption-customer-algorithm", "AES256"},
      {"x-amz-server-side-encryption-customer-key", first},
      {"x-amz-server-side-encryption-customer-key-md5", second},
  };
  if (const auto key = read_customer_key(fields, KeyOf::Object)) CHECK(*key && (*key)->md5 == second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_range(text);
  if (const auto ms = parse_http_date(text)) CHECK(*ms % 1000 == 0);
  if (const auto ms = parse_basic_date(text)) CHECK(parse_basic_date(basic_date(*ms)) == ms);
  if (const auto ms = parse_iso8601(text)) CHECK(parse_iso8601(iso8601(*ms)) == ms);
  if (S3Result<std::string> last = decode_list_token(text)) CHECK(encode_list_token(*last) == text);
  check_customer(text);
  (void)if_range_holds(text, "etag", 0);
  for (const char* name : {"if-match", "if-none-match", "if-modified-since", "x-amz-if-match-size",
                           "content-md5", "x-amz-trailer", "x-amz-checksum-crc32", "x-amz-checksum-algorithm",
                           "x-amz-sdk-checksum-algorithm", "x-amz-checksum-type"}) {
    const beffroi::http::Field field{name, text};
    const HeaderSpan headers(&field, 1);
    (void)read_conditions(headers);
    (void)write_conditions(headers);
    (void)delete_conditions(headers);
    (void)content_md5(headers);
    (void)request_checksum(headers, Payload{PayloadKind::StreamingUnsignedTrailer, ""});
    (void)complete_checksum(headers);
    (void)upload_checksum(headers);
  }
  return 0;
}
