// SPDX-License-Identifier: EUPL-1.2
// links: crypto
// Sealed rows, pages and chunks as they might come from a disk that lies: nothing that was not sealed opens, what was sealed
// comes back, and with one byte changed it does not.
#include "crypto/check.h"
#include "crypto/chunk_open.h"
#include "crypto/chunk_seal.h"
#include "crypto/page_seal.h"
#include "crypto/row_seal.h"

using namespace beffroi;
using namespace beffroi::crypto;

namespace {

constexpr RowPlace kRow{2, "key"};
constexpr ChunkPlace kPlace{16, 1, 0};

void check_row(BytesView input, std::uint16_t where, std::uint8_t change) {
  static const RowSealer sealer(RowKey(Bytes(32, 'r')), 0x0101);
  CHECK(!sealer.open(kRow, input));
  CHECK(seal_fingerprint(input).has_value() == (input.size() >= kSealedRowOverheadBytes));
  Bytes sealed = sealer.seal(kRow, input);
  CHECK(sealer.open(kRow, sealed) && *sealer.open(kRow, sealed) == input);
  const std::size_t at = where % sealed.size();
  sealed[at] = static_cast<char>(sealed[at] ^ change);
  CHECK(!sealer.open(kRow, sealed));
}

void check_page(BytesView input, std::uint16_t where, std::uint8_t change) {
  static const PageSealer sealer(FileKey(Bytes(32, 'f')));
  Bytes payload(kPagePayloadBytes, '\0');
  Bytes page(input.substr(0, kPageBytes));
  page.resize(kPageBytes);
  CHECK(!sealer.open(1, page, payload));
  const BytesView plain = input.substr(0, kPagePayloadBytes);
  sealer.seal(1, 0, plain, page);
  const auto opened = sealer.open(1, page, payload);
  CHECK(opened && opened->length == plain.size() && BytesView(payload).substr(0, plain.size()) == plain);
  page[where % kPageBytes] = static_cast<char>(page[where % kPageBytes] ^ change);
  CHECK(!sealer.open(1, page, payload));
}

void check_chunk(BytesView input, std::uint16_t where, std::uint8_t change) {
  const BytesView plain = input.substr(0, kChunkBytes);
  const ObjectKey key(Bytes(32, 'o'));
  Bytes sealed;
  ChunkSealer(key, kPlace, plain.size()).seal(plain, sealed);
  Bytes changed = sealed;
  const std::size_t at = where % sealed.size();
  changed[at] = static_cast<char>(changed[at] ^ change);
  const auto opened = ChunkOpener(key, kPlace, plain.size()).open(0, sealed);
  CHECK(opened && BytesView(opened->data(), opened->size()) == plain);
  CHECK(!ChunkOpener(key, kPlace, plain.size()).open(0, changed));
  if (input.size() < kChunkTagBytes || input.size() > kSealedChunkBytes) return;
  Bytes raw(input);
  CHECK(!ChunkOpener(key, kPlace, input.size() - kChunkTagBytes).open(0, raw));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || data[0] == 0) return 0;
  const BytesView input(reinterpret_cast<const char*>(data), size);
  const auto where = load_le<std::uint16_t>(input.data() + 1);
  check_row(input.substr(3), where, data[0]);
  check_page(input.substr(3), where, data[0]);
  check_chunk(input.substr(3), where, data[0]);
  return 0;
}
