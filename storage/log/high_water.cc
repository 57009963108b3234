// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/high_water.h"

#include <array>
#include <tuple>

#include "crypto/check.h"
#include "crypto/signature.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {
namespace {

constexpr BytesView kMagic = "BFHW";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSlotBytes = 4096;
constexpr std::size_t kSlots = 2;
constexpr std::size_t kRootBytes = 32;
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kSignedBytes = 4 + 1 + 8 + 8 + 8 + kRootBytes + 1 + kUuidBytes;
static_assert(kSignedBytes == 78 && kSignedBytes + crypto::kSignatureBytes == 142);

bool newer(const Mark& a, const Mark& b) {
  const auto order = [](const Mark& m) { return std::tuple(m.epoch, raw(m.sequence), m.tree_size, m.clean); };
  return order(a) > order(b);
}

Bytes encode(const Mark& mark, BytesView store_uuid, const crypto::Signer& signer) {
  CHECK(mark.tree_root.size() == kRootBytes);
  Bytes out(kMagic);
  append_le(out, kVersion);
  append_le(out, raw(mark.sequence));
  append_le(out, mark.epoch);
  append_le(out, mark.tree_size);
  out.append(mark.tree_root);
  append_le(out, static_cast<std::uint8_t>(mark.clean));
  out.append(store_uuid);
  CHECK(out.size() == kSignedBytes);
  out.append(signer.sign(out));
  out.resize(kSlotBytes, '\0');
  return out;
}

// nullopt for anything that this store did not sign: a slot is old, new, or worth nothing.
std::optional<Mark> decode(BytesView slot, BytesView store_uuid, BytesView public_key) {
  if (slot.size() < kSignedBytes + crypto::kSignatureBytes) return std::nullopt;
  const BytesView signature = slot.substr(kSignedBytes, crypto::kSignatureBytes);
  if (!crypto::verify(public_key, slot.substr(0, kSignedBytes), signature)) return std::nullopt;
  ByteReader in(slot);
  if (in.take(kMagic.size()) != kMagic || in.le<std::uint8_t>() != kVersion) return std::nullopt;
  Mark mark;
  mark.sequence = Sequence{in.le<std::uint64_t>()};
  mark.epoch = in.le<std::uint64_t>();
  mark.tree_size = in.le<std::uint64_t>();
  mark.tree_root = Bytes(in.take(kRootBytes));
  mark.clean = in.le<std::uint8_t>() != 0;
  if (in.take(kUuidBytes) != store_uuid) return std::nullopt;
  return mark;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

struct HighWater::Impl {
  Impl(Files& all_files, std::string where, Bytes uuid, const crypto::CheckpointSeed& seed)
      : files(all_files), path(std::move(where)), store_uuid(std::move(uuid)), signer(seed) {}

  struct State {
    std::array<std::optional<Mark>, kSlots> slots;
    std::unique_ptr<File> file;  // null until it was seen or made
    bool loaded = false;
    bool broken = false;
  };

  Result<void> load(State& state);
  Result<void> write(State& state, const Mark& mark);

  Files& files;
  const std::string path;
  const Bytes store_uuid;
  const crypto::Signer signer;
  const Bytes public_key = signer.public_key();
  Guarded<State> state;
};

Result<void> HighWater::Impl::load(State& now) {
  if (now.loaded) return {};
  Result<std::unique_ptr<File>> file = files.open(path);
  if (!file && file.error() != IoErrc::NotFound) return file.error();
  if (file) {
    now.file = std::move(*file);
    // The process before may have been killed: what the page cache shows becomes durable before the other slot is given up.
    if (const auto r = now.file->sync(); !r) return r;
    if (const auto r = files.sync_dir(directory_of(path)); !r) return r;
    Bytes slot(kSlotBytes, '\0');
    for (std::size_t i = 0; i < kSlots; ++i) {
      const Result<std::size_t> count = now.file->read(i * kSlotBytes, slot);
      if (!count) return count.error();
      now.slots[i] = decode(BytesView(slot).substr(0, *count), store_uuid, public_key);
    }
  }
  now.loaded = true;
  return {};
}

// The other slot stays as it is: at every moment one of the two is whole.
Result<void> HighWater::Impl::write(State& now, const Mark& mark) {
  if (const auto r = load(now); !r) return r;
  const bool second_older = now.slots[0] && (!now.slots[1] || newer(*now.slots[0], *now.slots[1]));
  const std::size_t slot = second_older ? 1 : 0;
  const std::size_t other = 1 - slot;
  if (now.slots[other] && !newer(mark, *now.slots[other])) return {};
  const bool create = !now.file;
  if (create) {
    Result<std::unique_ptr<File>> file = files.create(path);
    if (!file) return file.error();
    now.file = std::move(*file);
  }
  if (const auto r = now.file->write(slot * kSlotBytes, encode(mark, store_uuid, signer)); !r) return r;
  if (const auto r = now.file->sync(); !r) return r;
  if (create) {
    if (const auto r = files.sync_dir(directory_of(path)); !r) return r;
  }
  now.slots[slot] = mark;
  return {};
}

HighWater::HighWater(Files& files, std::string path, Bytes store_uuid, const crypto::CheckpointSeed& seed)
    : impl_(std::make_unique<Impl>(files, std::move(path), std::move(store_uuid), seed)) {
  CHECK(impl_->store_uuid.size() == kUuidBytes);
}

HighWater::~HighWater() = default;

Result<std::optional<Mark>> HighWater::read() {
  auto state = impl_->state.lock();
  if (const auto r = impl_->load(*state); !r) return r.error();
  const auto& [first, second] = state->slots;
  if (first && second) return newer(*first, *second) ? first : second;
  return first ? first : second;
}

Result<void> HighWater::write(const Mark& mark) {
  auto state = impl_->state.lock();
  if (state->broken) return IoErrc::Io;
  const Result<void> written = impl_->write(*state, mark);
  state->broken = !written;
  return written;
}

}  // namespace beffroi::storage
