// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/key_versions.h"

#include "crypto/check.h"
#include "crypto/version_id.h"
#include "storage/engine/errors.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"
#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

using Found = Result<std::optional<ObjectRow>>;

static_assert(kVersionIdChars == crypto::kVersionIdChars);

constexpr std::int64_t kDayMs = 86'400'000;

Bytes versions_prefix(CollectivityId t, BucketId b, BytesView key) { return keys::bucket_prefix(t, b) + keys::escape(key); }

Found decode(const Store& store, CollectivityId t, Table table, BytesView row_key, BytesView sealed) {
  const auto plain = open_row(store, t, table, row_key, sealed);
  if (!plain) return plain.error();
  auto object = decode_object(*plain);
  if (!object) return object.error();
  return std::optional<ObjectRow>(ObjectRow{table, Bytes(row_key), Bytes(sealed), std::move(*object)});
}

// `View`: the index of now (the committer's thread, which alone changes it) or a snapshot.
template <class View>
Found read_at(const Store& store, const View& view, CollectivityId t, Table table, Bytes row_key) {
  const auto sealed = view.get(table, row_key);
  if (sealed) return decode(store, t, table, row_key, *sealed);
  if (sealed.error() == make_error_code(IndexErrc::NotFound)) return std::optional<ObjectRow>();
  return sealed.error();
}

// The first row of `versions` of that key at or below `from`.
template <class View>
Found first_version(const Store& store, const View& view, CollectivityId t, BytesView prefix, BytesView from, bool beyond) {
  const auto cursor = view.cursor(Table::Versions);
  cursor->seek(from);
  if (beyond && cursor->valid() && cursor->key() == from) cursor->next();
  if (cursor->valid() && cursor->key().starts_with(prefix)) return decode(store, t, Table::Versions, cursor->key(), cursor->value());
  if (auto status = cursor->status(); !status) return status.error();
  return std::optional<ObjectRow>();
}

template <class View>
Found read_latest(const Store& store, const View& view, CollectivityId t, BucketId b, BytesView key, bool versioned) {
  auto current = read_at(store, view, t, Table::Current, keys::current(t, b, key));
  if (!current || *current || !versioned) return current;
  const Bytes prefix = versions_prefix(t, b, key);
  return first_version(store, view, t, prefix, prefix, false);
}

// The sequence of the version that `id` names; 0 when it can name none.
std::uint64_t sequence_named(const Store& store, const ObjectRow& latest, std::string_view id) {
  if (id == "null") return raw(latest.object.null_version ? latest.object.sequence : latest.object.null_sequence);
  return crypto::sequence_of(store.keyring->store().id, id).value_or(0);
}

bool is_named(const Object& object, std::string_view id) { return id == "null" ? object.null_version : object.version_id == id; }

std::int64_t default_days(const DefaultRetention& d) { return std::int64_t{d.days} + std::int64_t{d.years} * 365; }

}  // namespace

Found find_version(const Store& store, const Snapshot& snapshot, CollectivityId t, BucketId b, BytesView key, bool versioned,
                   std::string_view id) {
  auto latest = read_latest(store, snapshot, t, b, key, versioned);
  if (!latest || !*latest || id.empty()) return latest;
  const std::uint64_t sequence = sequence_named(store, **latest, id);
  if (sequence != 0 && sequence == raw((*latest)->object.sequence)) return is_named((*latest)->object, id) ? std::move(latest) : std::optional<ObjectRow>();
  if (sequence == 0 || !versioned) return std::optional<ObjectRow>();
  auto older = read_at(store, snapshot, t, Table::Versions, keys::version(t, b, key, Sequence{sequence}));
  if (older && *older && !is_named((*older)->object, id)) return std::optional<ObjectRow>();
  return older;
}

