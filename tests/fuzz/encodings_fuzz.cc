// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// Hex, base 32, base 64 and varints: whatever is accepted encodes back to exactly the bytes that were read; version ids take any
// text.
#include <algorithm>

#include "crypto/bytes.h"
#include "crypto/check.h"
#include "crypto/version_id.h"

using namespace beffroi;

namespace {

void check_varints(BytesView input) {
  ByteReader in(input);
  Bytes again;
  while (in.ok() && !in.at_end()) {
    const BytesView before = in.rest();
    const std::uint64_t value = in.varint();
    if (!in.ok()) break;
    again.clear();
    append_varint(again, value);
    CHECK(before.substr(0, before.size() - in.rest().size()) == again);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = from_hex(input)) {
    std::string lower(input);
    std::replace_if(
        lower.begin(), lower.end(), [](char c) { return c >= 'A' && c <= 'F'; }, '\0');
    for (std::size_t i = 0; i < lower.size(); ++i) {
      if (lower[i] == '\0') lower[i] = static_cast<char>(input[i] - 'A' + 'a');
    }
    CHECK(to_hex(*bytes) == lower);
  }
  if (const auto bytes = from_base32(input)) CHECK(to_base32(*bytes) == input);
  if (const auto bytes = from_base64(input)) CHECK(to_base64(*bytes) == input);
  if (const auto bytes = from_base64url(input)) CHECK(to_base64url(*bytes) == input);
  CHECK(from_base64(to_base64(input)) == input);
  CHECK(from_base32(to_base32(input)) == input);
  CHECK(from_hex(to_hex(input)) == input);
  check_varints(input);
  static const crypto::IdKey id_key(Bytes(32, 'i'));
  if (crypto::sequence_of(id_key, input))
    CHECK(input.size() == crypto::kVersionIdChars && from_base32(input));
  return 0;
}
