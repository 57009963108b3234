// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "crypto/chunk_open.h"
#include "storage/audit/audit_reader.h"
#include "storage/engine/blob.h"
#include "storage/engine/sealed_row.h"
#include "storage/engine/errors.h"
#include "storage/engine/upload.h"
#include "storage/extent/extent_files.h"
#include "storage/index/keys.h"
#include "storage/tenant/metering.h"

namespace beffroi::storage {
namespace {

// LIMIT: keeps a few dozen bytes in memory for each blob, part and run.
class Checker {
 public:
  Checker(Store& store, CheckWatch* watch, std::optional<BodyPlace> after)
      : store_(store), watch_(watch), after_(after), digest_mac_(crypto::digest_mac_key(store.keyring->store().digest).reveal()) {}

  Result<std::vector<std::string>> run() {
    if (!stage("tables", 0)) return EngineErrc::Stopped;
    auto findings = watch_ ? store_.index->verify_files([&](std::uint64_t bytes) { return read(bytes); }) : store_.index->verify();
    if (!findings) return findings.error();
    if (stopped_) return EngineErrc::Stopped;
    findings_ = std::move(*findings);
    if (!findings_.empty()) return findings_;  // tables that do not read cannot be counted
    if (!stage("rows", 0)) return EngineErrc::Stopped;
    snapshot_ = store_.index->snapshot();
    count_sealed_meta();
    walk_objects(Table::Current);
    walk_objects(Table::Versions);
    end_key();
    walk_inline();
    walk_uploads();
    walk_blobs();
    check_chosen();
    walk_runs();
    check_counts();
    check_extents();
    check_usage();
    if (!stage("audit", 0)) return EngineErrc::Stopped;
    check_audit();
    if (stopped_) return EngineErrc::Stopped;
    snapshot_.reset();  // it keeps old rows in files: not while terabytes are read
    check_bodies();
    if (stopped_) return EngineErrc::Stopped;
    return findings_;
  }

 private:
  struct BlobFacts {
    std::uint32_t references = 0;
    std::uint32_t count = 1;
    bool has_header = false;
    bool uploading = false;
  };
  using BlobName = std::pair<CollectivityId, BlobId>;
  struct Body {
    BlobName name;
    std::uint16_t part;
    PartBytes bytes;
  };
  struct Totals {
    std::uint64_t bytes = 0, objects = 0, rows = 0;
    crypto::DigestSum digest;
  };

  void found(std::string what) { findings_.push_back(std::move(what)); }

  bool stage(std::string_view name, std::uint64_t bytes) {
    if (watch_ && !watch_->stage(name, bytes)) stopped_ = true;
    return !stopped_;
  }
  bool read(std::uint64_t bytes) {
    if (watch_ && !watch_->read(bytes)) stopped_ = true;
    return !stopped_;
  }
  // What the index says now, while the store serves.
  Result<Bytes> now(Table table, BytesView key) const { return store_.index->get(table, key); }

  std::string bucket_text(CollectivityId t, BucketId b) const {
    const auto c = store_.directory.collectivity(t);
    const auto bucket = store_.buckets.find(t, b);
    return (c ? c->slug : "collectivity " + std::to_string(raw(t))) + "/" + (bucket ? bucket->name : "bucket " + std::to_string(raw(b)));
  }
  static std::string blob_text(BlobName name) {
    return "blob " + std::to_string(raw(name.second)) + " of collectivity " + std::to_string(raw(name.first));
  }

  // Opens a sealed row and counts it in its collectivity's digest; nullopt after a finding.
  std::optional<Bytes> open(CollectivityId t, Table table, BytesView key, BytesView sealed, const std::string& what) {
    const auto plain = open_row(store_, t, table, key, sealed);
    const auto print = crypto::seal_fingerprint(sealed);
    if (!plain || !print) {
      found(what + ": the row does not authenticate");
      return std::nullopt;
    }
    Totals& totals = totals_[t];
    ++totals.rows;
    totals.digest.add(crypto::row_mac(digest_mac_, static_cast<std::uint8_t>(table), key, *print));
    return *plain;
  }

  template <class Visit>
  void walk(Table table, BytesView prefix, Visit visit) {
    const auto cursor = snapshot_->cursor(table);
    for (cursor->seek(prefix); !stopped_ && cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
      read(cursor->key().size() + cursor->value().size());
      visit(cursor->key(), cursor->value());
    }
    if (!cursor->status()) found("table " + std::string(table_name(table)) + ": cannot be read to its end");
  }

