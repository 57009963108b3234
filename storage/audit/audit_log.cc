// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_log.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "crypto/check.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "storage/audit/audit_codec.h"
#include "storage/audit/audit_format.h"
#include "storage/audit/audit_rows.h"
#include "storage/audit/audit_tree.h"
#include "storage/index/keys.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {
namespace {

constexpr auto kAuditTable = static_cast<std::uint8_t>(Table::Audit);

// What one group adds to one tree.
struct Pending {
  std::uint64_t first = 0;  // sequence
  std::uint32_t count = 0;
  Bytes kept;     // of records
  Bytes payload;  // of records, or the state leaves themselves
  std::vector<FullTile> tiles;
  std::shared_ptr<const crypto::RowSealer> sealer;  // of records
};

struct Tree {
  // Until the first append of this process, only the frontier is known; then `tree` has the open tiles too.
  AuditFrontier head;
  std::optional<AuditTree> tree;
  Pending pending;

  const crypto::Frontier& frontier() const { return tree ? tree->frontier() : head.frontier; }
  std::uint64_t size() const { return frontier().size(); }
};

// The hashes of `level` behind its last full tile: leaves from their rows, the others from the tiles below them.
Result<std::vector<crypto::Hash>> read_open_hashes(const Index& index, CollectivityId t, std::uint64_t size,
                                                   unsigned level) {
  std::vector<crypto::Hash> hashes;
  const std::uint64_t to = size >> (8 * level);
  const std::uint64_t from = to - to % kAuditTileHashes;
  if (level == 0) {
    const auto cursor = index.cursor(Table::Audit);
    auto scanned =
        scan_leaf_hashes(*cursor, t, from, to, [&](std::uint64_t, const crypto::Hash& hash) -> Result<void> {
          hashes.push_back(hash);
          return {};
        });
    if (!scanned) return scanned.error();
    return hashes;
  }
  for (std::uint64_t number = from; number < to; ++number) {
    const auto tile =
        index.get(Table::Audit, keys::audit_tile(t, static_cast<std::uint8_t>(level - 1), number));
    if (!tile) return tile.error() == IndexErrc::NotFound ? error_code(AuditErrc::Damaged) : tile.error();
    const auto root = tile_root(*tile);
    if (!root) return AuditErrc::Damaged;
    hashes.push_back(*root);
  }
  return hashes;
}

Result<AuditTree> read_tree(const Index& index, CollectivityId t, const crypto::Frontier& frontier) {
  std::vector<std::vector<crypto::Hash>> open;
  for (unsigned level = 0; level < 8 && (frontier.size() >> (8 * level)) > 0; ++level) {
    auto hashes = read_open_hashes(index, t, frontier.size(), level);
    if (!hashes) return hashes.error();
    open.push_back(std::move(*hashes));
  }
  auto tree = AuditTree::restore(frontier, std::move(open));
  if (!tree) return AuditErrc::Damaged;
  return tree;
}

Result<StateLeaf> read_state_leaf(const Index& index, std::uint64_t at) {
  StateLeaf found;
  const auto cursor = index.cursor(Table::Audit);
  auto scanned =
      scan_audit_rows(*cursor, kGlobal, at, at + 1, [&](const AuditRow& row) -> Result<std::uint64_t> {
        const auto leaves = decode_state_leaves(row.value);
        if (!leaves) return damage_of(leaves.error());
        if (at - row.first < leaves->size()) found = (*leaves)[at - row.first];
        return leaves->size();
      });
  if (!scanned) return scanned.error();
  return found;
}

}  // namespace

struct AuditLog::Impl {
  const Index& index;
  const AuditSealers& sealers;
  std::map<CollectivityId, Tree> trees;  // kGlobal included
  std::set<CollectivityId> changed;
  std::set<CollectivityId> touched;  // by the group under way
  AuditCompressor compressor;
  bool is_finished = false;  // between finish() and publish()
  Guarded<GlobalHead> head;

