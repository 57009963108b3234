// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/recovery.h"

#include <algorithm>

#include "crypto/digest.h"
#include "crypto/errors.h"
#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"
#include "storage/index/record.h"
#include "storage/index/rocks_index.h"
#include "storage/log/log_format.h"
#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kLossIdBytes = 4;
constexpr const char* kMarkMissing =
    "the high-water mark is missing or does not authenticate: an older copy of the store would look the same";

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// "beffroi/" and the store's uuid, as people write one.
std::string origin_of(BytesView uuid16) {
  std::string hex = to_hex(uuid16);
  for (const std::size_t at : {20, 16, 12, 8}) hex.insert(at, "-");
  return "beffroi/" + hex;
}

bool is_absent(const error_code& e) { return e == make_error_code(IndexErrc::NotFound); }

// The first frame of a life.
class FirstFrame final : public Change {
 public:
  Result<void> claim(Claims&) override { return {}; }
  Result<void> build(Group& group) override {
    if (format) group.put(Table::Meta, keys::store_row("format"), encode(*format));
    for (const auto& [id, row] : extents) {
      if (row) group.put_extent(id, *row);
      else group.remove_extent(id);
    }
    if (group.state().next_collectivity < next_collectivity) group.state().next_collectivity = next_collectivity;
    // Also makes the group not empty: the frame that leases this life's blob ids must be written.
    const auto account = group.usage(kAppliance, BucketId{0});
    if (!account) return account.error();
    return {};
  }

  std::optional<StoreFormat> format;
  std::vector<std::pair<ExtentId, std::optional<ExtentRow>>> extents;
  CollectivityId next_collectivity{kFirstCollectivity};
};

}  // namespace

bool Recovery::refuse(error_code error, std::string reason) {
  failure_ = {error, std::move(reason)};
  return false;
}

bool Recovery::run(const crypto::RootKey& root) {
  return open_parts(root) && read_meta() && replay_log() && make_tables_durable() && load_memory();
}

bool Recovery::open_parts(const crypto::RootKey& root) {
  auto lease = store_.files.acquire(store_.options.data_dir);
  if (!lease) return refuse(lease.error(), "another process holds " + store_.options.data_dir + ", or it cannot be opened");
  store_.lease = std::move(*lease);
  store_.space = std::make_unique<SpaceGuard>(
      store_.files, SpaceOptions{.data_dir = store_.options.data_dir,
                                 .keyring_dir = parent_of(store_.options.keyring_path),
                                 .warn_percent = store_.options.watermark_warn_percent,
                                 .refuse_percent = store_.options.watermark_refuse_percent,
                                 .ballast_bytes = store_.options.ballast_bytes,
                                 .on_change = store_.options.on_space});
  if (auto started = store_.space->start(); !started) return refuse(started.error(), "the room left on disk cannot be asked for");
  // 1 What a killed process renamed or created may be in the cache only: make it true before it is believed.
  for (const std::string& dir : {store_.dir("log"), store_.dir("extent"), store_.dir("state"), parent_of(store_.options.keyring_path)}) {
    if (auto synced = store_.files.sync_dir(dir); !synced) return refuse(synced.error(), "cannot sync the directory " + dir);
  }
  auto keyring = Keyring::open(store_.files, store_.options.keyring_path, root);
  if (!keyring) {
    return refuse(keyring.error(), "the keyring " + store_.options.keyring_path + " does not open: " + keyring.error().message());
  }
  store_.keyring = std::move(*keyring);
  store_.sealers = std::make_unique<KeyringSealers>(*store_.keyring);
  store_.high_water = std::make_unique<HighWater>(store_.files, store_.dir("state") + "/high_water", store_.keyring->store_uuid(),
                                                  store_.keyring->store().checkpoint_seed);
  store_.notes = std::make_unique<crypto::NoteSigner>(origin_of(store_.keyring->store_uuid()), store_.keyring->store().checkpoint_seed);
  auto mark = store_.high_water->read();
  if (!mark) return refuse(mark.error(), "the high-water mark cannot be read");
  mark_ = *mark;
  auto index = open_rocks_index(RocksIndexOptions{
      .files = store_.files,
      .directory = store_.dir("index"),
      .store_uuid = store_.keyring->store_uuid(),
      .key = store_.keyring->store().index,
      .block_cache_bytes = store_.options.block_cache_bytes,
      .write_buffer_bytes = store_.options.write_buffer_bytes,
      // No table is ever newer than the mark: a cut of the log then loses whole frames, or is seen (docs/formats.md "High-water").
      .before_flush =
          [&store = store_] {
            if (store.epoch == 0) return;
            Mark now{.sequence = Sequence{store.published.load()}, .epoch = store.epoch};
            if (store.audit) {
              const GlobalHead head = store.audit->global_head();
              now.tree_size = head.size;
              now.tree_root = crypto::view(head.root);
            }
            if (auto written = store.high_water->write(now); !written) store.fail("the high-water mark cannot be written");
          },
      .wait_for_room = [&store = store_](unsigned attempt) { return store.space->wait_for_room(attempt); },
      .on_frozen =
          [&store = store_](std::string_view reason) {
            if (!store.space->gave_up()) store.fail("the index failed: " + std::string(reason));
          }});
  if (!index) {
    return refuse(index.error(), "the index does not open: " + index.error().message() + "; run `beffroid check`, then restore a backup");
  }
  store_.index = std::move(*index);
  return true;
}

