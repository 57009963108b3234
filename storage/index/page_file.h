// SPDX-License-Identifier: EUPL-1.2
// Page files: what every file of the tables is on disk (docs/formats.md "Page file"). Bytes go in and come out; on disk each
// page of 4 096 bytes is sealed. Nothing here knows RocksDB.
//
//   page 0     "BFPG" | ver u8 | store uuid 16 | salt 32 | zeros | crc32c u32 of the 4 092 bytes before it
//   page n     crypto::PageSealer, key = HKDF(index key, salt), number n; 4 062 bytes of payload
//
// An empty file has no page at all: page 0 is written with the first bytes, so that a file nobody wrote to is never torn.
// sync() seals the open page, short as it may be, and the next append starts another: a synced page is never written again.
// Where a short page may stand and what a page that does not open means depends on the file:
//
//   PageFileKind::Table      only the last page is short: synced once, at its end; read at any offset. Damage is Unauthentic.
//   PageFileKind::Journal    short pages anywhere; read in sequence. Damage is Unauthentic.
//   PageFileKind::Manifest   as Journal, but the first page that does not open begins a torn tail, and the file ends there, unless
//                            an authentic page after it says that it had been synced: that is damage.
//
// Errors: crypto::Errc::{Unauthentic, BadFormat, NewerFormat} are damage; IoErrc as the files gave it.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "crypto/key_hierarchy.h"
#include "crypto/page_seal.h"
#include "crypto/result.h"
#include "storage/io/files.h"

namespace beffroi::storage {

inline constexpr std::uint8_t kPageFileVersion = 1;
inline constexpr std::size_t kPageSaltBytes = 32;
inline constexpr std::size_t kStoreUuidBytes = 16;
static_assert(4 + 1 + kStoreUuidBytes + kPageSaltBytes + 4 <= crypto::kPageBytes);

enum class PageFileKind { Table, Journal, Manifest };

// Whose files these are: page 0 names the store, the key opens the rest.
struct PageFileOwner {
  Bytes store_uuid;
  crypto::IndexKey key;
};

Bytes encode_page_zero(BytesView store_uuid, BytesView salt);
// The salt. BadFormat (not such a page, or another store's), NewerFormat.
Result<Bytes> decode_page_zero(BytesView page, BytesView store_uuid);

// Asked when a write found no room, with how often it was asked before: true to write again.
using WaitForRoom = std::function<bool(unsigned attempt)>;
// Does `write` again while it answers NoSpace and room is promised.
template <class Write>
auto write_with_room(const WaitForRoom& wait_for_room, Write write) {
  auto done = write();
  for (unsigned n = 0; !done && done.error() == IoErrc::NoSpace && wait_for_room && wait_for_room(n); ++n) done = write();
  return done;
}

// Appends to a new file. One thread at a time. Destroying it without close() may lose what was not synced.
class PageFileWriter {
 public:
  PageFileWriter(std::unique_ptr<File> file, const PageFileOwner& owner, PageFileKind kind, WaitForRoom wait_for_room = {});
  // BadFormat when a Table was synced before: a reader could not find the bytes by arithmetic.
  Result<void> append(BytesView data);
  Result<void> sync();                          // what was appended is durable
  Result<void> close();                         // writes what is left, not durably
  std::uint64_t size() const { return size_; }  // bytes appended

 private:
  Result<void> seal(BytesView payload);
  Result<void> seal_open_page();
  Result<void> write_sealed();

  std::unique_ptr<File> file_;
  const PageFileOwner& owner_;
  PageFileKind kind_;
  WaitForRoom wait_for_room_;
  std::optional<crypto::PageSealer> sealer_;  // from the first page on
  Bytes open_page_;                           // payload that is not sealed yet
  Bytes sealed_;                              // pages that are not written yet; the last is number_ - 1
  std::uint32_t number_ = 0;                  // of the next page
  std::uint32_t synced_ = 0;                  // pages that are durable
  std::uint64_t size_ = 0;
  bool short_page_ = false;
};

// The pages of one existing file. Thread-safe for const use.
class SealedPages {
 public:
  static Result<SealedPages> open(std::unique_ptr<File> file, const PageFileOwner& owner);
  std::uint32_t end() const { return end_; }  // one past the last whole page; 0 for an empty file
  bool ragged() const { return ragged_; }     // the file goes on after its last whole page
  // Reads raw pages [first, first + raw.size() / kPageBytes).
  Result<void> load(std::uint32_t first, MutableBytes raw) const;
  // Opens one raw page into `payload` (kPagePayloadBytes).
  Result<crypto::OpenedPage> unseal(std::uint32_t number, BytesView raw, MutableBytes payload) const;
  Result<crypto::OpenedPage> read(std::uint32_t number, MutableBytes payload) const;

 private:
  std::unique_ptr<File> file_;
  std::optional<crypto::PageSealer> sealer_;
  std::uint32_t end_ = 0;
  bool ragged_ = false;
};

// Reads a Table at any offset. Thread-safe for const use.
class TableReader {
 public:
  static Result<std::unique_ptr<TableReader>> open(std::unique_ptr<File> file, const PageFileOwner& owner);
  explicit TableReader(SealedPages pages, std::uint64_t size) : pages_(std::move(pages)), size_(size) {}
  std::uint64_t size() const { return size_; }
  // The bytes from `offset`; fewer only at the end of the file.
  Result<std::size_t> read(std::uint64_t offset, MutableBytes out) const;

 private:
  Result<std::size_t> read_page(std::uint32_t number, BytesView raw, std::size_t skip,
                                MutableBytes out) const;

  SealedPages pages_;
  std::uint64_t size_;
};

// Reads any file from its beginning. One thread at a time.
class SequenceReader {
 public:
  static Result<std::unique_ptr<SequenceReader>> open(std::unique_ptr<File> file, const PageFileOwner& owner,
                                                      PageFileKind kind);
  SequenceReader(SealedPages pages, PageFileKind kind) : pages_(std::move(pages)), kind_(kind) {}
  // Up to out.size() bytes; fewer only at the end of the file.
  Result<std::size_t> read(MutableBytes out);
  // The same without copying them out; returns how many were skipped.
  Result<std::uint64_t> skip(std::uint64_t bytes);

 private:
  Result<void> next_page();
  Result<void> torn_tail(std::uint32_t bad) const;

  SealedPages pages_;
  PageFileKind kind_;
  std::uint32_t next_ = 1;
  std::array<char, crypto::kPagePayloadBytes> payload_;
  BytesView rest_;  // of the page in payload_
  bool ended_ = false;
};

}  // namespace beffroi::storage