  void count_sealed_meta() {
    for (const auto kind : {keys::Meta::Bucket, keys::Meta::User}) {
      walk(Table::Meta, Bytes(1, static_cast<char>(kind)), [&](BytesView key, BytesView value) {
        const CollectivityId t{load_be<std::uint32_t>(key.data() + 1)};
        if (kind == keys::Meta::Bucket) buckets_.insert({t, BucketId{load_be<std::uint32_t>(key.data() + 5)}});
        open(t, Table::Meta, key, value, kind == keys::Meta::Bucket ? "a bucket of collectivity " + std::to_string(raw(t)) : "a user of collectivity " + std::to_string(raw(t)));
      });
    }
    walk(Table::Meta, Bytes(1, static_cast<char>(keys::Meta::AccessKey)), [&](BytesView key, BytesView value) {
      const auto row = split_access_key_row(value);
      if (!row) return found("access key " + std::string(key.substr(1)) + ": the row is malformed");
      open(row->collectivity, Table::Meta, key, row->sealed, "access key " + std::string(key.substr(1)));
    });
  }

  void walk_objects(Table table) {
    walk(table, {}, [&](BytesView key, BytesView value) {
      const CollectivityId t{load_be<std::uint32_t>(key.data())};
      const BucketId b{load_be<std::uint32_t>(key.data() + 4)};
      Bytes name(key.substr(8));
      std::size_t taken = 0;
      if (table == Table::Versions && (!keys::unescape(key.substr(8), name, taken) || key.size() != 8 + taken + sizeof(std::uint64_t))) {
        return found("a version in " + bucket_text(t, b) + ": its key is malformed");
      }
      const std::string what = (table == Table::Current ? "object " : "a version of ") + bucket_text(t, b) + "/" + name;
      const auto plain = open(t, table, key, value, what);
      if (!plain) return;
      const auto object = decode_object(*plain);
      if (!object) return found(what + ": the row does not decode");
      if (!buckets_.contains({t, b})) found(what + ": its bucket does not exist");
      if (object->delete_marker && table == Table::Current) found(what + ": a delete marker stands where an object should");
      if (table == Table::Versions) check_version(key.substr(0, 8 + taken), name, *object, what);
      count(t, b, object->size, 1);
      if (object->delete_marker) return;
      if (object->is_inline()) {
        check_inline(t, *object, what);
      } else {
        ++blobs_[{t, object->blob}].references;
        names_.emplace(BlobName{t, object->blob}, what);
        sizes_[{t, object->blob}] = object->size;
      }
    });
  }

  // Versions of one key come one after the other, the newest first.
  struct VersionsOfKey {
    Bytes prefix;  // of their rows
    std::string what;
    Sequence null_at{0};  // where the latest version says that an older `null` one is
    Sequence null_found{0};
    bool latest_is_null = false;
    std::uint64_t above = UINT64_MAX;  // sequence of the version before
  };

  void check_version(BytesView prefix, BytesView name, const Object& object, const std::string& what) {
    bool is_latest = false;
    if (key_.prefix != prefix) {
      end_key();
      key_ = {.prefix = Bytes(prefix), .what = what};
      const auto current = current_object(prefix.substr(0, 8), name);
      is_latest = !current;
      if (is_latest && !object.delete_marker) found(what + ": it is the latest version and not the current one");
      const Object& latest = current ? *current : object;
      key_.null_at = latest.null_sequence;
      key_.latest_is_null = latest.null_version;
      if (current) key_.above = raw(current->sequence);
    }
    if (raw(object.sequence) >= key_.above) found(what + ": it is newer than the version before it");
    key_.above = raw(object.sequence);
    if (is_latest) return;
    if (raw(object.null_sequence) != 0) found(what + ": it is not the latest version and says where the null version is");
    if (!object.null_version) return;
    if (key_.latest_is_null || raw(key_.null_found) != 0) found(what + ": there are two null versions");
    key_.null_found = object.sequence;
  }

  std::optional<Object> current_object(BytesView bucket_prefix, BytesView name) {
    const Bytes key = Bytes(bucket_prefix) + Bytes(name);
    const auto sealed = snapshot_->get(Table::Current, key);
    if (!sealed) return std::nullopt;
    const auto plain = open_row(store_, CollectivityId{load_be<std::uint32_t>(key.data())}, Table::Current, key, *sealed);
    auto object = plain ? decode_object(*plain) : Result<Object>(plain.error());
    if (!object) return std::nullopt;
    return std::move(*object);
  }