bool Recovery::read_meta() {
  const auto format_row = store_.index->get(Table::Meta, keys::store_row("format"));
  if (!format_row && !is_absent(format_row.error())) return refuse(format_row.error(), "the table `meta` cannot be read");
  if (format_row) {
    const auto format = decode_format(*format_row);
    if (!format || format->min_reader > kRecordVersion) {
      return refuse(crypto::Errc::NewerFormat, "the store was written by a later version");
    }
    if (format->uuid != store_.keyring->store_uuid()) {
      return refuse(EngineErrc::Closed, "the keyring belongs to another store");
    }
    mark_missing_ = format->high_water && !mark_;
  }
  if (const auto row = store_.index->get(Table::Meta, keys::store_row("state"))) {
    const auto state = decode_state(*row);
    if (!state) return refuse(state.error(), "the state row does not decode");
    store_.state = seen_ = *state;
  } else if (!is_absent(row.error())) {
    return refuse(row.error(), "the table `meta` cannot be read");
  }
  if (const auto row = store_.index->get(Table::Meta, keys::store_row("flushed"))) {
    const auto flushed = decode_flushed(*row);
    if (!flushed) return refuse(flushed.error(), "the row `flushed` does not decode");
    flushed_ = *flushed;
  } else if (!is_absent(row.error())) {
    return refuse(row.error(), "the table `meta` cannot be read");
  }
  return true;
}

void Recovery::make_log() {
  store_.log = std::make_unique<CommitLog>(
      store_.files, CommitLogOptions{.directory = store_.dir("log"), .file_bytes = store_.options.log_file_bytes, .prepare_ahead = store_.options.background},
      store_.keyring->store_uuid(), store_.keyring->store().log);
}

// The same loss has the same id at every start, and another one another.
bool Recovery::accept(const std::string& loss) {
  const std::string id = to_hex(crypto::sha256(Bytes(store_.keyring->store_uuid()) + loss).substr(0, kLossIdBytes));
  if (accepted_ != nullptr && accepted_->id == id) {
    loss_ = loss;
    return true;
  }
  failure_ = {EngineErrc::Closed, loss, id};
  return false;
}

bool Recovery::replay_log() {
  make_log();
  LogExpectation expected{.flushed = flushed_, .applied = store_.state.applied, .epoch = store_.state.epoch};
  if (mark_) {
    expected.epoch = std::max(expected.epoch, mark_->epoch);
    expected.high_water = mark_->sequence;
  }
  // 2 Nothing was written yet: a crash changes nothing.
  auto scanned = store_.log->scan(expected);
  std::string loss = mark_missing_ ? kMarkMissing : "";
  if (!scanned) {
    if (!store_.log->loss()) return refuse(EngineErrc::Closed, store_.log->closed_reason());
    loss += (loss.empty() ? "" : "; ") + store_.log->closed_reason();
  }
  if (!loss.empty() && !accept(loss)) return false;
  if (!scanned) {
    make_log();
    expected.accept_loss = true;
    scanned = store_.log->scan(expected);
    if (!scanned) return refuse(EngineErrc::Closed, store_.log->closed_reason());
  }
  // 3 The last good frame may have stood in the cache only: it is repeated, synced, before anything rests on it. After a loss
  // nothing is repeated: the log stays closed, and is replayed again after a crash, until the first frame is durable.
  const auto epoch = scanned->loss ? store_.log->begin_epoch_after_loss() : store_.log->begin_epoch();
  if (!epoch) return refuse(epoch.error(), "the commit log cannot be written: " + epoch.error().message());
  epoch_ = *epoch;
  if (!lost()) store_.epoch = epoch_;
  store_.published = raw(store_.log->last());
  if (!mark_ && !lost()) {
    // A new store: the mark is there before the format row says that it exists.
    if (auto written = store_.high_water->write({.epoch = epoch_}); !written) return refuse(written.error(), "the high-water mark cannot be written");
  }
  // 4 Rows are absolute: a crash in the middle replays them again.
  const auto replayed = store_.log->replay(flushed_, [&](Sequence, BytesView body) -> Result<void> {
    const auto rows = decode_rows(body);
    if (!rows) return rows.error();
    Batch batch;
    for (const LogRow& row : *rows) {
      if (row.table < 1 || row.table > std::size(kTables)) return crypto::Errc::NewerFormat;
      if (row.is_delete) batch.remove(Table{row.table}, Bytes(row.key));
      else batch.put(Table{row.table}, Bytes(row.key), Bytes(row.value));
    }
    return store_.index->apply(batch);
  });
  if (!replayed) return refuse(replayed.error(), "the replay of the commit log failed: " + replayed.error().message());
  return true;
}

