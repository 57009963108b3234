// SPDX-License-Identifier: EUPL-1.2
// RequestHead on any bytes: it stays inside the buffer, an error or a length at one cut holds at every longer one, and
// what it accepts, written again from its parts, reads the same.
// sources: server/http/request_head.cc server/http/errors.cc
// links: crypto
#include <cstdint>
#include <string>

#include "crypto/check.h"
#include "server/http/request_head.h"

using namespace beffroi;
using http::Field;
using http::RequestHead;

namespace {

bool inside(BytesView buffer, std::string_view view) {
  return view.empty() ||
         (view.data() >= buffer.data() && view.data() + view.size() <= buffer.data() + buffer.size());
}

std::string write_again(const RequestHead& head) {
  std::string out(head.method());
  out.append(" ").append(head.path());
  if (head.has_query()) out.append("?").append(head.query());
  out.append(" HTTP/1.").append(std::to_string(head.version_minor())).append("\r\n");
  for (const Field& field : head.fields())
    out.append(field.name).append(":").append(field.value).append("\r\n");
  return out.append("\r\n");
}

void check_accepted(BytesView buffer, std::size_t size, const RequestHead& head) {
  CHECK(size <= buffer.size() && size <= http::kHeadBytesMax);
  CHECK(buffer.substr(0, size).ends_with("\r\n\r\n"));
  CHECK(head.fields().size() <= http::kFieldsMax);
  CHECK(!(head.chunked() && head.content_length()));
  CHECK(inside(buffer, head.target()) && head.target().starts_with('/'));
  for (const Field& field : head.fields()) {
    CHECK(inside(buffer, field.name) && inside(buffer, field.value) && !field.name.empty());
    CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) == field.value.npos);
  }
  const std::string again = write_again(head);
  RequestHead second;
  const Result<std::size_t> parsed = second.parse(again);
  CHECK(parsed && *parsed == again.size());
  CHECK(write_again(second) == again);
  CHECK(second.chunked() == head.chunked() && second.content_length() == head.content_length());
  CHECK(second.keep_alive() == head.keep_alive() && second.expects_continue() == head.expects_continue());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView buffer(reinterpret_cast<const char*>(data), size);
  RequestHead head;
  const Result<std::size_t> whole = head.parse(buffer);
  if (whole && *whole > 0) check_accepted(buffer, *whole, head);
  RequestHead cut;
  const Result<std::size_t> half = cut.parse(buffer.substr(0, size / 2));
  if (!half) CHECK(!whole && whole.error() == half.error());
  if (half && *half > 0) CHECK(whole && *whole == *half);
  return 0;
}
