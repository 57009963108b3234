// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/multipart.h"

#include "crypto/digest.h"
#include "crypto/md5.h"
#include "crypto/random.h"
#include "storage/engine/engine.h"
#include "storage/engine/key_versions.h"
#include "storage/engine/part_checksums.h"
#include "storage/engine/group.h"
#include "storage/engine/sealed_row.h"
#include "storage/index/keys.h"

namespace beffroi::storage {
namespace {

bool is_absent(const error_code& e) { return e == make_error_code(IndexErrc::NotFound); }

class CreateUpload final : public Change {
 public:
  CreateUpload(Store& store, CollectivityId t, BucketId b, Bytes key, Upload upload)
      : store_(store), t_(t), b_(b), id_(crypto::random_bytes(kUploadIdBytes)), row_(keys::upload(t, b, key, id_)), upload_(std::move(upload)) {}

  Result<void> claim(Claims& claims) override {
    claims.collectivity(t_, Claims::Mode::Shared);
    claims.bucket(t_, b_, Claims::Mode::Shared);
    claims.upload(id_, Claims::Mode::Exclusive);
    return {};
  }

  Result<void> build(Group& group) override {
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    if (upload_.blob == BlobId{0}) return EngineErrc::SlowDown;
    upload_.started_ms = group.now_ms();
    if (auto put = group.put_sealed(t_, Table::Uploads, row_, encode(upload_), {}); !put) return put;
    committed.upload_id = id_;
    return {};
  }

 private:
  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Bytes id_, row_;
  Upload upload_;
};

// What the snapshot said of an upload's parts.
struct PartTotals {
  std::uint64_t bytes = 0;
  std::int64_t count = 0;
};

// Complete and Abort: O(1) in the committer, prepared from a snapshot of the parts.
class EndUpload : public Change {
 public:
  EndUpload(Store& store, CollectivityId t, BucketId b, Bytes key, Bytes upload_id)
      : store_(store), t_(t), b_(b), key_(std::move(key)), upload_id_(std::move(upload_id)), row_(keys::upload(t, b, key_, upload_id_)) {}

  PartTotals totals;
  Sequence seen{0};  // read before the snapshot was taken

 protected:
  void claim_upload(Claims& claims) const {
    claims.collectivity(t_, Claims::Mode::Shared);
    claims.bucket(t_, b_, Claims::Mode::Shared);
    claims.upload(upload_id_, Claims::Mode::Exclusive);
    claims.object(t_, b_, key_, Claims::Mode::Exclusive);
  }
  // The upload as committed, and its sealed row in `sealed_`. NoSuchUpload.
  Result<Upload> find() {
    auto sealed = store_.index->get(Table::Uploads, row_);
    if (!sealed) return is_absent(sealed.error()) ? make_error_code(EngineErrc::NoSuchUpload) : sealed.error();
    sealed_ = std::move(*sealed);
    const auto plain = open_row(store_, t_, Table::Uploads, row_, sealed_);
    if (!plain) return plain.error();
    return decode_upload(*plain);
  }
  // True when a part came or went since the snapshot.
  bool parts_moved() const {
    const auto at = store_.parts_changed.find(upload_id_);
    return at != store_.parts_changed.end() && at->second > seen;
  }

  Store& store_;
  const CollectivityId t_;
  const BucketId b_;
  const Bytes key_, upload_id_, row_;
  Bytes sealed_;
};

class AbortUpload final : public EndUpload {
 public:
  using EndUpload::EndUpload;

  Result<void> claim(Claims& claims) override {
    claim_upload(claims);
    return {};
  }

  Result<void> build(Group& group) override {
    const auto upload = find();
    if (!upload) return upload.error();
    if (upload->outcome) return EngineErrc::NoSuchUpload;
    if (parts_moved()) return EngineErrc::Changed;
    if (auto done = group.remove_sealed(t_, Table::Uploads, row_, sealed_); !done) return done;
    group.put(Table::Blobs, keys::blob(t_, upload->blob, keys::kCountPart), encode_count(0));
    group.gc(GcBlob{t_, upload->blob});
    return group.count(t_, b_, {-static_cast<std::int64_t>(totals.bytes), -totals.count});
  }

  void published() override {
    store_.parts_changed.erase(upload_id_);
    store_.quotas.adjust(t_, -static_cast<std::int64_t>(totals.bytes), -totals.count);
  }
};

class CompleteUpload final : public EndUpload {
 public:
  CompleteUpload(Store& store, CollectivityId t, BucketId b, Bytes key, Bytes upload_id)
      : EndUpload(store, t, b, key, std::move(upload_id)), versions_(store, t, b, key) {}

  Result<void> claim(Claims& claims) override {
    claim_upload(claims);
    return versions_.claim(claims);
  }