Result<void> KeyVersions::read(std::string_view id) {
  latest_.reset();
  null_.reset();
  named_.reset();
  next_.reset();
  latest_named_ = false;
  const auto bucket = store_.buckets.find(t_, b_);
  versioning_ = bucket ? bucket->settings.versioning : Versioning::Off;
  default_retention_ = bucket ? bucket->settings.default_retention : DefaultRetention{};
  const bool versioned = versioning_ != Versioning::Off;
  const Index& index = *store_.index;
  auto latest = read_latest(store_, index, t_, b_, key_, versioned);
  if (!latest) return latest.error();
  latest_ = std::move(*latest);
  if (!latest_) return {};

  const auto at = [&](std::uint64_t sequence) {
    return read_at(store_, index, t_, Table::Versions, keys::version(t_, b_, key_, Sequence{sequence}));
  };
  if (id.empty()) {
    latest_named_ = true;
    if (versioning_ != Versioning::Suspended || raw(latest_->object.null_sequence) == 0) return {};
    auto older = at(raw(latest_->object.null_sequence));
    if (!older) return older.error();
    if (!*older) return EngineErrc::Damaged;
    null_ = std::move(*older);
    return {};
  }
  const std::uint64_t sequence = sequence_named(store_, *latest_, id);
  if (sequence == 0) return {};
  if (sequence == raw(latest_->object.sequence)) {
    latest_named_ = is_named(latest_->object, id);
    if (!latest_named_ || !versioned) return {};
    const Bytes prefix = versions_prefix(t_, b_, key_);
    const bool in_versions = latest_->table == Table::Versions;
    auto below = first_version(store_, index, t_, prefix, in_versions ? BytesView(latest_->key) : BytesView(prefix), in_versions);
    if (!below) return below.error();
    next_ = std::move(*below);
    return {};
  }
  if (!versioned) return {};
  auto older = at(sequence);
  if (!older) return older.error();
  if (*older && is_named((*older)->object, id)) named_ = std::move(*older);
  return {};
}

Result<void> KeyVersions::claim(Claims& claims, std::string_view id) {
  if (auto done = read(id); !done) return done;
  claims.collectivity(t_, Claims::Mode::Shared);
  claims.bucket(t_, b_, Claims::Mode::Shared);
  claims.object(t_, b_, key_, Claims::Mode::Exclusive);
  for (const auto* row : {&latest_, &null_, &named_}) {
    if (*row && !(*row)->object.delete_marker) claims.blob(t_, (*row)->object.blob, Claims::Mode::Exclusive);
  }
  return {};
}

Result<void> KeyVersions::claim_source(Claims& claims, std::string_view id) {
  if (auto done = read(id); !done) return done;
  claims.object(t_, b_, key_, Claims::Mode::Shared);
  if (const Object* source = named(); source && !source->delete_marker) claims.blob(t_, source->blob, Claims::Mode::Exclusive);
  return {};
}

Result<void> KeyVersions::put_row(Group& group, Table table, BytesView row_key, const Object& object, BytesView replaced) {
  return group.put_sealed(t_, table, Bytes(row_key), encode(object), replaced);
}

Result<void> KeyVersions::drop(Group& group, const Object& object) {
  delta_.bytes -= static_cast<std::int64_t>(object.size);
  delta_.objects -= 1;
  if (object.delete_marker) return {};
  return group.drop_reference(t_, object);
}

Result<void> KeyVersions::count(Group& group) { return group.count(t_, b_, delta_); }

