// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/rocks_index.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <variant>

#include "crypto/check.h"
#include "storage/index/rocks_env.h"
#include "storage/index/rocks_fs.h"
#include "storage/index/rocks_options.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kTableCount = std::size(kTables);

// RocksDB asserts that a slice points somewhere, even when it is empty.
rocksdb::Slice slice(BytesView bytes) {
  return {bytes.data() != nullptr ? bytes.data() : "", bytes.size()};
}
BytesView view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

// What RocksDB's background threads tell: a file is about to be made, writes are slowed, a job failed.
class Listener final : public rocksdb::EventListener {
 public:
  Listener(std::function<void()> before_flush, Door& door)
      : before_flush_(std::move(before_flush)), door_(door) {}

  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    if (before_flush_) before_flush_();
  }

  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    for (Table table : kTables) {
      if (table_name(table) != info.cf_name) continue;
      stalled_[static_cast<std::size_t>(table) - 1] =
          info.condition.cur != rocksdb::WriteStallCondition::kNormal;
    }
  }

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    door_.freeze("background job: " + status->ToString());
  }

  bool stalled() const {
    for (const auto& table : stalled_) {
      if (table) return true;
    }
    return false;
  }

 private:
  std::function<void()> before_flush_;
  Door& door_;
  std::array<std::atomic<bool>, kTableCount> stalled_{};
};

class RocksCursor final : public Cursor {
 public:
  RocksCursor(std::unique_ptr<rocksdb::Iterator> it, Door& door) : it_(std::move(it)), door_(door) {}
  void seek(BytesView key) override { it_->Seek(slice(key)); }
  void seek_last(BytesView key) override { it_->SeekForPrev(slice(key)); }
  void next() override { it_->Next(); }
  // Behind a frozen door nothing is valid: RocksDB may stand on the wrong row.
  bool valid() const override { return it_->Valid() && !door_.frozen(); }
  BytesView key() const override { return view(it_->key()); }
  BytesView value() const override { return view(it_->value()); }
  Result<void> status() const override {
    const rocksdb::Status status = it_->status();
    if (!status.ok()) door_.freeze("scan: " + status.ToString());
    if (!status.ok() || door_.frozen()) return IndexErrc::Damaged;
    return {};
  }

 private:
  std::unique_ptr<rocksdb::Iterator> it_;
  Door& door_;
};

class RocksIndex final : public Index {
 public:
  explicit RocksIndex(const RocksIndexOptions& options)
      : files_(options.files),
        owner_{options.store_uuid, options.key.clone()},
        directory_(options.directory),
        door_(options.on_frozen),
        listener_(std::make_shared<Listener>(options.before_flush, door_)),
        fs_(make_rocks_fs(files_, {options.store_uuid, options.key.clone()}, door_, options.wait_for_room)),
        env_(make_rocks_env(fs_, door_)) {}
  ~RocksIndex() override;

  Result<void> open(const RocksIndexOptions& options);

  Result<Bytes> get(Table table, BytesView key, Tier tier) const override {
    rocksdb::ReadOptions read;
    if (tier == Tier::CacheOnly) read.read_tier = rocksdb::kBlockCacheTier;
    return get(read, table, key);
  }
  std::unique_ptr<Cursor> cursor(Table table) const override { return cursor(rocksdb::ReadOptions(), table); }
  std::unique_ptr<Snapshot> snapshot() const override;
  Result<void> apply(const Batch& batch) override;
  Result<void> flush(std::span<const Table> tables) override;
  Result<void> compact(Table table, BytesView from, BytesView to) override;
  bool write_pressure() const override { return listener_->stalled(); }
  bool damaged() const override { return door_.frozen(); }
  Result<std::vector<std::string>> verify() override;
  Result<std::vector<std::string>> verify_files(const std::function<bool(std::uint64_t bytes)>& read) const override;

  Result<Bytes> get(const rocksdb::ReadOptions& read, Table table, BytesView key) const;
  std::unique_ptr<Cursor> cursor(rocksdb::ReadOptions read, Table table) const;
  rocksdb::DB& db() const { return *db_; }

