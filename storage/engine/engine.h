// SPDX-License-Identifier: EUPL-1.2
// The engine: everything that the fronts may ask of storage. Verbs that change state come in two steps: prepare (any thread) gives
// a Prepared, submit() hands it to the committer and answers through a Completion when it is durable and visible. Reads answer at
// once; with Tier::CacheOnly they never wait for a device and may answer WouldBlock (IndexErrc or IoErrc): call again, on a
// thread that may wait, with Tier::Disk.
//
// Names are resolved by the front (directory(), find_bucket()); verbs take ids. Authorization is the front's too: the engine
// checks what only the committer can (existence, conditions, quota, key and collectivity still valid). Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/audit/audit_extract.h"
#include "storage/audit/audit_reader.h"
#include "storage/engine/bucket.h"
#include "storage/engine/change.h"
#include "storage/engine/committer.h"
#include "storage/engine/conditions.h"
#include "storage/engine/lifecycle_plan.h"
#include "storage/engine/listing.h"
#include "storage/engine/multipart.h"
#include "storage/engine/put_session.h"
#include "storage/engine/reader.h"
#include "storage/engine/store.h"
#include "storage/engine/upload.h"

namespace beffroi::storage {

class LifecycleWorker;
class OnlineCheck;
class Upkeep;

inline constexpr std::uint64_t kGcRowsCounted = 10'000;  // status() counts no further

// What an operator sees of a store at work.
struct EngineStatus {
  Sequence sequence{0};
  std::uint64_t epoch = 0;
  std::int64_t time_ms = 0;
  std::uint64_t log_bytes = 0;      // that a start would replay
  std::uint64_t gc_rows = 0;        // waiting to be freed
  std::uint64_t audit_tree_size = 0;  // of the global tree
  std::vector<FileSystemState> file_systems;  // the data's first
};

// How a start ended when there is no engine to show for it.
struct OpenFailure {
  error_code error;
  std::string reason;  // for people: what is missing or damaged, and what to do
  std::string loss_id;  // Closed, and an operator may give up what is missing: names this loss and no other; else empty
};

// An operator's decision to go on without what is missing. The first frame carries the record, with the loss as its reason.
struct AcceptedLoss {
  std::string id;  // of OpenFailure
  AuditRecord record;
};

class Engine {
 public:
  // Makes a new store: directories and the keyring. IoErrc::Exists when there is a keyring.
  static Result<void> init(Files&, const EngineOptions&, const crypto::RootKey&);
  // Opens a store: replays the log, commits the first frame, starts the threads. EngineErrc::Closed when the store must stay
  // closed (docs/formats.md "Closed"), with the reason. With `accepted` a loss of that id is given up: the log is replayed up
  // to its gap, what comes after is set aside. A crash before it returns leaves the store closed as before, or open.
  static std::unique_ptr<Engine> open(Files&, const Clock&, FailStop&, EngineOptions, const crypto::RootKey&, OpenFailure&,
                                      const AcceptedLoss* accepted = nullptr);
  ~Engine();  // stop() unless it was called; after a fail-stop, only joins threads
  // Clean stop: gives up no acknowledged change; flushes audit buffers and tables, marks the high water clean.
  Result<void> stop();

  const Directory& directory() const;
  const Quotas& quotas() const;
  std::shared_ptr<const Bucket> find_bucket(CollectivityId, std::string_view name) const;  // nullptr: none
  std::vector<std::shared_ptr<const Bucket>> list_buckets(CollectivityId) const;

  // SlowDown while the committer is behind, the index under pressure, or audit records have waited for two seconds.
  Result<void> admission() const;
  // Before what makes the store grow. NoSpace above the watermark of the data's file system.
  Result<void> room() const;
  void submit(Prepared, Completion&);
  Result<Committed> commit(Prepared);  // submits and waits; not on an I/O thread
  // A record of a read or a refusal: buffered, in a frame within 100 ms or 256 records.
  void note(AuditRecord);
  // Waits until every record noted before is in a frame.
  Result<void> flush_audit();