  Impl(const Index& i, const AuditSealers& s) : index(i), sealers(s) {}

  Result<void> load();
  Result<void> note_changed(CollectivityId, const AuditFrontier&);
  Result<Tree*> growing(CollectivityId);
  Result<std::shared_ptr<const crypto::RowSealer>> sealer_for(CollectivityId, const Tree&) const;
  void finish_tree(CollectivityId, Tree&, Batch&);
  Bytes block_row(const Pending&, BytesView key);
  void publish_head();
};

// Every tree's frontier: 2 500 rows of at most 2 KiB.
Result<void> AuditLog::Impl::load() {
  const Bytes start = keys::audit_frontier(kGlobal);
  const auto cursor = index.cursor(Table::Audit);
  for (cursor->seek(start); cursor->valid() && cursor->key().starts_with(start.substr(0, 1));
       cursor->next()) {
    if (cursor->key().size() != start.size()) return AuditErrc::Damaged;
    auto head = decode_audit_frontier(cursor->value());
    if (!head) return damage_of(head.error());
    trees[CollectivityId{load_be<std::uint32_t>(cursor->key().data() + 1)}].head = std::move(*head);
  }
  if (auto status = cursor->status(); !status) return status;
  if (trees[kGlobal].head.last_state_leaf != kNoStateLeaf)
    return AuditErrc::Damaged;  // it is not a leaf of itself
  for (const auto& [t, tree] : trees) {
    if (t == kGlobal) continue;
    if (auto noted = note_changed(t, tree.head); !noted) return noted;
  }
  publish_head();
  return {};
}

Result<void> AuditLog::Impl::note_changed(CollectivityId t, const AuditFrontier& of) {
  std::uint64_t covered = 0;
  if (of.last_state_leaf != kNoStateLeaf) {
    if (of.last_state_leaf >= trees[kGlobal].size()) return AuditErrc::Damaged;
    const auto leaf = read_state_leaf(index, of.last_state_leaf);
    if (!leaf) return leaf.error();
    if (leaf->collectivity != t || leaf->size > of.frontier.size()) return AuditErrc::Damaged;
    covered = leaf->size;
  }
  if (of.frontier.size() > covered) changed.insert(t);
  return {};
}

// The tree of T, ready to be appended to.
Result<Tree*> AuditLog::Impl::growing(CollectivityId t) {
  Tree& tree = trees[t];
  if (!tree.tree) {
    auto read = read_tree(index, t, tree.head.frontier);
    if (!read) return read.error();
    tree.tree = std::move(*read);
  }
  if (tree.pending.count == 0) tree.pending.first = tree.size();
  return &tree;
}

// One key for a whole block.
Result<std::shared_ptr<const crypto::RowSealer>> AuditLog::Impl::sealer_for(CollectivityId t,
                                                                            const Tree& tree) const {
  auto sealer = tree.pending.sealer ? tree.pending.sealer : sealers.sealer(t);
  if (!sealer) return AuditErrc::NoKey;
  return sealer;
}

Bytes AuditLog::Impl::block_row(const Pending& pending, BytesView key) {
  const bool is_long = pending.payload.size() >= kAuditCompressBytesMin;
  const AuditCodec codec = is_long ? AuditCodec::Zstd : AuditCodec::Raw;
  Bytes row = encode_audit_block_head(codec, pending.count, pending.kept);
  row += pending.sealer->seal({kAuditTable, key},
                              is_long ? compressor.compress(pending.payload) : pending.payload);
  return row;
}

void AuditLog::Impl::finish_tree(CollectivityId t, Tree& tree, Batch& batch) {
  Pending& pending = tree.pending;
  if (pending.count > 0) {
    Bytes key = keys::audit_block(t, pending.first);
    Bytes value = t == kGlobal ? std::move(pending.payload) : block_row(pending, key);
    batch.put(Table::Audit, std::move(key), std::move(value));
  }
  for (FullTile& tile : pending.tiles) {
    batch.put(Table::Audit, keys::audit_tile(t, tile.level, tile.number), std::move(tile.hashes));
  }
  batch.put(Table::Audit, keys::audit_frontier(t),
            encode(AuditFrontier{tree.frontier(), tree.head.last_state_leaf}));
}

