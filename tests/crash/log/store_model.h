// SPDX-License-Identifier: EUPL-1.2
// The smallest store that lives on the commit log as the engine does: three tables (RocksDB's part is played by a list of edits,
// each written and synced, of which a power cut may tear the last), the high-water mark, and the numbered order of start, commit,
// reclaim and clean stop of docs/formats.md. And the oracle: the state after a start is what was acknowledged, in order, plus
// perhaps what was in flight.
#pragma once

#include <array>
#include <optional>
#include <random>

#include "crypto/crc.h"
#include "storage/log/high_water.h"
#include "storage/log/log_format.h"
#include "tests/fakes/log_fixture.h"

namespace beffroi::storage::testing {

enum Table : std::uint8_t { kMeta = 1, kCurrent = 2, kBlobs = 3 };

struct Row {
  std::uint8_t table;
  Bytes key;
  std::optional<Bytes> value;  // nullopt: a delete
};
using Group = std::vector<Row>;
using Rows = std::map<std::pair<std::uint8_t, Bytes>, std::optional<Bytes>>;

struct Died {};  // the disk is gone, or an outcome is unknown: the process ends
struct Violation {
  std::string what;
};

template <class T>
T must(Result<T> r) {
  if (!r) throw Died{};
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

// What was acknowledged and what was in flight, over all lives.
struct Oracle {
  std::vector<Group> acknowledged, in_flight;
  std::uint64_t epoch = 0;

  static Rows state(const std::vector<Group>& groups) {
    Rows rows;
    for (const Group& group : groups) {
      for (const Row& row : group) {
        if (row.table == kMeta) continue;
        if (row.value) rows[{row.table, row.key}] = row.value;
        if (!row.value) rows.erase({row.table, row.key});
      }
    }
    return rows;
  }

  // What a served store shows must be all that was acknowledged and a prefix of what was in flight, which then counts.
  void check(const Rows& shown) {
    std::vector<Group> groups = acknowledged;
    for (std::size_t n = 0; n <= in_flight.size(); ++n) {
      if (n > 0) groups.push_back(in_flight[n - 1]);
      if (state(groups) != shown) continue;
      acknowledged = groups;
      in_flight.clear();
      return;
    }
    throw Violation{"the state is not what was acknowledged, in flight " + std::to_string(in_flight.size())};
  }
};

inline const std::string kTablesFile = "/db/tables";

// One life of the store's process.
class Process {
 public:
  // `flush_seed` not 0: tables are flushed by themselves now and then.
  Process(MemoryFiles& disk, Oracle& oracle, std::uint64_t file_bytes, std::uint64_t flush_seed)
      : disk_(disk),
        oracle_(oracle),
        mark_(disk, "/state/high_water", kUuid, crypto::CheckpointSeed(Bytes(32, 's'))),
        log_(make_log(disk, file_bytes)),
        random_(flush_seed),
        spontaneous_(flush_seed != 0) {}

  static void create(MemoryFiles& disk) {
    for (const char* directory : {"/db", "/log", "/state"}) must(disk.make_dir(directory));
  }

  // Throws Died, or Violation when it would stay closed or serves a wrong state.
  void start() {
    load_tables();
    const std::optional<Mark> mark = must(mark_.read());
    LogExpectation expected;
    expected.flushed = Sequence{number("flushed")};
    expected.applied = Sequence{number("applied")};
    expected.epoch = std::max(number("epoch"), mark ? mark->epoch : 0);
    expected.high_water = mark ? mark->sequence : Sequence{0};
    const auto scanned = log_->scan(expected);
    if (!scanned && scanned.error().category() == io_category()) throw Died{};
    if (!scanned) throw Violation{"false closed: " + log_->closed_reason()};
    must(log_->begin_epoch());
    if (log_->epoch() <= oracle_.epoch) throw Violation{"an epoch came twice"};
    must(log_->replay(expected.flushed, [&](Sequence, BytesView body) -> Result<void> {
      for (const LogRow& row : must(decode_rows(body))) {
        memory_[row.table][Bytes(row.key)] = row.is_delete ? std::nullopt : std::optional<Bytes>(row.value);
      }
      flush_sometimes();
      return {};
    }));
    flush_all();
    must(log_->remove_older_files());
    const auto held = std::exchange(oracle_.in_flight, {});
    try {
      commit({});
    } catch (const Died&) {
      oracle_.in_flight.insert(oracle_.in_flight.begin(), held.begin(), held.end());
      throw;
    }
    oracle_.acknowledged.pop_back();  // the start's own frame shows nothing
    oracle_.in_flight = held;
    oracle_.epoch = log_->epoch();
    oracle_.check(shown());
  }

  // Overwrites an object: its row and its blob change together, as do the two of `key`'s partner when `large`.
  void put(const Bytes& key, bool large) {
    const Bytes value = std::to_string(raw(log_->last()) + 1);
    Group group{{kCurrent, key, value}, {kBlobs, key, value}};
    if (large) {
      group.push_back({kCurrent, "large", Bytes(5000, 'x') + value});
      group.push_back({kBlobs, "large", Bytes(5000, 'x') + value});
    }
    commit(std::move(group));
  }

  void remove(const Bytes& key) { commit({{kCurrent, key, std::nullopt}, {kBlobs, key, std::nullopt}}); }

  void reclaim() {
    flush_all();
    must(log_->reclaim(log_->last()));
  }

  void flush(std::uint8_t table) {
    if (memory_[table].empty()) return;
    write_mark(false);  // before a table's file can be newer than the mark
    Bytes payload(1, static_cast<char>(table));
    for (const auto& [key, value] : memory_[table])
      append_row(payload, {table, !value, key, value ? *value : ""});
    append_edit(payload);
    for (auto& [key, value] : memory_[table]) base_[table][key] = value;
    memory_[table].clear();
  }

  void write_mark(bool clean) { must(mark_.write({log_->last(), log_->epoch(), 0, Bytes(32, '\0'), clean})); }

  void stop() {
    reclaim();
    write_mark(true);
  }

 private:
  std::uint64_t number(const Bytes& key) const {
    const auto found = base_[kMeta].find(key);
    return found == base_[kMeta].end() ? 0 : std::stoull(*found->second);
  }

  Rows shown() const {
    Rows rows;
    for (const std::uint8_t table : {kCurrent, kBlobs}) {
      auto all = base_[table];
      for (const auto& [key, value] : memory_[table]) all[key] = value;
      for (const auto& [key, value] : all) {
        if (value) rows[{table, key}] = value;
      }
    }
    return rows;
  }

  void commit(Group group) {
    group.push_back({kMeta, "applied", std::to_string(raw(log_->last()) + 1)});
    group.push_back({kMeta, "epoch", std::to_string(log_->epoch())});
    Bytes body;
    for (const Row& row : group)
      append_row(body, {row.table, !row.value, row.key, row.value ? *row.value : ""});
    oracle_.in_flight.push_back(group);
    must(log_->append(body));
    oracle_.in_flight.pop_back();
    oracle_.acknowledged.push_back(group);
    for (const Row& row : group) memory_[row.table][row.key] = row.value;
    flush_sometimes();
  }

  void flush_all() {
    flush(kCurrent);
    flush(kBlobs);
    memory_[kMeta]["flushed"] = std::to_string(raw(log_->last()));
    flush(kMeta);
  }

  void flush_sometimes() {
    if (spontaneous_ && random_() % 4 == 0) flush(static_cast<std::uint8_t>(1 + random_() % 3));
  }

  void append_edit(BytesView payload) {
    Bytes edit;
    append_le(edit, static_cast<std::uint32_t>(payload.size()));
    append_le(edit, crypto::crc32c(0, payload));
    edit.append(payload);
    must(tables_->write(tables_end_, edit));
    must(tables_->sync());
    tables_end_ += edit.size();
  }

  // Takes the edits up to the first torn one and writes them anew, as RocksDB does with its MANIFEST.
  void load_tables() {
    must(disk_.sync_dir("/db"));
    std::vector<Bytes> edits;
    if (auto file = disk_.open(kTablesFile)) {
      Bytes content(must((*file)->size()), '\0');
      must((*file)->read(0, content));
      ByteReader in(content);
      while (!in.at_end()) {
        const auto length = in.le<std::uint32_t>();
        const auto crc = in.le<std::uint32_t>();
        const BytesView payload = in.take(length);
        if (!in.ok() || payload.empty() || crypto::crc32c(0, payload) != crc) break;
        edits.emplace_back(payload);
      }
    }
    const std::string fresh = kTablesFile + ".new";
    (void)disk_.unlink(fresh);
    tables_ = must(disk_.create(fresh));
    for (const Bytes& edit : edits) {
      const auto table = static_cast<std::uint8_t>(edit[0]);
      for (const LogRow& row : must(decode_rows(BytesView(edit).substr(1)))) {
        base_[table][Bytes(row.key)] = row.is_delete ? std::nullopt : std::optional<Bytes>(row.value);
      }
    }
    Bytes whole;
    for (const Bytes& edit : edits) {
      append_le(whole, static_cast<std::uint32_t>(edit.size()));
      append_le(whole, crypto::crc32c(0, edit));
      whole.append(edit);
    }
    must(tables_->write(0, whole));
    must(tables_->sync());
    tables_end_ = whole.size();
    must(disk_.rename(fresh, kTablesFile));
    must(disk_.sync_dir("/db"));
  }

  using TableRows = std::map<Bytes, std::optional<Bytes>>;
  MemoryFiles& disk_;
  Oracle& oracle_;
  HighWater mark_;
  std::unique_ptr<CommitLog> log_;
  std::mt19937_64 random_;
  bool spontaneous_;
  std::array<TableRows, 4> memory_, base_;  // by table
  std::unique_ptr<File> tables_;
  std::uint64_t tables_end_ = 0;
};

}  // namespace beffroi::storage::testing
