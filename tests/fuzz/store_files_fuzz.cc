// SPDX-License-Identifier: EUPL-1.2
// links: storage_io
// sources: storage/log/high_water.cc storage/extent/extent_files.cc
// The smallest files of a store: a high-water file that nobody signed holds no mark; one that was signed and then injured holds the
// mark of the other slot, or none; a name is that of an extent only when the extent has that name.
#include <cstdint>

#include "crypto/check.h"
#include "storage/extent/extent_files.h"
#include "storage/io/memory_files.h"
#include "storage/log/high_water.h"

using namespace beffroi;
using namespace beffroi::storage;

namespace {

constexpr char kPath[] = "/high_water";
const Mark kFirst{.sequence = Sequence{7}, .epoch = 1},
    kSecond{.sequence = Sequence{9}, .epoch = 1, .clean = true};

HighWater high_water(Files& files) {
  static const crypto::CheckpointSeed seed(Bytes(32, 's'));
  return HighWater(files, kPath, Bytes(16, 'u'), seed);
}

std::optional<Mark> read(BytesView raw) {
  MemoryFiles files;
  CHECK(files.create(kPath).value()->write(0, raw));
  const auto mark = high_water(files).read();
  CHECK(mark);
  return *mark;
}

// Two marks, one in each slot.
Bytes good_file() {
  MemoryFiles files;
  HighWater made = high_water(files);
  CHECK(made.read() && made.write(kFirst) && made.write(kSecond));
  auto file = files.open(kPath).value();
  Bytes raw(file->size().value(), '\0');
  CHECK(file->read(0, raw).value() == raw.size());
  return raw;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes good = good_file();
  const BytesView input(reinterpret_cast<const char*>(data), size);
  CHECK(!read(input));
  CHECK(read(good) == kSecond);
  if (size >= 3 && data[2] != 0) {
    Bytes injured = good;
    const std::size_t at = (data[0] * 256u + data[1]) % injured.size();
    injured[at] = static_cast<char>(injured[at] ^ data[2]);
    const auto mark = read(injured);
    CHECK(mark == kFirst || mark == kSecond);
  }
  if (const auto id = parse_extent_name(input)) CHECK(extent_name(*id) == input);
  return 0;
}