bool Recovery::make_tables_durable() {
  // 5 The other tables hold everything before `flushed` says so; a crash replays again.
  const std::vector<Table> others(std::begin(kTables) + 1, std::end(kTables));
  if (auto done = store_.index->flush(others); !done) {
    return refuse(done.error(), "the tables cannot be flushed: " + done.error().message());
  }
  Batch batch;
  batch.put(Table::Meta, keys::store_row("flushed"), encode_flushed(store_.log->last()));
  const Table meta[] = {Table::Meta};
  if (auto done = store_.index->apply(batch); !done) return refuse(done.error(), "the tables cannot be written: " + done.error().message());
  if (auto done = store_.index->flush(meta); !done) return refuse(done.error(), "the tables cannot be flushed: " + done.error().message());
  // 6 Only now the old log may go; after a loss not even now.
  if (lost()) return true;
  if (auto done = store_.log->remove_older_files(); !done) return refuse(done.error(), "old log files cannot be removed");
  return true;
}

bool Recovery::load_memory() {
  const auto row = store_.index->get(Table::Meta, keys::store_row("state"));
  if (row) {
    const auto state = decode_state(*row);
    if (!state) return refuse(state.error(), "the state row does not decode");
    store_.state = *state;
  } else if (!is_absent(row.error())) {
    return refuse(row.error(), "the table `meta` cannot be read");
  }
  is_new_ = !store_.index->get(Table::Meta, keys::store_row("format"));
  if (is_new_ && row) return refuse(EngineErrc::Closed, "the format row is missing");
  if (lost()) {
    // What is missing may have used them; no mark is written before the first frame, so that a crash leaves the store closed.
    StoreState& now = store_.state;
    now.time_ms = std::max(now.time_ms, seen_.time_ms);
    now.next_collectivity = std::max(now.next_collectivity, seen_.next_collectivity);
    now.next_bucket = std::max(now.next_bucket, seen_.next_bucket);
    now.next_user = std::max(now.next_user, seen_.next_user);
    now.next_extent = std::max(now.next_extent, seen_.next_extent);
    now.next_job = std::max(now.next_job, seen_.next_job);
    now.blob_lease = std::max(now.blob_lease, seen_.blob_lease) + kBlobLease;
    store_.epoch = epoch_;
  }
  store_.state.applied = store_.log->last();
  store_.next_blob = store_.state.blob_lease;
  auto audit = AuditLog::open(*store_.index, *store_.sealers);
  if (!audit) return refuse(audit.error(), "the audit log cannot be read: " + audit.error().message());
  store_.audit = std::move(*audit);
  if (auto loaded = load_directory(); !loaded) return refuse(loaded.error(), "a collectivity, user, key or bucket does not open: " + loaded.error().message());
  if (auto loaded = load_accounts(); !loaded) return refuse(loaded.error(), "a usage row does not decode");
  return true;
}

