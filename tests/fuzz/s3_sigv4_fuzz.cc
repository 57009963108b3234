// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: server/s3/sigv4.cc server/s3/sigv4_claim.cc server/s3/canonical_request.cc server/s3/payload.cc server/s3/request.cc
// sources: server/s3/headers.cc server/s3/dates.cc server/s3/percent.cc server/s3/errors.cc server/s3/xml_writer.cc
// sources: server/http/request_head.cc server/http/errors.cc
// Credentials out of any request head: no crash; nothing verifies that was not signed; the hash that is fed
// equals the hash of the text that is built.
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/canonical_request.h"
#include "server/s3/sigv4.h"

using namespace beffroi::s3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  beffroi::http::RequestHead head;
  const auto parsed_head = head.parse(input);
  if (!parsed_head || *parsed_head == 0) return 0;
  const RequestView view(head);
  const S3Result<Query> query = Query::parse(view.query);
  if (!query) return 0;
  const auto claim = parse_sigv4(view, *query);
  if (!claim || !*claim) return 0;
  CHECK((*claim)->signature.size() == 64 && !(*claim)->access_key_id.empty());
  (void)check_sigv4_time(**claim, 1'763'973'000'000);
  const SigningKey key("a secret that no input was signed with", (*claim)->date, (*claim)->region);
  CHECK(verify_sigv4(**claim, view, *query, key).has_error());
  for (int bits = 0; bits < 8; ++bits) {
    const SigV4Proof reading{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    CHECK(canonical_request_sha256(**claim, view, *query, reading) ==
          beffroi::crypto::sha256(canonical_request(**claim, view, *query, reading)));
  }
  return 0;
}
