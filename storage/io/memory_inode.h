// SPDX-License-Identifier: EUPL-1.2
// The content of one file of MemoryFiles, in two halves: what the page cache holds and what the disk holds.
// Sectors of 512 bytes that were written since the last sync are pending; a power cut, or a failed sync,
// settles each of them on the durable value or on one of the values it had since. Pages are shared between
// the halves and between copies until they are written, so a copy of an inode costs its page tables only. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "crypto/bytes.h"

namespace beffroi::storage {

// Decides, repeatably, what of the pending work reached the disk.
class Chance {
 public:
  Chance(double keep_probability, std::uint64_t seed) : keep_(keep_probability), state_(seed) {}
  bool keep();

 private:
  double keep_;
  std::uint64_t state_;
};

class MemoryInode {
 public:
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kSectorBytes = 512;

  std::uint64_t size() const { return size_; }
  std::uint64_t allocated_bytes() const { return allocated_count_ * kPageBytes; }
  std::uint64_t missing_bytes(std::uint64_t offset,
                              std::uint64_t length) const;  // that a write there would allocate
  std::size_t read(std::uint64_t offset, MutableBytes out) const;
  void write(std::uint64_t offset, BytesView data);
  void allocate(std::uint64_t size);
  void punch(std::uint64_t offset, std::uint64_t length);

  void sync();
  // The pending sectors and sizes reach the disk by chance and are clean afterwards; the page cache keeps
  // what it has.
  void settle(Chance&);
  // What a machine sees after its power came back: the disk's half only. Call settle() before.
  void forget_cache();

 private:
  using Page = std::array<char, kPageBytes>;
  using PageTable = std::vector<std::shared_ptr<Page>>;  // null: zeros
  struct Older {
    std::uint8_t sector;
    std::array<char, kSectorBytes> bytes;
  };
  struct Pending {
    std::uint8_t sectors = 0;  // bit i: sector i of the page was written since the last sync
    std::vector<Older> older;  // values that a later write replaced before any sync, oldest first
  };

  static Page& writable(PageTable& table, std::uint64_t page);
  static const Page& readable(const PageTable& table, std::uint64_t page);
  void store(std::uint64_t offset, std::uint64_t length, const char* data);  // null: zeros
  void note(std::uint64_t page, std::size_t begin, std::size_t end);
  void set_allocated(std::uint64_t page, bool allocated);
  void grow(std::uint64_t size);
  void settle_page(std::uint64_t page, const Pending& pending, Chance& chance);

  PageTable cache_, disk_;
  std::uint64_t size_ = 0, disk_size_ = 0;
  std::map<std::uint64_t, Pending> pending_;
  std::vector<std::uint64_t> pending_sizes_;
  std::vector<bool> allocated_;
  std::uint64_t allocated_count_ = 0;
};

}  // namespace beffroi::storage