Result<void> KeyVersions::put(Group& group, Object& object, bool shared) {
  object.sequence = group.sequence();
  object.version_id = group.new_version_id();
  object.modified_ms = group.now_ms();
  object.null_version = versioning_ != Versioning::Enabled;
  if (!object.delete_marker && object.retention.mode == LockMode::None && default_retention_.mode != LockMode::None) {
    object.retention = {default_retention_.mode, group.now_ms() + default_days(default_retention_) * kDayMs};
  }
  delta_ = {static_cast<std::int64_t>(object.size), 1};

  // What goes: the one `null` version makes place for the next.
  ObjectRow* replaced = null_ ? &*null_ : nullptr;
  if (latest_ && object.null_version && latest_->object.null_version) replaced = &*latest_;
  BytesView in_current = latest_ && latest_->table == Table::Current ? BytesView(latest_->sealed) : BytesView();
  if (latest_ && replaced != &*latest_) {
    if (!object.null_version && !mutant("null_forgotten")) {
      object.null_sequence = latest_->object.null_version ? latest_->object.sequence : latest_->object.null_sequence;
    }
    const bool moves = latest_->table == Table::Current;
    if (moves || raw(latest_->object.null_sequence) != 0) {
      latest_->object.null_sequence = Sequence{0};
      const Bytes row = keys::version(t_, b_, key_, latest_->object.sequence);
      if (auto put = put_row(group, Table::Versions, row, latest_->object, moves ? BytesView() : BytesView(latest_->sealed)); !put) return put;
    }
  }
  if (replaced && replaced->table == Table::Versions) {
    if (auto gone = group.remove_sealed(t_, Table::Versions, replaced->key, replaced->sealed); !gone) return gone;
  }
  Bytes current = keys::current(t_, b_, key_);
  if (object.delete_marker) {
    if (!in_current.empty()) {
      if (auto gone = group.remove_sealed(t_, Table::Current, std::move(current), in_current); !gone) return gone;
    }
    const Bytes row = keys::version(t_, b_, key_, object.sequence);
    if (auto put = put_row(group, Table::Versions, row, object, {}); !put) return put;
  } else if (auto put = put_row(group, Table::Current, current, object, in_current); !put) {
    return put;
  }
  // A version that takes its own blob again leaves the count as it is.
  const bool same = shared && replaced && !replaced->object.delete_marker && !replaced->object.is_inline() && replaced->object.blob == object.blob;
  if (same) {
    delta_.bytes -= static_cast<std::int64_t>(replaced->object.size);
    delta_.objects -= 1;
    return count(group);
  }
  if (shared) {
    if (auto added = group.add_reference(t_, object.blob); !added) return added;
  }
  if (replaced) {
    if (auto dropped = drop(group, replaced->object); !dropped) return dropped;
  }
  return count(group);
}

Result<void> KeyVersions::remove_version(Group& group) {
  ObjectRow* gone = named_ ? &*named_ : latest_named_ ? &*latest_ : nullptr;
  if (gone == nullptr) return {};
  if (gone != &*latest_) {
    if (auto removed = group.remove_sealed(t_, gone->table, gone->key, gone->sealed); !removed) return removed;
    if (gone->object.null_version) {
      latest_->object.null_sequence = Sequence{0};
      if (auto put = put_row(group, latest_->table, latest_->key, latest_->object, latest_->sealed); !put) return put;
    }
  } else if (auto up = bring_up_next(group, gone->object.null_sequence); !up) {
    return up;
  }
  if (auto dropped = drop(group, gone->object); !dropped) return dropped;
  return count(group);
}

// The latest row goes; the one below it, if any, is the latest from now on.
Result<void> KeyVersions::bring_up_next(Group& group, Sequence null_sequence) {
  const bool was_current = latest_->table == Table::Current;
  const bool to_current = next_ && !next_->object.delete_marker;
  if (!was_current || !to_current) {
    if (auto removed = group.remove_sealed(t_, latest_->table, latest_->key, latest_->sealed); !removed) return removed;
  }
  if (!next_) return {};
  Object& next = next_->object;
  next.null_sequence = next.null_version ? Sequence{0} : null_sequence;
  if (!to_current) {
    if (raw(next.null_sequence) == 0) return {};
    return put_row(group, Table::Versions, next_->key, next, next_->sealed);
  }
  if (auto removed = group.remove_sealed(t_, Table::Versions, next_->key, next_->sealed); !removed) return removed;
  return put_row(group, Table::Current, keys::current(t_, b_, key_), next, was_current ? BytesView(latest_->sealed) : BytesView());
}

Result<void> KeyVersions::rewrite_named(Group& group) {
  const ObjectRow& row = named_ ? *named_ : *latest_;
  return put_row(group, row.table, row.key, row.object, row.sealed);
}

void answer(Committed& committed, const Object& object, Versioning versioning) {
  committed.version_id = object.version_id;
  committed.versioned = versioning != Versioning::Off;
  committed.null_version = object.null_version;
  committed.delete_marker = object.delete_marker;
  committed.etag = object.etag;
  committed.checksum = object.checksum;
  committed.size = object.size;
  committed.tags = object.tags;
}

}  // namespace beffroi::storage