  void end_key() {
    if (key_.null_at != key_.null_found) found(key_.what + ": its null version is not where the latest version says");
    key_ = {};
  }

  void walk_inline() {
    walk(Table::Inline, {}, [&](BytesView key, BytesView) {
      const BlobName name{CollectivityId{load_be<std::uint32_t>(key.data())}, BlobId{load_be<std::uint64_t>(key.data() + 4)}};
      if (!inline_.contains(name)) found(blob_text(name) + ": an inline payload that no object names");
    });
  }

  void check_inline(CollectivityId t, const Object& object, const std::string& what) {
    inline_.insert({t, object.blob});
    auto payload = snapshot_->get(Table::Inline, keys::inline_payload(t, object.blob));
    const std::size_t sealed = crypto::sealed_bytes(object.size);
    if (!payload || payload->size() != sealed + 1) return found(what + ": its payload is missing or of another size");
    crypto::ChunkOpener opener(*object.inline_key, {raw(t), raw(object.blob), 0}, object.size);
    if (!opener.open(0, MutableBytes(payload->data() + 1, sealed))) found(what + ": its payload does not authenticate");
  }

  void walk_uploads() {
    walk(Table::Uploads, {}, [&](BytesView key, BytesView value) {
      const CollectivityId t{load_be<std::uint32_t>(key.data())};
      const BucketId b{load_be<std::uint32_t>(key.data() + 4)};
      const std::string what = "an upload in " + bucket_text(t, b);
      const auto plain = open(t, Table::Uploads, key, value, what);
      if (!plain) return;
      const auto upload = decode_upload(*plain);
      if (!upload) return found(what + ": the row does not decode");
      if (upload->outcome) return;
      blobs_[{t, upload->blob}].uploading = true;
      upload_bucket_[{t, upload->blob}] = b;
      names_.emplace(BlobName{t, upload->blob}, what);
    });
  }

  void walk_blobs() {
    walk(Table::Blobs, {}, [&](BytesView key, BytesView value) {
      const BlobName name{CollectivityId{load_be<std::uint32_t>(key.data())}, BlobId{load_be<std::uint64_t>(key.data() + 4)}};
      const auto part = load_be<std::uint16_t>(key.data() + 12);
      BlobFacts& facts = blobs_[name];
      if (part == keys::kCountPart) {
        const auto number = decode_count(value);
        if (!number) return found(blob_text(name) + ": its count does not decode");
        facts.count = *number;
        return;
      }
      const std::string what = describe(name);
      const auto plain = open(name.first, Table::Blobs, key, value, what);
      if (!plain) return;
      if (part == keys::kHeaderPart) return check_header(name, *plain, what);
      const auto row = decode_part(*plain);
      if (!row) return found(what + ", part " + std::to_string(part) + ": the row does not decode");
      part_sizes_[name][part] = row->bytes.size;
      parts_.emplace_back(name, part, row->bytes.run);
      if (facts.uploading) count(name.first, upload_bucket_[name], row->bytes.size, 1);
      bodies_.push_back({name, part, {row->bytes.key.clone(), row->bytes.size, row->bytes.run}});
    });
  }

  void check_header(BlobName name, BytesView plain, const std::string& what) {
    auto header = decode_blob_header(plain);
    if (!header) return found(what + ": its blob header does not decode");
    blobs_[name].has_header = true;
    if (auto* whole = std::get_if<PartBytes>(&header->body)) {
      parts_.emplace_back(name, 0, whole->run);
      if (const auto size = sizes_.find(name); size != sizes_.end() && size->second != whole->size) found(what + ": its size differs from its blob's");
      bodies_.push_back({name, 0, std::move(*whole)});
    } else {
      chosen_.emplace(name, std::get<std::vector<ChosenPart>>(header->body));
    }
  }

  void check_chosen() {
    for (const auto& [name, chosen] : chosen_) {
      if (blobs_[name].count == 0) continue;
      std::uint64_t end = 0;
      for (const ChosenPart& part : chosen) {
        const auto size = part_sizes_[name].find(part.number);
        if (size == part_sizes_[name].end()) {
          found(describe(name) + ": part " + std::to_string(part.number) + " is missing");
          continue;
        }
        end += size->second;
        if (end != part.end) found(describe(name) + ": part " + std::to_string(part.number) + " has another size");
      }
      if (const auto size = sizes_.find(name); size != sizes_.end() && size->second != end) found(describe(name) + ": its size differs from its parts'");
    }
  }