Result<void> Recovery::load_directory() {
  const auto cursor = store_.index->cursor(Table::Meta);
  const auto meta = static_cast<std::uint8_t>(Table::Meta);
  const auto kind = [](keys::Meta m) { return Bytes(1, static_cast<char>(m)); };
  for (cursor->seek(kind(keys::Meta::Collectivity)); cursor->valid(); cursor->next()) {
    const BytesView key = cursor->key();
    ByteReader r(key.substr(1));
    switch (keys::Meta{static_cast<std::uint8_t>(key[0])}) {
      case keys::Meta::Collectivity: {
        const auto plain = store_.keyring->system_rows().open({meta, key}, cursor->value());
        if (!plain) return plain.error();
        auto c = decode_collectivity(CollectivityId{r.be<std::uint32_t>()}, *plain);
        if (!c) return c.error();
        store_.directory.put_collectivity(std::move(*c));
        break;
      }
      case keys::Meta::Bucket: {
        const CollectivityId t{r.be<std::uint32_t>()};
        const auto plain = open_row(store_, t, Table::Meta, key, cursor->value());
        if (!plain) return plain.error();
        auto bucket = decode_bucket(*plain, t, BucketId{r.be<std::uint32_t>()});
        if (!bucket) return bucket.error();
        store_.buckets.put(std::move(*bucket));
        break;
      }
      case keys::Meta::User: {
        const CollectivityId t{r.be<std::uint32_t>()};
        const auto plain = open_row(store_, t, Table::Meta, key, cursor->value());
        if (!plain) return plain.error();
        auto user = decode_user(t, UserId{r.be<std::uint32_t>()}, *plain);
        if (!user) return user.error();
        store_.directory.put_user(std::move(*user));
        break;
      }
      case keys::Meta::AccessKey: {
        const auto row = split_access_key_row(cursor->value());
        if (!row) return row.error();
        auto plain = open_row(store_, row->collectivity, Table::Meta, key, row->sealed);
        if (!plain) return plain.error();
        auto access_key = decode_access_key(*plain, key.substr(1), row->collectivity);
        crypto::wipe(*plain);
        if (!access_key) return access_key.error();
        store_.directory.put_access_key(std::move(*access_key));
        break;
      }
      case keys::Meta::Store:
      case keys::Meta::Siren:
      case keys::Meta::Slug:
      case keys::Meta::BucketName: break;
      case keys::Meta::Job:
      case keys::Meta::Extent:
      case keys::Meta::Usage:
      case keys::Meta::UsageDay: return cursor->status();
    }
  }
  return cursor->status();
}

Result<void> Recovery::load_accounts() {
  for (const auto& c : store_.directory.collectivities()) {
    const auto row = store_.index->get(Table::Meta, keys::usage(c->id, BucketId{0}));
    Usage usage;
    if (row) {
      auto decoded = decode_usage(*row);
      if (!decoded) return decoded.error();
      usage = *decoded;
    } else if (!is_absent(row.error())) {
      return row.error();
    }
    store_.quotas.load(c->id, usage.bytes, usage.objects, {c->quota_bytes, c->quota_objects});
  }
  return {};
}

// LIMIT: reads every extent row; an own extent has one for each object of 32 MiB or more.
Result<std::vector<Prepared>> Recovery::first_changes() {
  auto change = std::make_unique<FirstFrame>();
  if (is_new_) change->format = StoreFormat{.uuid = store_.keyring->store_uuid()};
  if (lost()) {
    change->audit = accepted_->record;
    change->audit->reason = loss_;
  }
  change->next_collectivity = std::max(CollectivityId{kFirstCollectivity}, next(store_.keyring->highest()));
  std::vector<ExtentId> unlinked;
  const auto cursor = store_.index->cursor(Table::Meta);
  const Bytes prefix = keys::extent(ExtentId{0}).substr(0, 1);
  for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    const ExtentId id{load_be<std::uint32_t>(cursor->key().data() + 1)};
    auto row = decode_extent_row(cursor->value());
    if (!row) return row.error();
    if (row->state == ExtentState::Writing) {
      // Positive knowledge: the frame that would name its run makes it Sealed.
      unlinked.push_back(id);
      change->extents.emplace_back(id, std::nullopt);
    } else if (row->state == ExtentState::Open && !mutant("append_after_restart")) {
      const auto size = store_.extents->file_bytes(id);
      if (!size && size.error() != make_error_code(IoErrc::NotFound)) return size.error();
      if (!size) {
        if (row->live != 0) return EngineErrc::Damaged;
        change->extents.emplace_back(id, std::nullopt);  // the row came first, the file never
        continue;
      }
      // Never appended to again: what follows the last named run may hold anything.
      row->state = ExtentState::Sealed;
      row->end = std::max(*size, row->end);
      row->abandoned = row->end - kExtentHeaderBytes - row->live - row->freed;
      change->extents.emplace_back(id, *row);  // doomed by the group when nothing in it lives
    }
  }
  if (auto status = cursor->status(); !status) return status.error();
  if (auto done = store_.extents->unlink(unlinked); !done) return done.error();
  std::vector<Prepared> changes;
  changes.push_back(std::move(change));
  return changes;
}

}  // namespace beffroi::storage