  // --- buckets
  struct NewBucket {
    std::string name, owner, location;
    BucketSettings settings;
  };
  Prepared create_bucket(CollectivityId, NewBucket, Actor, AuditRecord);      // BucketExists
  Prepared delete_bucket(CollectivityId, BucketId, std::string name, Actor, AuditRecord);  // NoSuchBucket, BucketNotEmpty

  // Edits the settings as committed; on the committer's thread, so at once. An error of `edit` is the change's.
  Prepared change_bucket(CollectivityId, BucketId, std::function<Result<void>(BucketSettings&)> edit, Actor, AuditRecord);  // NoSuchBucket

  // --- objects. A version is named by its id, "null", or "" for the latest.
  // Reserves quota and room. QuotaExceeded (`refusal` says by what), SlowDown, NoSpace, EntityTooLarge; WouldBlock when
  // `may_wait` is false and a new extent is needed.
  Result<PutSession> begin_put(CollectivityId, BucketId, std::uint64_t size, bool may_wait, QuotaRefusal* refusal = nullptr);
  // A version of an object, pinned for reading. NoSuchKey, NoSuchVersion, DeleteMarker (`marker` is then it). `want_body` false: head only.
  Result<ObjectReader> open_object(CollectivityId, BucketId, BytesView key, Tier, bool want_body, std::string_view version = {},
                                   Object* marker = nullptr);
  // Without a version: removes the object, or puts a delete marker where the bucket is versioned. With one: removes that version.
  // Success when there is nothing to remove. Locked: retention or a legal hold; `bypass` passes over GOVERNANCE. QuotaExceeded: a marker
  // counts as an object. `Changed`: versioning was enabled meanwhile.
  struct Removal {
    std::string version;
    std::string owner;  // of a delete marker
    Conditions conditions;
    bool bypass = false;
    std::optional<Sequence> seen;  // without a version: only while this is the latest, else Changed
  };
  Result<Prepared> remove(CollectivityId, BucketId, Bytes key, Removal, std::optional<Actor>, AuditRecord, QuotaRefusal* refusal = nullptr);
  // Edits what a writer may say of a version later: ACL, tags, retention, legal hold. On the committer's thread; an error of `edit`
  // is the change's. NoSuchKey, NoSuchVersion, DeleteMarker.
  using ObjectEdit = std::function<Result<void>(ObjectFields&, std::int64_t now_ms)>;
  Prepared change_object(CollectivityId, BucketId, Bytes key, std::string version, ObjectEdit edit, Actor, AuditRecord);

  // Copies inside one collectivity by reference. `Changed`: the source is not what was seen any more, or has no blob to share, being
  // inline or a customer's (the front copies its bytes through begin_put() instead).
  struct CopySource {
    BucketId bucket;
    Bytes key;
    std::string version;
    Conditions conditions;
  };
  Result<Prepared> copy(CollectivityId, CopySource, const Object& seen, BucketId, Bytes key, ObjectFields, Conditions, Actor, AuditRecord,
                        QuotaRefusal* refusal = nullptr);

  // --- listing; may wait for a device
  Result<ObjectPage> list_objects(const ObjectQuery&) const;
  Result<VersionPage> list_versions(const VersionQuery&) const;