  std::string describe(BlobName name) const {
    const auto at = names_.find(name);
    return at == names_.end() ? blob_text(name) : at->second;
  }

  void check_bodies() {
    std::uint64_t total = 0;
    for (const auto& body : bodies_) total += body.bytes.run.length;
    if (!stage("bodies", total)) return;
    std::vector<std::string> of_bodies;
    for (const auto& body : bodies_) {
      const BodyPlace place{body.name.first, body.name.second, body.part};
      const bool done = after_ && place <= *after_;
      if (done) {
        if (!read(0)) return;
        continue;
      }
      if (blobs_[body.name].count == 0) continue;  // being freed
      const std::size_t before = findings_.size();
      check_body(body.name, body.part, body.bytes, describe(body.name));
      if (stopped_) return;
      if (findings_.size() > before && watch_ && !still_named(body)) findings_.resize(before);
      of_bodies.insert(of_bodies.end(), findings_.begin() + static_cast<std::ptrdiff_t>(before), findings_.end());
      if (watch_ && !watch_->body(place, of_bodies)) stopped_ = true;
      if (stopped_) return;
    }
  }

  // Whether the same run is that part's still: its bytes are freed only after the row is gone or its blob's count is 0.
  bool still_named(const Body& body) const {
    const auto count = now(Table::Blobs, keys::blob(body.name.first, body.name.second, keys::kCountPart));
    if (count && decode_count(*count) && *decode_count(*count) == 0) return false;
    const auto row = now(Table::Blobs, keys::blob(body.name.first, body.name.second, body.part));
    if (!row) return false;
    const auto plain = open_row(store_, body.name.first, Table::Blobs, keys::blob(body.name.first, body.name.second, body.part), *row);
    if (!plain) return true;
    if (body.part == keys::kHeaderPart) {
      const auto header = decode_blob_header(*plain);
      const auto* whole = header ? std::get_if<PartBytes>(&header->body) : nullptr;
      return whole == nullptr || whole->run == body.bytes.run;
    }
    const auto part = decode_part(*plain);
    return !part || part->bytes.run == body.bytes.run;
  }

  // Opens every chunk.
  void check_body(BlobName name, std::uint16_t part, const PartBytes& bytes, const std::string& what) {
    crypto::ChunkOpener opener(bytes.key, {raw(name.first), raw(name.second), part}, bytes.size);
    if (bytes.run.length != crypto::sealed_bytes(bytes.size)) return found(what + ": its run has another length");
    const std::uint64_t chunks = crypto::chunk_count(bytes.size);
    Bytes buffer;
    for (std::uint64_t n = chunks; n-- > 0;) {  // the last chunk opens first
      const std::uint64_t offset = n * crypto::kSealedChunkBytes;
      buffer.resize(std::min<std::uint64_t>(crypto::kSealedChunkBytes, bytes.run.length - offset));
      if (!read(buffer.size())) return;
      const std::string where = " (extent " + std::to_string(raw(bytes.run.extent)) + ", offset " + std::to_string(bytes.run.offset + offset) + ")";
      if (!store_.extents->read(bytes.run, offset, MutableBytes(buffer.data(), buffer.size()))) return found(what + ": its bytes cannot be read" + where);
      if (!opener.open(n, MutableBytes(buffer.data(), buffer.size()))) return found(what + ": its bytes do not authenticate" + where);
    }
  }

  void walk_runs() {
    std::map<std::pair<ExtentId, std::uint64_t>, RunOwner> rows;
    walk(Table::Runs, {}, [&](BytesView key, BytesView value) {
      const ExtentId extent{load_be<std::uint32_t>(key.data())};
      const auto owner = decode_run_owner(value);
      if (!owner) return found("a run of extent " + std::to_string(raw(extent)) + ": the row does not decode");
      rows.emplace(std::pair(extent, load_be<std::uint64_t>(key.data() + 4)), *owner);
      live_[extent] += run_footprint(owner->length);
    });
    for (const auto& [name, part, run] : parts_) {
      const auto at = rows.find({run.extent, run.offset});
      if (at == rows.end() || at->second != RunOwner{name.first, name.second, part, run.length}) {
        found(describe(name) + ": the way back from its bytes is missing or names another");
      } else {
        rows.erase(at);
      }
    }
    // What is left is waiting for the gc lane (a replaced part), or leaked.
    std::set<std::pair<ExtentId, std::uint64_t>> awaited;
    walk(Table::Gc, {}, [&](BytesView, BytesView value) {
      const auto row = decode_gc_row(value);
      if (!row) return found("a gc row does not decode");
      if (const auto* run = std::get_if<GcRun>(&*row)) awaited.insert({run->run.extent, run->run.offset});
      if (const auto* blob = std::get_if<GcBlob>(&*row)) awaited_blobs_.insert({blob->collectivity, blob->blob});
    });
    for (const auto& [place, owner] : rows) {
      if (!awaited.contains(place)) {
        found("extent " + std::to_string(raw(place.first)) + ", offset " + std::to_string(place.second) + ": bytes that nothing names and nothing will free");
      }
    }
  }

