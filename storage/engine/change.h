// SPDX-License-Identifier: EUPL-1.2
// A change: one prepared request for the committer. A verb (put, remove, copy, multipart ...) prepares it on any thread; the
// committer claims, checks and builds it, and its Completion hears the outcome once the frame is durable, applied and published.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "crypto/result.h"
#include "storage/audit/audit_record.h"
#include "storage/engine/claims.h"
#include "storage/engine/errors.h"
#include "storage/engine/object.h"
#include "storage/extent/extent_store.h"
#include "storage/ids.h"

namespace beffroi::storage {

class Group;

// What a committed change tells its handler. Fields that do not concern the verb are empty.
struct Committed {
  Sequence sequence{0};
  std::int64_t time_ms = 0;  // of the frame; an object's Last-Modified
  std::string version_id;
  bool versioned = false;      // the bucket's versioning is, or was, enabled: version_id is shown, or `null`
  bool null_version = false;
  bool delete_marker = false;  // made, or removed
  std::string etag;
  Checksum checksum;
  std::uint64_t size = 0;      // of an object put or copied, as are its tags
  Tags tags;
  Bytes upload_id;
};

struct Completion;

// Where completions go, once a group: the server's posts to each I/O context. Called by the committer's thread; must not block.
class CompletionSink {
 public:
  virtual ~CompletionSink() = default;
  virtual void complete(Completion*) = 0;  // `next` links the rest of the list
};

// Intrusive: lives in the waiting coroutine's (or thread's) frame until it was handed to its sink.
struct Completion {
  CompletionSink* sink = nullptr;
  Completion* next = nullptr;
  Result<Committed> result = EngineErrc::Stopped;
};

// Who asks, and where: checked again at commit, so that a revoked key or a suspended collectivity stops an upload under way.
struct Actor {
  std::string access_key_id;  // empty: nobody signed
  std::uint32_t generation = 0;
  CollectivityId target{0};   // whose data is changed, when it may be another's than the key's; 0: not asked
};

class Change : public SyncWaiter {
 public:
  ~Change() override = default;

  // Names what build() reads and writes. May read O(1) committed rows and keep them: nothing else changes them before build().
  // An error is fatal (the index is damaged).
  virtual Result<void> claim(Claims&) = 0;
  // Checks every precondition against committed rows, then adds rows. An error is the request's refusal: no row was added.
  virtual Result<void> build(Group&) = 0;
  // After the frame was applied: memory follows what is now true. Only for changes that build() accepted.
  virtual void published() {}
  // After build() refused: gives back what others may be waiting for (quota). Bodies are given back elsewhere, later.
  virtual void refused() {}
  // The body that must be durable before the committer may take this change; nullptr when it has none of its own.
  virtual Reservation* body() { return nullptr; }

  std::optional<Actor> actor;
  std::optional<AuditRecord> audit;  // in the change's own frame, refused or not (but for Changed)
  bool background = false;           // gc and upkeep: at most kBackgroundShare of a group
  Committed committed;
  Completion* completion = nullptr;

 private:
  friend class Committer;
  void synced(Result<void>) override;
  class Committer* committer_ = nullptr;
  std::int64_t queued_ms_ = 0;
};

using Prepared = std::unique_ptr<Change>;

}  // namespace beffroi::storage
