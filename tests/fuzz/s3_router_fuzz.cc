// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: server/s3/router.cc server/s3/request.cc server/s3/operation.cc server/s3/address.cc server/s3/percent.cc server/s3/headers.cc
// sources: server/s3/errors.cc server/s3/xml_writer.cc server/http/request_head.cc server/http/errors.cc
// A request head's bytes to an operation: no crash, and what is routed agrees with its row of the table.
#include <cstdint>

#include "crypto/check.h"
#include "server/s3/headers.h"
#include "server/s3/router.h"

using namespace beffroi::s3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  beffroi::http::RequestHead head;
  const auto parsed_head = head.parse(input);
  if (!parsed_head || *parsed_head == 0) return 0;
  const RequestView view(head);
  S3Result<ParsedRequest> request = parse_request(view, Domains{{"d.fr"}, "v.org"});
  if (!request) {
    CHECK(request.error().status() >= 400);
    return 0;
  }
  const OperationRow& row = operation_row(request->operation);
  CHECK(method_name(row.method) == view.method);
  CHECK((row.level == Level::Service) == request->address.bucket.empty());
  CHECK((row.level == Level::Object) == !request->address.key.empty());
  CHECK(row.subresource.empty() || request->query.has(row.subresource));
  CHECK(row.header.empty() || has_header(view.headers, row.header));
  request->query.read_plus_as_space();
  (void)object_headers(view.headers);
  for (const Writes writes : {Writes::Bucket, Writes::Object}) (void)check_write_headers(view.headers, writes);
  return 0;
}
