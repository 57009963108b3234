// SPDX-License-Identifier: EUPL-1.2
// links: storage_io
// sources: storage/index/page_file_reader.cc storage/index/page_file_writer.cc
// Page files: the input is a file as it is (page 0 above all), then a list of injuries to a good one. A reader gives what was
// written, the beginning of it (a Manifest's torn tail), or an error.
#include <algorithm>

#include "crypto/bytes.h"
#include "crypto/check.h"
#include "storage/index/page_file.h"
#include "storage/io/memory_files.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

constexpr std::string_view kPath = "/f";
constexpr std::size_t kPage = crypto::kPageBytes;

const PageFileOwner& owner() {
  static const PageFileOwner owner{Bytes(16, 'u'), crypto::IndexKey(Bytes(32, 'k'))};
  return owner;
}

Bytes content() {
  Bytes out;
  for (int i = 0; out.size() < 6 * kPage; ++i) out += std::to_string(i);
  return out;
}

// Six pages of a Manifest, synced after each second one.
Bytes good_file() {
  MemoryFiles files;
  PageFileWriter writer(files.create(kPath).value(), owner(), PageFileKind::Manifest);
  const Bytes all = content();
  for (std::size_t at = 0; at < all.size(); at += 6000)
    CHECK(writer.append(BytesView(all).substr(at, 6000)) && writer.sync());
  auto file = files.open(kPath).value();
  Bytes raw(file->size().value(), '\0');
  CHECK(file->read(0, raw).value() == raw.size());
  return raw;
}

void read_all(BytesView raw, BytesView expected) {
  for (const PageFileKind kind : {PageFileKind::Table, PageFileKind::Journal, PageFileKind::Manifest}) {
    MemoryFiles files;
    CHECK(files.create(kPath).value()->write(0, raw));
    auto file = files.open(kPath).value();
    Bytes out(16 * kPage, '\0');
    if (kind == PageFileKind::Table) {
      const auto reader = TableReader::open(std::move(file), owner());
      if (!reader) continue;
      const auto count = (*reader)->read(0, out);
      if (count) CHECK(expected.starts_with(BytesView(out).substr(0, *count)));
      continue;
    }
    const auto reader = SequenceReader::open(std::move(file), owner(), kind);
    if (!reader) continue;
    const auto count = (*reader)->read(out);
    if (count) CHECK(expected.starts_with(BytesView(out).substr(0, *count)));
  }
}

// Three bytes an injury: what, where, how.
Bytes injured(Bytes raw, BytesView injuries) {
  for (; injuries.size() >= 3 && !raw.empty(); injuries.remove_prefix(3)) {
    const auto where = static_cast<unsigned char>(injuries[1]) * raw.size() / 256;
    const std::size_t page = where / kPage * kPage;
    switch (injuries[0] % 4) {
      case 0:
        raw[where] = static_cast<char>(raw[where] ^ injuries[2]);
        break;
      case 1:
        raw.resize(where);
        break;
      case 2:
        raw.append(raw.substr(page, kPage));
        break;
      default:
        raw.erase(page, kPage);
    }
  }
  return raw;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes good = good_file();
  static const Bytes all = content();
  const BytesView input(reinterpret_cast<const char*>(data), size);
  (void)decode_page_zero(input, owner().store_uuid);
  read_all(input, "");
  read_all(injured(good, input.substr(0, 60)), all);
  return 0;
}