  void check_counts() {
    for (const auto& [name, facts] : blobs_) {
      if (facts.uploading) {
        if (facts.references != 0 || facts.has_header) found(blob_text(name) + ": an upload under way is referenced");
        continue;
      }
      if (facts.references == 0) {
        if (facts.count != 0 || !awaited_blobs_.contains(name)) found(blob_text(name) + ": nothing names it and nothing will free it");
        continue;
      }
      if (!facts.has_header) found(describe(name) + ": its blob has no header");
      if (facts.count != facts.references) {
        found(describe(name) + ": its blob counts " + std::to_string(facts.count) + " references, " + std::to_string(facts.references) + " exist");
      }
    }
  }

  bool lives_now(BytesView extent_key) const {
    if (!watch_) return true;
    const auto row = now(Table::Meta, extent_key);
    if (!row) return false;
    const auto extent = decode_extent_row(*row);
    return !extent || extent->live > 0;
  }

  void check_extents() {
    const Bytes prefix(1, static_cast<char>(keys::Meta::Extent));
    std::set<std::string> files;
    if (const auto list = store_.extents->list_files()) {
      for (const DirectoryEntry& file : *list) files.insert(file.name);
    } else {
      found("the extents cannot be listed");
    }
    walk(Table::Meta, prefix, [&](BytesView key, BytesView value) {
      const ExtentId id{load_be<std::uint32_t>(key.data() + 1)};
      const auto row = decode_extent_row(value);
      const std::string what = "extent " + std::to_string(raw(id));
      if (!row) return found(what + ": its row does not decode");
      if (row->live != live_[id]) found(what + ": its row counts " + std::to_string(row->live) + " live bytes, " + std::to_string(live_[id]) + " exist");
      if (row->live > 0 && !store_.extents->file_bytes(id) && lives_now(key)) found(what + ": its file is missing");
      live_.erase(id);
      files.erase(extent_name(id));
    });
    for (const std::string& name : files) {
      const auto id = parse_extent_name(name);
      if (watch_ && id && now(Table::Meta, keys::extent(*id))) continue;  // made since
      found("extent file " + name + ": no row names it and nothing will free it");
    }
    for (const auto& [id, bytes] : live_) {
      if (bytes > 0) found("extent " + std::to_string(raw(id)) + ": has runs and no row");
    }
  }

  void count(CollectivityId t, BucketId b, std::uint64_t bytes, std::uint64_t objects) {
    totals_[t].bytes += bytes;
    totals_[t].objects += objects;
    bucket_bytes_[{t, b}] += bytes;
  }

  void check_usage() {
    for (const auto& c : store_.directory.collectivities()) {
      const Totals& totals = totals_[c->id];
      Usage usage;
      if (const auto row = snapshot_->get(Table::Meta, keys::usage(c->id, BucketId{0}))) {
        const auto decoded = decode_usage(*row);
        if (!decoded) {
          found(c->slug + ": its usage row does not decode");
          continue;
        }
        usage = *decoded;
      }
      if (usage.bytes != totals.bytes || usage.objects != totals.objects) {
        found(c->slug + ": usage says " + std::to_string(usage.bytes) + " bytes in " + std::to_string(usage.objects) + " objects, " +
              std::to_string(totals.bytes) + " in " + std::to_string(totals.objects) + " exist");
      }
      if (usage.rows != totals.rows || usage.digest != totals.digest) {
        found(c->slug + ": rows are missing, extra or stale (" + std::to_string(usage.rows) + " expected, " + std::to_string(totals.rows) + " found)");
      }
    }
  }