 private:
  rocksdb::ColumnFamilyHandle* handle(Table table) const { return handles_[static_cast<std::size_t>(table)]; }
  Result<void> outcome(const rocksdb::Status& status, std::string_view what) const;
  Result<void> refuse_lost_catalogue() const;
  Result<void> scan(Table table) const;
  Result<std::vector<std::string>> live_files() const;

  // RocksDB's threads use what stands above it: it is closed first.
  Files& files_;
  PageFileOwner owner_;
  std::string directory_;
  mutable Door door_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<rocksdb::FileSystem> fs_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*>
      handles_;  // [0] is RocksDB's default, unused; then by table number
};

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(const RocksIndex& index) : index_(index) {
    read_.snapshot = index.db().GetSnapshot();
  }
  ~RocksSnapshot() override { index_.db().ReleaseSnapshot(read_.snapshot); }
  Result<Bytes> get(Table table, BytesView key) const override { return index_.get(read_, table, key); }
  std::unique_ptr<Cursor> cursor(Table table) const override { return index_.cursor(read_, table); }

 private:
  const RocksIndex& index_;
  rocksdb::ReadOptions read_;
};

RocksIndex::~RocksIndex() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close().PermitUncheckedError();  // nothing is flushed by it: what was not, the log has
}

// Tables on disk but nothing that names them: RocksDB would make a new, empty set and remove them as left-overs.
Result<void> RocksIndex::refuse_lost_catalogue() const {
  const auto list = files_.list(directory_);
  if (!list) return list.error() == IoErrc::NotFound ? Result<void>() : list.error();
  bool tables = false;
  for (const DirectoryEntry& entry : *list) {
    if (entry.name == "CURRENT") return {};
    tables = tables || page_file_kind(entry.name) == PageFileKind::Table;
  }
  if (!tables) return {};
  door_.freeze(directory_ + ": tables, but CURRENT is missing");
  return IndexErrc::Damaged;
}

Result<void> RocksIndex::open(const RocksIndexOptions& options) {
  if (auto fit = refuse_lost_catalogue(); !fit) return fit;
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/4);
  rocksdb::DBOptions db_options = rocks_db_options(options);
  db_options.env = env_.get();
  db_options.listeners = {listener_};

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocks_table_options(Table::Meta, options, cache));
  for (Table table : kTables) {
    families.emplace_back(std::string(table_name(table)), rocks_table_options(table, options, cache));
  }
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(db_options, directory_, families, &handles_, &db);
  db_.reset(db);
  return outcome(status, "open");
}

// An error nobody expected is fatal, whoever reports it.
Result<void> RocksIndex::outcome(const rocksdb::Status& status, std::string_view what) const {
  if (!status.ok()) door_.freeze(std::string(what) + ": " + status.ToString());
  if (door_.frozen()) return IndexErrc::Damaged;
  return status.ok() ? Result<void>() : IoErrc::Io;
}

Result<Bytes> RocksIndex::get(const rocksdb::ReadOptions& read, Table table, BytesView key) const {
  Bytes value;
  const rocksdb::Status status = db_->Get(read, handle(table), slice(key), &value);
  if (door_.frozen()) return IndexErrc::Damaged;
  if (status.ok()) return value;
  if (status.IsNotFound()) return IndexErrc::NotFound;
  if (status.IsIncomplete()) return IndexErrc::WouldBlock;
  return outcome(status, "read").error();
}

std::unique_ptr<Cursor> RocksIndex::cursor(rocksdb::ReadOptions read, Table table) const {
  read.total_order_seek = true;
  return std::make_unique<RocksCursor>(
      std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(read, handle(table))), door_);
}

std::unique_ptr<Snapshot> RocksIndex::snapshot() const {
  return std::make_unique<RocksSnapshot>(*this);
}

Result<void> RocksIndex::apply(const Batch& batch) {
  if (door_.frozen()) return IndexErrc::Damaged;
  rocksdb::WriteBatch rows(batch.bytes() + 16 * batch.rows().size() + 16);
  for (const Row& row : batch.rows()) {
    const auto added = row.is_delete ? rows.Delete(handle(row.table), slice(row.key))
                                     : rows.Put(handle(row.table), slice(row.key), slice(row.value));
    if (!added.ok()) return outcome(added, "batch");
  }
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  return outcome(db_->Write(write, &rows), "write");
}

