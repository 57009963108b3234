// SPDX-License-Identifier: EUPL-1.2
// links: crypto pugixml boost_json
// sources: server/s3/post_form.cc server/s3/post_policy.cc server/s3/address.cc server/s3/headers.cc server/s3/dates.cc
// sources: server/s3/percent.cc server/s3/request.cc server/s3/errors.cc server/s3/xml_writer.cc
// sources: server/http/request_head.cc server/http/errors.cc
// Forms: the first byte says in what pieces the body comes. However it comes, the same fields and the same file are read, or the same
// refusal; the file's end is known before its last byte is given; and a policy never panics.
#include <cstdint>
#include <optional>

#include "crypto/bytes.h"
#include "crypto/check.h"
#include "server/s3/post_policy.h"

using namespace beffroi::s3;

namespace {

struct Outcome {
  std::optional<Code> refused;
  PostForm form;
  std::string bytes;
};

Outcome read(std::string_view body, std::size_t step) {
  Outcome outcome;
  FormHead head("B");
  std::size_t at = 0;
  while (true) {
    if (at >= body.size()) {
      outcome.refused = FormHead::no_file().code;
      return outcome;
    }
    const auto reached = head.feed(body.substr(at, step));
    at += step;
    if (reached.has_error()) {
      outcome.refused = reached.error().code;
      return outcome;
    }
    if (*reached) break;
  }
  outcome.form = head.form();
  FormFile file(head.delimiter(), head.rest());
  while (true) {
    const bool ended = file.ended();
    const auto piece = file.take();
    if (!piece) {
      outcome.refused = piece.error().code;
      return outcome;
    }
    if (!ended && file.ended() && file.bytes() > 0) CHECK(outcome.bytes.size() < file.bytes());
    outcome.bytes += *piece;
    if (!piece->empty()) continue;
    if (file.ended()) break;
    if (at >= body.size()) {
      outcome.refused = Code::MalformedPOSTRequest;
      return outcome;
    }
    file.feed(body.substr(at, step));
    at += step;
  }
  CHECK(file.bytes() == outcome.bytes.size());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(body, body.size() + 1);
  const Outcome pieces = read(body, data[0] % 64 + 1u);
  // Where a head is refused for its size depends on how much of it came at once.
  const bool large = whole.refused == Code::MaxPostPreDataLengthExceeded || pieces.refused == Code::MaxPostPreDataLengthExceeded;
  if (!large) {
    CHECK(whole.refused == pieces.refused);
    CHECK(whole.refused || whole.bytes == pieces.bytes);
    CHECK(whole.refused || whole.form.fields.size() == pieces.form.fields.size());
  }
  if (!whole.refused) {
    (void)form_headers(whole.form);
    if (const auto key = form_key(whole.form)) CHECK(!key->empty() && key->size() <= 1024);
  }
  (void)form_boundary(body);
  if (const auto policy = parse_post_policy(beffroi::to_base64(body))) {
    (void)check_post_policy(*policy, whole.form, "b", "k", 0);
  }
  return 0;
}
