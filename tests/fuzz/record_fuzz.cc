// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: storage/index/record.cc storage/index/keys.cc
// Records and escaped keys: what is accepted encodes back to exactly the bytes that were read.
#include "crypto/bytes.h"
#include "crypto/check.h"
#include "storage/index/keys.h"
#include "storage/index/record.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

void check_record(BytesView input) {
  RecordReader reader(input);
  RecordWriter writer;
  while (reader.next()) writer.field(reader.tag(), reader.bytes());
  if (reader.status()) CHECK(writer.take() == input);
}

// Fields read as integers: one value, one encoding.
void check_integers(BytesView input) {
  RecordReader reader(input);
  RecordWriter writer;
  while (reader.next()) {
    switch (reader.tag() % 4) {
      case 0:
        writer.field(reader.tag(), reader.integer<std::uint8_t>());
        break;
      case 1:
        writer.field(reader.tag(), reader.integer<std::uint32_t>());
        break;
      case 2:
        writer.field(reader.tag(), reader.integer<std::int64_t>());
        break;
      default:
        reader.unknown();
    }
  }
  if (reader.status()) CHECK(writer.take() == input);
}

void check_escape(BytesView input) {
  Bytes key;
  std::size_t taken = 0;
  if (keys::unescape(input, key, taken)) CHECK(keys::escape(key) == input.substr(0, taken));
  const Bytes escaped = keys::escape(input);
  CHECK(keys::unescape(escaped, key, taken) && key == input && taken == escaped.size());
  const BytesView half = input.substr(0, input.size() / 2);
  CHECK((half < input) == (keys::escape(half) < escaped));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(reinterpret_cast<const char*>(data), size);
  check_record(input);
  check_integers(input);
  check_escape(input);
  return 0;
}
