// SPDX-License-Identifier: EUPL-1.2
// The index's tables as ordered maps in memory: for tests of the rooms above it. Keeps no file and loses nothing; a "restart" of
// what stands on it is a new object over the same MemoryIndex. A snapshot shares the maps until the next apply() copies them.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include "storage/index/index.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class MemoryIndex final : public Index {
 public:
  using Rows = std::map<Bytes, Bytes, std::less<>>;
  using Tables = std::array<Rows, std::size(kTables) + 1>;  // by number

  Result<Bytes> get(Table table, BytesView key, Tier = Tier::Disk) const override {
    return find(*tables(), table, key);
  }
  std::unique_ptr<Cursor> cursor(Table table) const override {
    return std::make_unique<MemoryCursor>(tables(), table);
  }
  std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<MemorySnapshot>(tables()); }
  Result<void> apply(const Batch& batch) override {
    auto next = std::make_shared<Tables>(*tables());
    for (const Row& row : batch.rows()) {
      Rows& rows = (*next)[static_cast<std::size_t>(row.table)];
      if (row.is_delete) {
        rows.erase(row.key);
      } else {
        rows[row.key] = row.value;
      }
    }
    *tables_.lock() = std::move(next);
    return {};
  }
  Result<void> flush(std::span<const Table>) override { return {}; }
  Result<void> compact(Table, BytesView, BytesView) override { return {}; }
  bool write_pressure() const override { return false; }
  bool damaged() const override { return false; }
  Result<std::vector<std::string>> verify() override { return std::vector<std::string>{}; }
  Result<std::vector<std::string>> verify_files(const std::function<bool(std::uint64_t)>&) const override {
    return std::vector<std::string>{};
  }

  // The rows of one table, to look at.
  Rows rows(Table table) const { return (*tables())[static_cast<std::size_t>(table)]; }

 private:
  using Shared = std::shared_ptr<const Tables>;

  static Result<Bytes> find(const Tables& tables, Table table, BytesView key) {
    const Rows& rows = tables[static_cast<std::size_t>(table)];
    const auto it = rows.find(key);
    if (it == rows.end()) return IndexErrc::NotFound;
    return it->second;
  }

  class MemoryCursor final : public Cursor {
   public:
    MemoryCursor(Shared tables, Table table)
        : tables_(std::move(tables)), rows_((*tables_)[static_cast<std::size_t>(table)]), at_(rows_.end()) {}
    void seek(BytesView key) override { at_ = rows_.lower_bound(key); }
    void seek_last(BytesView key) override {
      at_ = rows_.upper_bound(key);
      at_ = at_ == rows_.begin() ? rows_.end() : std::prev(at_);
    }
    void next() override { ++at_; }
    bool valid() const override { return at_ != rows_.end(); }
    BytesView key() const override { return at_->first; }
    BytesView value() const override { return at_->second; }
    Result<void> status() const override { return {}; }

   private:
    const Shared tables_;
    const Rows& rows_;
    Rows::const_iterator at_;
  };

  class MemorySnapshot final : public Snapshot {
   public:
    explicit MemorySnapshot(Shared tables) : tables_(std::move(tables)) {}
    Result<Bytes> get(Table table, BytesView key) const override { return find(*tables_, table, key); }
    std::unique_ptr<Cursor> cursor(Table table) const override {
      return std::make_unique<MemoryCursor>(tables_, table);
    }

   private:
    const Shared tables_;
  };

  Shared tables() const { return *tables_.lock(); }
  Guarded<Shared> tables_{std::make_shared<const Tables>()};
};

}  // namespace beffroi::storage