  Result<void> build(Group& group) override {
    auto upload = find();
    if (!upload) return upload.error();
    if (upload->outcome) return repeat(*upload->outcome);
    if (!store_.buckets.find(t_, b_)) return EngineErrc::NoSuchBucket;
    if (parts_moved()) return EngineErrc::Changed;
    if (auto holds = check_write(conditions, versions_.current()); !holds) return holds;

    std::string owner = upload->fields.owner;
    static_cast<ObjectFields&>(object) = std::exchange(upload->fields, ObjectFields{.owner = std::move(owner)});
    object.blob = upload->blob;
    if (auto put = versions_.put(group, object); !put) return put;
    const BlobHeader header{std::move(chosen)};
    Bytes header_key = keys::blob(t_, object.blob, keys::kHeaderPart);
    if (auto put = group.put_sealed(t_, Table::Blobs, std::move(header_key), encode(header), {}); !put) return put;
    if (has_unchosen) group.gc(GcUnchosen{t_, object.blob});

    upload->outcome = UploadOutcome{parts_digest, object.version_id, object.etag, object.checksum, group.now_ms(),
                                    versions_.versioning() != Versioning::Off, object.null_version};
    if (auto put = group.put_sealed(t_, Table::Uploads, row_, encode(*upload), sealed_); !put) return put;

    const UsageDelta parts{-static_cast<std::int64_t>(totals.bytes), -totals.count};
    if (auto counted = group.count(t_, b_, parts); !counted) return counted;
    delta_ = {versions_.delta().bytes + parts.bytes, versions_.delta().objects + parts.objects};
    answer(*upload->outcome);
    return {};
  }

  void published() override {
    store_.parts_changed.erase(upload_id_);
    store_.quotas.adjust(t_, delta_.bytes, delta_.objects);  // parts were counted: it never rises
  }

  Object object;                   // size, ETag and checksum
  std::vector<ChosenPart> chosen;
  bool has_unchosen = false;
  Bytes parts_digest;
  Conditions conditions;

 private:
  // The same list again gives the same answer for a day, another list is an upload that is no more.
  Result<void> repeat(const UploadOutcome& outcome) {
    if (outcome.parts_digest != parts_digest) return EngineErrc::NoSuchUpload;
    answer(outcome);
    return {};
  }
  void answer(const UploadOutcome& outcome) {
    committed.version_id = outcome.version_id;
    committed.versioned = outcome.versioned;
    committed.null_version = outcome.null_version;
    committed.etag = outcome.etag;
    committed.checksum = outcome.checksum;
  }