  void check_audit() {
    const AuditReader reader(*snapshot_, *store_.sealers);
    std::vector<CollectivityId> owners{kAppliance};
    for (const auto& c : store_.directory.collectivities()) owners.push_back(c->id);
    for (const CollectivityId t : owners) {
      if (!read(0)) return;
      check_tree(reader, t);
    }
    check_tree(reader, kGlobal);
    const auto head = reader.frontier(kGlobal);
    if (!head) return found("the global audit tree cannot be read");
    std::map<CollectivityId, std::vector<Attested>> attested;
    const auto walked = reader.state_leaves(0, head->frontier.size(), [&](std::uint64_t index, const StateLeaf& leaf) -> Result<void> {
      attested[leaf.collectivity].push_back({leaf.size, index, leaf.root});
      return {};
    });
    if (!walked) found("the state leaves cannot be read to their end");
    for (auto& [t, leaves] : attested) {
      if (!read(0)) return;
      check_attested(reader, t, leaves);
    }
    check_checkpoints(reader);
  }

  struct Attested {
    std::uint64_t size, index;
    crypto::Hash root;
  };

  // One walk over the log, looking at its root at each size that a state leaf attests.
  void check_attested(const AuditReader& reader, CollectivityId t, std::vector<Attested>& leaves) {
    std::sort(leaves.begin(), leaves.end(), [](const Attested& a, const Attested& b) { return a.size < b.size; });
    crypto::Frontier tree;
    auto at = leaves.begin();
    const auto compare = [&] {
      for (; at != leaves.end() && at->size == tree.size(); ++at) {
        if (tree.root() != at->root) found("state leaf " + std::to_string(at->index) + ": the log it attests has another root");
      }
    };
    compare();
    (void)reader.leaves(t, 0, leaves.back().size, [&](std::uint64_t, const crypto::Hash& leaf) -> Result<void> {
      tree.append(leaf);
      compare();
      return {};
    });
    for (; at != leaves.end(); ++at) found("state leaf " + std::to_string(at->index) + ": the log it attests cannot be read to its end");
  }

  void check_checkpoints(const AuditReader& reader) {
    const Bytes prefix = keys::audit_checkpoint(0).substr(0, 1);
    walk(Table::Audit, prefix, [&](BytesView key, BytesView value) {
      const std::uint64_t size = load_be<std::uint64_t>(key.data() + 1);
      const auto text = crypto::open_note(value, store_.notes->key());
      const auto checkpoint = text ? crypto::decode_checkpoint(*text) : Result<crypto::Checkpoint>(text.error());
      const auto tree = reader.recompute(kGlobal, size);
      if (!checkpoint || !tree || *checkpoint != crypto::Checkpoint{store_.notes->key().name, size, tree->root()}) {
        found("audit checkpoint of size " + std::to_string(size) + ": it is not signed by this store, or not of its tree");
      }
    });
  }

  void check_tree(const AuditReader& reader, CollectivityId t) {
    const std::string what = t == kGlobal ? "the global audit tree" : "audit log of collectivity " + std::to_string(raw(t));
    const auto stored = reader.frontier(t);
    if (!stored) return found(what + ": its frontier cannot be read");
    const auto again = reader.recompute(t, stored->frontier.size());
    if (!again || again->root() != stored->frontier.root()) return found(what + ": its records do not give its root");
    if (t == kGlobal) return;
    if (!reader.read(t, 0, stored->frontier.size(), [](const AuditEntry&) -> Result<void> { return {}; })) found(what + ": a record does not open");
  }

  Store& store_;
  CheckWatch* const watch_;
  const std::optional<BodyPlace> after_;
  bool stopped_ = false;
  VersionsOfKey key_;
  const crypto::HmacSha256 digest_mac_;
  std::unique_ptr<Snapshot> snapshot_;
  std::set<std::pair<CollectivityId, BucketId>> buckets_;
  std::vector<std::string> findings_;
  std::map<BlobName, BlobFacts> blobs_;
  std::map<BlobName, std::string> names_;
  std::map<BlobName, std::uint64_t> sizes_;
  std::map<BlobName, BucketId> upload_bucket_;
  std::map<BlobName, std::map<std::uint16_t, std::uint64_t>> part_sizes_;
  std::map<BlobName, std::vector<ChosenPart>> chosen_;
  std::set<BlobName> inline_, awaited_blobs_;
  std::vector<std::tuple<BlobName, std::uint16_t, Run>> parts_;
  std::vector<Body> bodies_;
  std::map<ExtentId, std::uint64_t> live_;
  std::map<CollectivityId, Totals> totals_;
  std::map<std::pair<CollectivityId, BucketId>, std::uint64_t> bucket_bytes_;
};

}  // namespace

Result<std::vector<std::string>> check_store(Store& store, CheckWatch* watch, std::optional<BodyPlace> after) {
  return Checker(store, watch, after).run();
}

}  // namespace beffroi::storage