Result<void> RocksIndex::flush(std::span<const Table> tables) {
  if (door_.frozen()) return IndexErrc::Damaged;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  for (Table table : tables) handles.push_back(handle(table));
  return outcome(db_->Flush(rocksdb::FlushOptions(), handles), "flush");
}

Result<void> RocksIndex::compact(Table table, BytesView from, BytesView to) {
  if (door_.frozen()) return IndexErrc::Damaged;
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  const rocksdb::Slice begin = slice(from);
  const rocksdb::Slice end = slice(to);
  return outcome(db_->CompactRange(options, handle(table), &begin, to.empty() ? nullptr : &end),
                 "compaction");
}

Result<void> RocksIndex::scan(Table table) const {
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  const auto rows = cursor(read, table);
  for (rows->seek({}); rows->valid(); rows->next()) {
  }
  return rows->status();
}

// Files are read behind the door's back, so that the first damaged one does not hide the others; then the door is told.
Result<std::vector<std::string>> RocksIndex::verify() {
  std::vector<std::string> messages;
  std::vector<std::string> live;
  std::uint64_t manifest_bytes = 0;
  if (auto kept = outcome(db_->DisableFileDeletions(), "verify"); !kept) return kept.error();
  const auto listed = db_->GetLiveFiles(live, &manifest_bytes, /*flush_memtable=*/false);
  for (const std::string& name : live) {  // each begins with a slash
    const auto read = verify_page_file(files_, directory_ + name, owner_);
    if (!read) messages.push_back(directory_ + name + ": " + read.error().message());
  }
  db_->EnableFileDeletions(/*force=*/false).PermitUncheckedError();
  if (auto done = outcome(listed, "verify"); !done) return done.error();

  for (Table table : kTables) {
    const auto read = scan(table);
    if (!read) messages.push_back(std::string(table_name(table)) + ": " + read.error().message());
    if (door_.frozen()) break;  // of the other tables nothing can be said any more
  }
  if (!messages.empty()) door_.freeze("verify: " + messages.front());
  return messages;
}

// Names without the directory.
Result<std::vector<std::string>> RocksIndex::live_files() const {
  std::vector<std::string> live;
  std::uint64_t manifest_bytes = 0;
  if (auto listed = outcome(db_->GetLiveFiles(live, &manifest_bytes, /*flush_memtable=*/false), "verify"); !listed) return listed.error();
  for (std::string& name : live) name.erase(0, 1);
  return live;
}

// A file that fails is damaged only if it still counts: a compaction may have replaced it meanwhile, and the MANIFEST grows under us.
Result<std::vector<std::string>> RocksIndex::verify_files(const std::function<bool(std::uint64_t bytes)>& read) const {
  std::vector<std::string> messages;
  const auto live = live_files();
  if (!live) return live.error();
  for (const std::string& name : *live) {
    if (page_file_kind(name) != PageFileKind::Table) continue;
    const std::string path = directory_ + "/" + name;
    const auto done = verify_page_file(files_, path, owner_);
    if (!done) {
      const auto left = live_files();
      if (!left) return left.error();
      if (std::find(left->begin(), left->end(), name) != left->end()) messages.push_back(path + ": " + done.error().message());
    }
    const auto file = files_.open(path);
    const auto bytes = file ? (*file)->size() : Result<std::uint64_t>(std::uint64_t{0});
    if (!read(bytes ? *bytes : 0)) break;
  }
  return messages;
}

}  // namespace

Result<std::unique_ptr<Index>> open_rocks_index(RocksIndexOptions options) {
  CHECK(options.store_uuid.size() == kStoreUuidBytes);
  auto index = std::make_unique<RocksIndex>(options);
  if (auto opened = index->open(options); !opened) return opened.error();
  return std::unique_ptr<Index>(std::move(index));
}

}  // namespace beffroi::storage