  KeyVersions versions_;
  UsageDelta delta_;
};

Bytes digest_of(const std::vector<NamedPart>& parts) {
  Bytes list;
  for (const NamedPart& part : parts) {
    append_le(list, part.number);
    append_varint(list, part.etag.size());
    list += part.etag;
  }
  return crypto::sha256(list);
}

// Every part row of a blob, by number.
Result<std::map<std::uint16_t, Part>> read_parts(const Store& store, const Snapshot& snapshot, CollectivityId t, BlobId blob) {
  std::map<std::uint16_t, Part> parts;
  const Bytes prefix = keys::blob_prefix(t, blob);
  const auto cursor = snapshot.cursor(Table::Blobs);
  for (cursor->seek(keys::blob(t, blob, 1)); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
    const auto number = load_be<std::uint16_t>(cursor->key().data() + prefix.size());
    if (number == keys::kCountPart) break;
    const auto plain = open_row(store, t, Table::Blobs, cursor->key(), cursor->value());
    if (!plain) return plain.error();
    auto part = decode_part(*plain);
    if (!part) return part.error();
    parts.emplace(number, std::move(*part));
  }
  if (auto status = cursor->status(); !status) return status.error();
  return parts;
}

Result<Upload> read_upload(const Store& store, const Snapshot& snapshot, CollectivityId t, BucketId b, BytesView key, BytesView id) {
  const Bytes row = keys::upload(t, b, key, id);
  const auto sealed = snapshot.get(Table::Uploads, row);
  if (!sealed) return is_absent(sealed.error()) ? make_error_code(EngineErrc::NoSuchUpload) : sealed.error();
  const auto plain = open_row(store, t, Table::Uploads, row, *sealed);
  if (!plain) return plain.error();
  return decode_upload(*plain);
}

// Checks the client's list against the parts and fills the change from it.
Result<void> choose(const CompleteRequest& request, const std::map<std::uint16_t, Part>& parts, const Upload& upload,
                    CompleteUpload& change) {
  if (request.parts.empty()) return EngineErrc::InvalidPart;
  for (std::size_t i = 1; i < request.parts.size(); ++i) {
    if (request.parts[i].number <= request.parts[i - 1].number) return EngineErrc::InvalidPartOrder;
  }
  std::vector<const Part*> picked;
  Bytes md5s;
  for (std::size_t i = 0; i < request.parts.size(); ++i) {
    const NamedPart& named = request.parts[i];
    const auto found = parts.find(named.number);
    if (found == parts.end() || to_hex(found->second.md5) != named.etag) return EngineErrc::InvalidPart;
    const Part& part = found->second;
    if (named.checksum && *named.checksum != part.checksum.value) return EngineErrc::InvalidPart;
    if (i + 1 < request.parts.size() && part.bytes.size < kPartBytesMin) return EngineErrc::EntityTooSmall;
    change.object.size += part.bytes.size;
    change.chosen.push_back({named.number, change.object.size});
    md5s += part.md5;
    picked.push_back(&part);
  }
  change.object.etag = to_hex(crypto::md5(md5s)) + "-" + std::to_string(picked.size());
  auto checksum = combine_checksums(picked, upload.checksum_algorithm, upload.checksum_type);
  if (!checksum) return checksum.error();
  change.object.checksum = std::move(*checksum);
  if (request.checksum && (request.checksum->algorithm != change.object.checksum.algorithm ||
                           request.checksum->value != change.object.checksum.value)) {
    return EngineErrc::ChecksumMismatch;
  }
  if (request.size && *request.size != change.object.size) return EngineErrc::InvalidArgument;
  change.has_unchosen = picked.size() < parts.size();
  return {};
}

void total(const std::map<std::uint16_t, Part>& parts, PartTotals& totals) {
  totals.count = static_cast<std::int64_t>(parts.size());
  for (const auto& [number, part] : parts) totals.bytes += part.bytes.size;
}

}  // namespace

Prepared Engine::create_upload(CollectivityId t, BucketId b, Bytes key, NewUpload upload, Actor actor, AuditRecord audit) {
  const auto blob = new_blob();  // without a lease the change is refused
  auto change = std::make_unique<CreateUpload>(*store_, t, b, std::move(key),
                                               Upload{.blob = blob ? *blob : BlobId{0},
                                                      .fields = std::move(upload.fields),
                                                      .checksum_algorithm = upload.checksum_algorithm,
                                                      .checksum_type = upload.checksum_type});
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return change;
}

Result<Upload> Engine::find_upload(CollectivityId t, BucketId b, BytesView key, BytesView upload_id, Tier tier) const {
  const auto plain = read_row(*store_, t, Table::Uploads, keys::upload(t, b, key, upload_id), tier);
  if (!plain) return is_absent(plain.error()) ? make_error_code(EngineErrc::NoSuchUpload) : plain.error();
  auto upload = decode_upload(*plain);
  if (upload && upload->outcome) return EngineErrc::NoSuchUpload;
  return upload;
}

Result<Prepared> Engine::complete_upload(CollectivityId t, BucketId b, Bytes key, Bytes upload_id, const CompleteRequest& request,
                                         Conditions conditions, Actor actor, AuditRecord audit) {
  auto change = std::make_unique<CompleteUpload>(*store_, t, b, key, upload_id);
  change->seen = Sequence{store_->published.load()};
  const auto snapshot = store_->index->snapshot();
  const auto upload = read_upload(*store_, *snapshot, t, b, key, upload_id);
  if (!upload) return upload.error();
  change->parts_digest = digest_of(request.parts);
  if (!upload->outcome) {
    const auto parts = read_parts(*store_, *snapshot, t, upload->blob);
    if (!parts) return parts.error();
    if (auto chosen = choose(request, *parts, *upload, *change); !chosen) return chosen.error();
    total(*parts, change->totals);
  }
  change->conditions = std::move(conditions);
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return Prepared(std::move(change));
}

Result<Prepared> Engine::abort_upload(CollectivityId t, BucketId b, Bytes key, Bytes upload_id, std::optional<Actor> actor, AuditRecord audit) {
  auto change = std::make_unique<AbortUpload>(*store_, t, b, key, upload_id);
  change->seen = Sequence{store_->published.load()};
  const auto snapshot = store_->index->snapshot();
  const auto upload = read_upload(*store_, *snapshot, t, b, key, upload_id);
  if (!upload) return upload.error();
  if (upload->outcome) return EngineErrc::NoSuchUpload;
  const auto parts = read_parts(*store_, *snapshot, t, upload->blob);
  if (!parts) return parts.error();
  total(*parts, change->totals);
  change->actor = std::move(actor);
  change->audit = std::move(audit);
  return Prepared(std::move(change));
}

Result<PartPage> Engine::list_parts(CollectivityId t, BucketId b, BytesView key, BytesView upload_id, std::uint16_t after,
                                    std::size_t max) const {
  const auto snapshot = store_->index->snapshot();
  auto upload = read_upload(*store_, *snapshot, t, b, key, upload_id);
  if (!upload) return upload.error();
  if (upload->outcome) return EngineErrc::NoSuchUpload;
  PartPage page{.upload = std::move(*upload), .parts = {}, .truncated = false};
  const auto parts = read_parts(*store_, *snapshot, t, page.upload.blob);
  if (!parts) return parts.error();
  for (auto at = parts->upper_bound(after); at != parts->end(); ++at) {
    if (page.parts.size() == max) {
      page.truncated = max > 0;
      break;
    }
    const Part& part = at->second;
    page.parts.push_back({at->first, part.bytes.size, to_hex(part.md5), part.checksum, part.modified_ms});
  }
  return page;
}

}  // namespace beffroi::storage
