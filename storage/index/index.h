// SPDX-License-Identifier: EUPL-1.2
// Ordered tables of bytes. Only the committer (and recovery, before anything is served) writes; any thread reads. Nothing here
// is durable by itself: the commit log is, and a start replays it over these tables. Keys and values are bytes; their codecs
// live beside their nouns (keys.h builds keys).
//
// Every read checks the door (rocks_fs) after the library returned: once a page failed to authenticate, or a read failed, the
// answer is Damaged whatever the library believed, and stays so until the process ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/result.h"

namespace beffroi::storage {

// Numbers are on disk: in the log's rows and in the associated data of sealed rows.
enum class Table : std::uint8_t { Meta = 1, Current, Versions, Blobs, Inline, Runs, Uploads, Audit, Gc };
inline constexpr Table kTables[] = {Table::Meta, Table::Current, Table::Versions, Table::Blobs, Table::Inline,
                                    Table::Runs, Table::Uploads, Table::Audit,    Table::Gc};
std::string_view table_name(Table);

enum class IndexErrc {
  NotFound = 1,  // no such row
  WouldBlock,    // Tier::CacheOnly: not in memory
  Damaged,       // a page does not authenticate or a read failed: the door is frozen, the process must stop
};
const boost::system::error_category& index_category();
inline error_code make_error_code(IndexErrc e) {
  return {static_cast<int>(e), index_category()};
}

enum class Tier { CacheOnly, Disk };  // Disk may wait for a device

struct Row {
  Table table;
  bool is_delete = false;
  Bytes key;
  Bytes value;  // empty for a delete
};

// Absolute puts and deletes, in order; a later row for the same key wins.
class Batch {
 public:
  void put(Table table, Bytes key, Bytes value) {
    bytes_ += key.size() + value.size();
    rows_.push_back({table, false, std::move(key), std::move(value)});
  }
  void remove(Table table, Bytes key) {
    bytes_ += key.size();
    rows_.push_back({table, true, std::move(key), {}});
  }
  const std::vector<Row>& rows() const { return rows_; }
  std::size_t bytes() const { return bytes_; }  // of keys and values
  bool empty() const { return rows_.empty(); }
  void clear() {
    rows_.clear();
    bytes_ = 0;
  }

 private:
  std::vector<Row> rows_;
  std::size_t bytes_ = 0;
};

// A position in one table of one snapshot. Not thread-safe. Must not outlive the Index.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(BytesView key) = 0;       // the first row >= key
  virtual void seek_last(BytesView key) = 0;  // the last row <= key
  virtual void next() = 0;
  virtual bool valid() const = 0;
  virtual BytesView key() const = 0;  // until the next move
  virtual BytesView value() const = 0;
  // Damaged, or success: to be asked after valid() turned false, and before a scan's result is believed.
  virtual Result<void> status() const = 0;
};

// One consistent view of all tables; holds memory while it lives.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Result<Bytes> get(Table, BytesView key) const = 0;
  virtual std::unique_ptr<Cursor> cursor(Table) const = 0;
};

class Index {
 public:
  virtual ~Index() = default;
  // NotFound, WouldBlock (CacheOnly), Damaged.
  virtual Result<Bytes> get(Table, BytesView key, Tier = Tier::Disk) const = 0;
  virtual std::unique_ptr<Cursor> cursor(Table) const = 0;  // over the state of now
  virtual std::unique_ptr<Snapshot> snapshot() const = 0;
  // One thread at a time. Any error is fatal for the caller (the frame may already be durable).
  virtual Result<void> apply(const Batch&) = 0;
  // Puts every table's memory into files and waits. Recovery and reclaim call it with `meta` apart and last.
  virtual Result<void> flush(std::span<const Table>) = 0;
  // Compacts the rows from `from` to `to` down to the last level (shred, tests).
  virtual Result<void> compact(Table, BytesView from, BytesView to) = 0;
  // True when the next apply would be slowed or stopped: admission answers 503 before that.
  virtual bool write_pressure() const = 0;
  virtual bool damaged() const = 0;
  // Reads every file's every page and every row; each message names a file or a table. Offline check.
  virtual Result<std::vector<std::string>> verify() = 0;
  // The pages of every file that is part of the tables, while they are used: nothing is frozen, no file is kept from being replaced.
  // `read` is told the bytes of each; false ends it early, without an error.
  virtual Result<std::vector<std::string>> verify_files(const std::function<bool(std::uint64_t bytes)>& read) const = 0;
};

}  // namespace beffroi::storage

template <>
struct boost::system::is_error_code_enum<beffroi::storage::IndexErrc> : std::true_type {};
