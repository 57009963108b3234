// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/memory_inode.h"

#include <algorithm>
#include <cstring>

namespace beffroi::storage {
namespace {

// More values of one sector, or sizes, between two syncs are not told apart: the oldest are forgotten.
constexpr std::size_t kOlderMax = 32;
constexpr std::size_t kPendingSizesMax = 64;

bool all_zero(const char* data, std::size_t n) {
  return n == 0 || (data[0] == 0 && std::memcmp(data, data + 1, n - 1) == 0);
}

}  // namespace

bool Chance::keep() {
  // splitmix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
  std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53 < keep_;
}

MemoryInode::Page& MemoryInode::writable(PageTable& table, std::uint64_t page) {
  if (table.size() <= page) table.resize(page + 1);
  std::shared_ptr<Page>& slot = table[page];
  if (!slot) {
    slot = std::make_shared<Page>();
  } else if (slot.use_count() > 1) {
    slot = std::make_shared<Page>(*slot);
  }
  return *slot;
}

const MemoryInode::Page& MemoryInode::readable(const PageTable& table, std::uint64_t page) {
  static const Page zeros{};
  return page < table.size() && table[page] ? *table[page] : zeros;
}

std::uint64_t MemoryInode::missing_bytes(std::uint64_t offset, std::uint64_t length) const {
  if (length == 0) return 0;
  std::uint64_t missing = 0;
  for (std::uint64_t page = offset / kPageBytes; page <= (offset + length - 1) / kPageBytes; ++page) {
    if (page >= allocated_.size() || !allocated_[page]) missing += kPageBytes;
  }
  return missing;
}

std::size_t MemoryInode::read(std::uint64_t offset, MutableBytes out) const {
  if (offset >= size_) return 0;
  const std::size_t total = std::min<std::uint64_t>(out.size(), size_ - offset);
  for (std::size_t done = 0; done < total;) {
    const std::uint64_t at = offset + done;
    const std::size_t in = at % kPageBytes;
    const std::size_t n = std::min(kPageBytes - in, total - done);
    std::memcpy(out.data() + done, readable(cache_, at / kPageBytes).data() + in, n);
    done += n;
  }
  return total;
}

void MemoryInode::write(std::uint64_t offset, BytesView data) {
  if (data.empty()) return;
  store(offset, data.size(), data.data());
  for (std::uint64_t page = offset / kPageBytes; page <= (offset + data.size() - 1) / kPageBytes; ++page) {
    set_allocated(page, true);
  }
  grow(offset + data.size());
}

void MemoryInode::allocate(std::uint64_t size) {
  for (std::uint64_t page = size_ / kPageBytes; page * kPageBytes < size; ++page) set_allocated(page, true);
  grow(size);
}

void MemoryInode::punch(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = std::min(size_, offset + length);
  if (end <= offset) return;
  store(offset, end - offset, nullptr);
  const std::uint64_t last = end == size_ ? (end + kPageBytes - 1) / kPageBytes : end / kPageBytes;
  for (std::uint64_t page = (offset + kPageBytes - 1) / kPageBytes; page < last; ++page)
    set_allocated(page, false);
}

void MemoryInode::store(std::uint64_t offset, std::uint64_t length, const char* data) {
  while (length > 0) {
    const std::uint64_t page = offset / kPageBytes;
    const std::size_t in = offset % kPageBytes;
    const std::size_t n = std::min<std::uint64_t>(kPageBytes - in, length);
    note(page, in, in + n);
    if (n == kPageBytes && (data == nullptr || all_zero(data, n))) {
      if (page < cache_.size()) cache_[page].reset();
    } else if (data != nullptr) {
      std::memcpy(writable(cache_, page).data() + in, data, n);
    } else {
      std::memset(writable(cache_, page).data() + in, 0, n);
    }
    if (data != nullptr) data += n;
    offset += n;
    length -= n;
  }
}

// Before bytes [begin, end) of a page change: their sectors become pending, and a pending value that goes is
// remembered.
void MemoryInode::note(std::uint64_t page, std::size_t begin, std::size_t end) {
  Pending& pending = pending_[page];
  for (std::size_t sector = begin / kSectorBytes; sector <= (end - 1) / kSectorBytes; ++sector) {
    const auto bit = static_cast<std::uint8_t>(1u << sector);
    if ((pending.sectors & bit) != 0) {
      Older older{static_cast<std::uint8_t>(sector), {}};
      std::memcpy(older.bytes.data(), readable(cache_, page).data() + sector * kSectorBytes, kSectorBytes);
      if (pending.older.size() == kOlderMax) pending.older.erase(pending.older.begin());
      pending.older.push_back(older);
    }
    pending.sectors |= bit;
  }
}

void MemoryInode::set_allocated(std::uint64_t page, bool allocated) {
  if (allocated_.size() <= page) {
    if (!allocated) return;
    allocated_.resize(page + 1);
  }
  if (allocated_[page] == allocated) return;
  allocated_[page] = allocated;
  allocated ? ++allocated_count_ : --allocated_count_;
}

void MemoryInode::grow(std::uint64_t size) {
  if (size <= size_) return;
  size_ = size;
  if (pending_sizes_.size() == kPendingSizesMax) pending_sizes_.erase(pending_sizes_.begin());
  pending_sizes_.push_back(size);
}

void MemoryInode::sync() {
  for (const auto& [page, pending] : pending_) {
    if (disk_.size() <= page) disk_.resize(page + 1);
    disk_[page] = page < cache_.size() ? cache_[page] : nullptr;
  }
  disk_size_ = size_;
  pending_.clear();
  pending_sizes_.clear();
}

void MemoryInode::settle(Chance& chance) {
  for (const std::uint64_t size : pending_sizes_) {
    if (chance.keep()) disk_size_ = size;
  }
  for (const auto& [page, pending] : pending_) settle_page(page, pending, chance);
  pending_.clear();
  pending_sizes_.clear();
}

void MemoryInode::settle_page(std::uint64_t page, const Pending& pending, Chance& chance) {
  for (std::size_t sector = 0; sector < kPageBytes / kSectorBytes; ++sector) {
    if ((pending.sectors & (1u << sector)) == 0) continue;
    const char* value = nullptr;
    for (const Older& older : pending.older) {
      if (older.sector == sector && chance.keep()) value = older.bytes.data();
    }
    if (chance.keep()) value = readable(cache_, page).data() + sector * kSectorBytes;
    // What lies past the end of the file on disk is not a part of it.
    const std::uint64_t begin = page * kPageBytes + sector * kSectorBytes;
    if (value == nullptr || begin >= disk_size_) continue;
    const std::size_t n = std::min<std::uint64_t>(kSectorBytes, disk_size_ - begin);
    std::memcpy(writable(disk_, page).data() + sector * kSectorBytes, value, n);
  }
}

void MemoryInode::forget_cache() {
  cache_ = disk_;
  size_ = disk_size_;
}

}  // namespace beffroi::storage