void AuditLog::Impl::publish_head() {
  const crypto::Frontier& global = trees[kGlobal].frontier();
  *head.lock() = {global.size(), global.root()};
}

AuditLog::AuditLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditLog::~AuditLog() = default;

Result<std::unique_ptr<AuditLog>> AuditLog::open(const Index& index, const AuditSealers& sealers) {
  auto impl = std::make_unique<Impl>(index, sealers);
  if (auto loaded = impl->load(); !loaded) return loaded.error();
  return std::unique_ptr<AuditLog>(new AuditLog(std::move(impl)));
}

Result<std::uint64_t> AuditLog::add(AuditRecord& record) {
  const CollectivityId t = record.collectivity;
  CHECK(t != kGlobal && !impl_->is_finished);
  const auto grown = impl_->growing(t);
  if (!grown) return grown.error();
  Tree& tree = **grown;
  auto sealer = impl_->sealer_for(t, tree);
  if (!sealer) return sealer.error();
  record.sequence = tree.size();
  const Bytes body = encode(record);
  const Bytes salt = crypto::random_bytes(kAuditSaltBytes);
  const Bytes mac = crypto::hmac_sha256(salt, body);
  const auto ms = static_cast<std::uint64_t>(record.ms);
  Pending& pending = tree.pending;
  pending.sealer = std::move(*sealer);
  append_le(pending.kept, ms);
  pending.kept += mac;
  append_audit_payload(pending.payload, salt, body);
  ++pending.count;
  tree.tree->append(audit_leaf_hash(t, record.sequence, ms, mac), pending.tiles);
  impl_->touched.insert(t);
  impl_->changed.insert(t);
  return record.sequence;
}

Result<std::uint64_t> AuditLog::add_state_leaf(CollectivityId t, std::uint64_t rows, BytesView digest32,
                                               Sequence sequence, std::uint64_t epoch) {
  CHECK(t != kGlobal && !impl_->is_finished && digest32.size() == sizeof(crypto::Hash));
  const auto grown = impl_->growing(kGlobal);
  if (!grown) return grown.error();
  Tree& global = **grown;
  Tree& own = impl_->trees[t];
  StateLeaf leaf{t, own.size(), own.frontier().root(), own.head.last_state_leaf, rows, {}, sequence, epoch};
  std::memcpy(leaf.digest.data(), digest32.data(), leaf.digest.size());
  const Bytes bytes = encode(leaf);
  const std::uint64_t at = global.size();
  global.pending.payload += bytes;
  ++global.pending.count;
  global.tree->append(crypto::leaf_hash(bytes), global.pending.tiles);
  own.head.last_state_leaf = at;
  impl_->touched.insert({kGlobal, t});
  impl_->changed.erase(t);
  return at;
}

void AuditLog::finish(Batch& batch) {
  CHECK(!impl_->is_finished);
  for (const CollectivityId t : impl_->touched) impl_->finish_tree(t, impl_->trees[t], batch);
  impl_->is_finished = true;
}

void AuditLog::publish() {
  CHECK(impl_->is_finished);
  for (const CollectivityId t : impl_->touched) impl_->trees[t].pending = {};
  if (impl_->touched.contains(kGlobal)) impl_->publish_head();
  impl_->touched.clear();
  impl_->is_finished = false;
}

std::vector<CollectivityId> AuditLog::changed() const {
  return {impl_->changed.begin(), impl_->changed.end()};
}

std::uint64_t AuditLog::size(CollectivityId t) const {
  const auto it = impl_->trees.find(t);
  return it == impl_->trees.end() ? 0 : it->second.size();
}

GlobalHead AuditLog::global_head() const {
  return *impl_->head.lock();
}

}  // namespace beffroi::storage
