// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// sources: storage/log/log_format.cc
// The decoders of the commit log: the first byte says which. Whatever decodes encodes back to exactly the bytes that were read.
#include <algorithm>

#include "crypto/check.h"
#include "crypto/crc.h"
#include "storage/log/log_format.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

// The rest of the block is zeros and the checksum is made right, so that the fuzzer gets past both; or neither.
void fuzz_log_header(BytesView input, bool repaired) {
  Bytes block(input.substr(0, kLogHeaderBytes));
  if (repaired) {
    block.resize(kLogHeaderUsedBytes - 4, '\0');
    append_le(block, crypto::crc32c(0, block));
    block.resize(kLogHeaderBytes, '\0');
  }
  const auto header = decode_log_header(block);
  if (header) CHECK(encode_log_header(*header) == block);
}

void fuzz_frame_header(BytesView input) {
  const auto header = decode_frame_header(input);
  if (!header) return;
  CHECK(header->body_bytes <= kFrameBodyBytesMax);
  const auto again = encode_frame_header(*header);
  CHECK(BytesView(again.data(), again.size()) == input.substr(0, kFrameHeaderBytes));
}

void fuzz_rows(BytesView input) {
  const auto rows = decode_rows(input);
  if (!rows) return;
  Bytes again;
  for (const LogRow& row : *rows) append_row(again, row);
  CHECK(again == input);
}

void fuzz_names(BytesView input) {
  if (const auto name = parse_log_file_name(input)) CHECK(log_file_name(*name) == input);
  if (const auto number = parse_spare_file_name(input))
    CHECK(parse_spare_file_name(spare_file_name(*number)) == number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      fuzz_log_header(input, false);
      break;
    case 1:
      fuzz_log_header(input, true);
      break;
    case 2:
      fuzz_frame_header(input);
      break;
    case 3:
      fuzz_rows(input);
      break;
    case 4:
      fuzz_names(input);
      break;
  }
  return 0;
}