  // --- multipart; list and prepare verbs may wait for a device
  Prepared create_upload(CollectivityId, BucketId, Bytes key, NewUpload, Actor, AuditRecord);  // answers upload_id
  // NoSuchUpload.
  Result<Upload> find_upload(CollectivityId, BucketId, BytesView key, BytesView upload_id, Tier) const;
  Result<PutSession> begin_part(CollectivityId, BlobId, std::uint16_t number, std::uint64_t size, bool may_wait,
                                QuotaRefusal* refusal = nullptr);
  // Reads the parts from a snapshot. NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall; the commit may answer Changed.
  Result<Prepared> complete_upload(CollectivityId, BucketId, Bytes key, Bytes upload_id, const CompleteRequest&, Conditions, Actor,
                                   AuditRecord);
  Result<Prepared> abort_upload(CollectivityId, BucketId, Bytes key, Bytes upload_id, std::optional<Actor>, AuditRecord);
  Result<PartPage> list_parts(CollectivityId, BucketId, BytesView key, BytesView upload_id, std::uint16_t after, std::size_t max) const;
  Result<UploadPage> list_uploads(const UploadQuery&) const;

  // --- tenancy (operators)
  Result<Prepared> create_collectivity(Collectivity, AuditRecord);  // keys are made first; may wait. AlreadyExists at commit
  Prepared set_quota(CollectivityId, QuotaLimits, AuditRecord);
  Prepared set_suspended(CollectivityId, bool, AuditRecord);     // CollectivityInactive: it is closing or shredded
  Prepared create_user(User, AuditRecord);                       // id is given at commit; AlreadyExists
  Prepared create_access_key(AccessKey, AuditRecord);
  Prepared revoke_access_key(std::string id, AuditRecord);
  Result<Usage> usage(CollectivityId, BucketId) const;           // as committed; may wait

  // --- audit
  // Visits records `from` <= sequence < `to` of a collectivity's log, as committed; may wait.
  Result<void> read_audit(CollectivityId, std::uint64_t from, std::uint64_t to, const AuditReader::Visit&) const;
  Result<std::uint64_t> audit_size(CollectivityId) const;

  // --- audit, for those outside (audit_out.cc); may wait
  // Everything noted before is in a frame, under a state leaf and under a signed head.
  Result<void> attest_audit();
  std::string audit_key() const;  // the verifier key of checkpoints and extracts
  // The signed head; with `since`, behind the proof that it continues the tree of so many state leaves. InvalidArgument: the tree has
  // fewer.
  Result<Bytes> audit_checkpoint(std::optional<std::uint64_t> since) const;
  std::uint64_t global_audit_size() const;  // state leaves in the global tree
  Result<std::uint64_t> attested_audit_size(CollectivityId) const;  // what an extract can reach
  // The first record at or after `ms`; the attested size when there is none.
  Result<std::uint64_t> audit_sequence_at(CollectivityId, std::int64_t ms) const;
  // The lines before the records (storage/audit/audit_extract.h); `made_ms` is now. InvalidArgument: a number is beyond its tree.
  Result<Bytes> audit_extract_head(ExtractRequest) const;

  EngineStatus status() const;
  const CommitterStats& committer_stats() const;
  std::int64_t now_ms() const;  // wall clock, for what is not committed

  // Check of everything while nothing else is done; each finding names what is damaged.
  Result<std::vector<std::string>> check();
  // The same while the store serves (online_check.h).
  OnlineCheck& online_check() const { return *online_check_; }

  // What lifecycle rules want done in a bucket now, `max` at most; may wait.
  Result<std::vector<LifecycleAction>> lifecycle_preview(CollectivityId, BucketId, std::size_t max) const;

  // One round of upkeep, for tests that drive it by hand: lifecycle rules, gc until nothing is left that can be freed, seals, audit,
  // reclaim.
  Result<void> run_upkeep();

 private:
  explicit Engine(std::unique_ptr<Store>);
  Result<BlobId> new_blob();

  // Order of destruction: the lifecycle worker, the check, upkeep, committer, the store's parts; the extents inside it still know extent_rows_.
  std::unique_ptr<ExtentRows> extent_rows_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Upkeep> upkeep_;
  std::unique_ptr<OnlineCheck> online_check_;
  std::unique_ptr<LifecycleWorker> lifecycle_;
  std::atomic<bool> stopped_{false};
};

}  // namespace beffroi::storage
