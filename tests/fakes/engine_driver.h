// SPDX-License-Identifier: EUPL-1.2
// Drives an engine beside its model (engine_model.h): one batch of operations is given to the engine as one queue, so that groups really
// form, the same operations are applied one after the other to the model, and every answer is compared. After a crash in the middle of
// a batch the audit records say which operations are true: a change and its record are in one frame.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "storage/engine/object_lock.h"
#include "tests/fakes/engine_model.h"

namespace beffroi::storage::testing {

// Thrown at the first difference; the test prints it with the seed.
struct Difference {
  std::string what;
};

// Runs work(0) to work(count - 1), each on a store of its own, up to the first difference, which is returned.
template <class Work>
std::string each_of(std::size_t count, Work work) {
  for (std::size_t i = 0; i < count; ++i) {
    try {
      work(i);
    } catch (const Difference& difference) {
      return difference.what;
    }
  }
  return {};
}

class Driver {
 public:
  struct Attempt {
    Operation op;
    Model::Seen seen;
    std::string request_id;
  };
  // All that is known of a store between two lives.
  struct Knowledge {
    Model model;
    std::uint64_t requests = 0;
    std::uint64_t audited = 0;                        // records at the last settle(), or the last answer of run()
    std::vector<Attempt> open;                        // without an answer
    std::map<std::string, std::string> acknowledged;  // by request id, since the last settle()
  };

  Driver(World& world, Knowledge known) : w(world), known_(std::move(known)) {
    hurt = [this] { return w.disk->crashed(); };
  }
  explicit Driver(World& world) : Driver(world, Knowledge{}) {
    for (const auto& bucket : w.engine->list_buckets(w.t)) model.buckets[bucket->name].id = bucket->id;
    known_.audited = *w.engine->audit_size(w.t);
  }

  // One batch: everything is prepared against the same state, then committed as one queue.
  void run(const std::vector<Operation>& batch) {
    std::vector<Prepared> changes;
    std::vector<Attempt> attempts = prepare(batch, changes);
    const auto results = commit_together(*w.engine, std::move(changes));
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const Model::Answer want = model.apply(attempts[i].op, attempts[i].seen, w.clock.wall_ms(), w.options.inline_bytes_max);
      compare(attempts[i], results[i], want);
      if (results[i] && want.write != 0) model.name(want.write, results[i]->version_id);
      if (results[i] || results[i].error() != make_error_code(EngineErrc::Changed)) ++known_.audited;
      note_created(attempts[i].op, results[i]);
    }
    operations += attempts.size();
    check_usage();
  }

  // The same in a life that may end at any time: what is not answered stays open until settle().
  void try_run(const std::vector<Operation>& batch) {
    std::vector<Prepared> changes;
    std::vector<Attempt> attempts = prepare(batch, changes);
    const auto results = commit_together(*w.engine, std::move(changes));
    operations += attempts.size();
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      Attempt& a = attempts[i];
      if (!results[i] && results[i].error() == make_error_code(EngineErrc::Stopped)) {
        known_.open.push_back(std::move(a));
        continue;
      }
      const Model::Answer want = model.apply(a.op, a.seen, w.clock.wall_ms(), w.options.inline_bytes_max);
      compare(a, results[i], want);
      if (results[i] && want.write != 0) model.name(want.write, results[i]->version_id);
      note_created(a.op, results[i]);
      if (results[i] || results[i].error() != make_error_code(EngineErrc::Changed)) known_.acknowledged.emplace(a.request_id, a.op.text());
    }
  }

  // In the next life: the records since the last known one are what is true, in its order. Nothing acknowledged is missing.
  void settle() {
    std::vector<std::string> records;
    const auto read = w.engine->read_audit(w.t, known_.audited, UINT64_MAX, [&](const AuditEntry& entry) -> Result<void> {
      records.emplace_back(entry.body);
      return {};
    });
    if (!read) throw Difference{"the audit cannot be read: " + read.error().message()};
    for (const std::string& text : records) {
      const std::string id = field_of(text, "request_id");
      if (known_.acknowledged.erase(id) > 0) continue;
      const auto at = std::find_if(known_.open.begin(), known_.open.end(), [&](const Attempt& a) { return a.request_id == id; });
      if (at == known_.open.end()) throw Difference{"a record of no operation, or twice: " + text};
      const Attempt a = std::move(*at);
      known_.open.erase(at);
      const auto answer = model.apply(a.op, a.seen, w.clock.wall_ms(), w.options.inline_bytes_max);
      const bool allowed = text.find("\"outcome\":\"allowed\"") != text.npos;
      if (allowed == answer.error.failed()) throw Difference{a.op.text() + " is recorded: " + text};
      if (!allowed) continue;
      if (answer.write != 0) model.name(answer.write, field_of(text, "version"));
      if (a.op.verb == Verb::CreateBucket) model.buckets.at(a.op.bucket).id = w.engine->find_bucket(w.t, a.op.bucket)->id;
      if (a.op.verb == Verb::CreateUpload) adopt_upload(a.op);
    }
    known_.audited += records.size();
    if (!known_.acknowledged.empty()) throw Difference{known_.acknowledged.begin()->second + " was acknowledged and is lost"};
    known_.open.clear();
  }

  // One batch, in which the machine stops at the n-th operation of its disk. True when it did before the last answer.
  bool run_and_crash(const std::vector<Operation>& batch, std::uint64_t after, CrashKind kind, double keep, std::uint64_t seed) {
    w.disk->set_crash_at(w.disk->operations() + after);
    try_run(batch);
    const bool died = w.disk->crashed();
    w.crash(kind, keep, seed);
    if (!w.try_open()) throw Difference{"the start after a crash failed: " + w.failure.reason};
    settle();
    check_usage();
    check_objects();
    return died;
  }

  void reopen() {
    const auto stopped = w.engine->stop();
    if (!stopped) throw Difference{"the engine does not stop: " + stopped.error().message() + " " + w.fail_stop->reason()};
    w.engine.reset();
    if (!w.try_open()) throw Difference{"the start after a clean stop failed: " + w.failure.reason};
    check_objects();
  }

  // Every key of every bucket, by list and by read.
  void check_objects() {
    for (const auto& [name, bucket] : model.buckets) {
      const auto page = w.engine->list_objects({.collectivity = w.t, .bucket = bucket.id, .max = 100'000});
      if (!page) throw Difference{"list of " + name + ": " + page.error().message()};
      auto listed = page->objects.begin();
      for (const auto& [key, versions] : bucket.versions) {
        check_object(name, key);
        const Model::Object* current = bucket.current(key);
        if (!current) continue;
        if (listed == page->objects.end() || listed->key != key || listed->object.etag != current->etag) throw Difference{name + " does not list " + key};
        ++listed;
      }
      if (listed != page->objects.end()) throw Difference{name + " lists " + listed->key};
      check_versions(name, bucket);
    }
    if (w.engine->list_buckets(w.t).size() != model.buckets.size()) throw Difference{"other buckets"};
  }

  void check_versions(const std::string& name, const Model::Bucket& bucket) {
    const auto page = w.engine->list_versions({.collectivity = w.t, .bucket = bucket.id, .max = 100'000});
    if (!page) throw Difference{"versions of " + name + ": " + page.error().message()};
    auto listed = page->versions.begin();
    for (const auto& [key, versions] : bucket.versions) {
      for (auto version = versions.rbegin(); version != versions.rend(); ++version, ++listed) {
        const std::string what = name + "/" + key + " version " + version->id;
        if (listed == page->versions.end() || listed->key != key || listed->object.version_id != version->id) throw Difference{what + " is not listed"};
        const Object& got = listed->object;
        const bool same = got.null_version == version->null_version && got.delete_marker == version->marker && (got.legal_hold == LegalHold::On) == version->hold &&
                          got.retention == version->retention && listed->latest == (version == versions.rbegin());
        if (!same) throw Difference{what + " is listed otherwise"};
        const auto body = w.get(bucket.id, key, 0, UINT64_MAX, version->null_version ? "null" : version->id);
        if (version->marker) {
          if (body || body.error() != make_error_code(EngineErrc::DeleteMarker)) throw Difference{what + " is read, and is a marker"};
        } else if (!body || *body != version->bytes()) {
          throw Difference{what + (body ? ": other bytes" : ": " + body.error().message())};
        }
      }
    }
    if (listed != page->versions.end()) throw Difference{name + " lists a version of " + listed->key};
  }

  void check_object(const std::string& bucket, const Bytes& key) {
    const Model::Object* object = model.find(bucket, key);
    const auto at = model.buckets.find(bucket);
    if (at == model.buckets.end()) return;
    const auto got = w.get(at->second.id, key);
    if (!object) {
      const auto none = at->second.latest(key) ? EngineErrc::DeleteMarker : EngineErrc::NoSuchKey;
      if (got || got.error() != make_error_code(none)) throw Difference{bucket + "/" + key + " is there"};
      return;
    }
    if (!got) throw Difference{bucket + "/" + key + ": " + got.error().message()};
    if (*got != object->bytes()) throw Difference{bucket + "/" + key + ": other bytes"};
  }

  void check_usage() {
    const auto usage = w.engine->usage(w.t, BucketId{0});
    const auto quota = w.engine->quotas().usage(w.t);
    if (!usage || !quota) throw Difference{"no usage"};
    const std::string text = " (" + std::to_string(usage->bytes) + " bytes, " + std::to_string(usage->objects) + " objects; expected " +
                             std::to_string(model.bytes()) + ", " + std::to_string(model.objects()) + ")";
    if (usage->bytes != model.bytes() || usage->objects != model.objects()) throw Difference{"usage differs" + text};
    if (quota->committed_bytes != model.bytes() || quota->committed_objects != model.objects()) throw Difference{"quota differs" + text};
    if (quota->reserved_bytes != 0 || quota->reserved_objects != 0) throw Difference{"quota stays reserved"};
    const auto audited = w.engine->audit_size(w.t);
    if (!audited || *audited != known_.audited) throw Difference{"audit has " + std::to_string(*audited) + " records, expected " + std::to_string(known_.audited)};
  }

  // Everything that may be freed is freed, and then the store is whole.
  void check_store(bool nothing_pinned = true) {
    if (auto done = w.engine->run_upkeep(); !done) throw Difference{"upkeep: " + done.error().message() + " " + w.fail_stop->reason()};
    forget_old_uploads();
    if (nothing_pinned && w.engine->status().gc_rows != 0) throw Difference{"something waits to be freed"};
    const auto findings = w.engine->check();
    if (!findings) throw Difference{"check: " + findings.error().message()};
    if (!findings->empty()) throw Difference{"check: " + findings->front()};
  }

  Knowledge knowledge() const { return known_; }

 private:
  World& w;
  Knowledge known_;

 public:
  Model& model = known_.model;
  std::function<bool()> hurt;  // the disk fails now: a refusal may have any reason
  std::uint64_t operations = 0;
  std::uint64_t refused = 0;

 private:
  AuditRecord record(const Operation& op, std::string& request_id) {
    request_id = "r" + std::to_string(++known_.requests);
    AuditRecord r = w.record("Test", op.key);
    r.request_id = request_id;
    return r;
  }

  // Operations that are refused before they reach the committer are compared here and left out.
  std::vector<Attempt> prepare(const std::vector<Operation>& batch, std::vector<Prepared>& changes) {
    std::vector<Attempt> attempts;
    std::uint64_t reserved_bytes = 0, reserved_objects = 0;
    for (const Operation& op : batch) {
      Attempt a{.op = op, .seen = see(op), .request_id = {}};
      auto change = make(a);
      if (hurt()) {
        if (change) {
          changes.push_back(std::move(*change));
          attempts.push_back(std::move(a));
        }
        continue;
      }
      const error_code expected = refusal(a, reserved_bytes, reserved_objects);
      if (change) {
        if (expected) throw Difference{op.text() + " was prepared, expected " + expected.message()};
        changes.push_back(std::move(*change));
        attempts.push_back(std::move(a));
      } else if (!hurt()) {
        ++refused;
        if (change.error() != expected) throw Difference{op.text() + " is refused: " + change.error().message() + ", expected " + expected.message()};
      }
    }
    return attempts;
  }

  Model::Seen see(const Operation& op) const {
    Model::Seen seen;
    const auto id = [&](const std::string& name) {
      const auto at = model.buckets.find(name);
      return at == model.buckets.end() ? BucketId{0xFFFF} : at->second.id;
    };
    seen.bucket = id(op.bucket);
    seen.version = version_of(op.bucket, op.key, op.version);
    seen.from_version = version_of(op.from_bucket, op.from_key, op.from_version);
    if (const auto at = model.buckets.find(op.bucket); at != model.buckets.end()) seen.versioned = at->second.versioning != Versioning::Off;
    if (const auto* current = model.find(op.bucket, op.key)) seen.etag = current->etag;
    if (op.retention.mode != LockMode::None) seen.retention = {op.retention.mode, w.clock.wall_ms() + op.retention.until_ms};
    if (op.verb == Verb::Copy) {
      seen.from_bucket = id(op.from_bucket);
      const Model::Object* source = nullptr;
      const_cast<Model&>(model).open(op.from_bucket, op.from_key, seen.from_version, source);
      if (source) seen.from_write = source->write;
    }
    if (op.verb == Verb::Complete || op.verb == Verb::Abort) {
      const Model::Upload& u = model.uploads[op.upload];
      seen.moves = u.moves;
      seen.is_repeat = u.completed_ms >= 0;
      for (const auto n : op.parts) {
        const auto part = u.parts.find(n);
        seen.list.emplace_back(n, part == u.parts.end() ? "absent" : Model::etag_of(part->second));
      }
    }
    return seen;
  }

  // What the engine must answer when it is asked to prepare; adds to what this batch reserves.
  error_code refusal(const Attempt& a, std::uint64_t& reserved_bytes, std::uint64_t& reserved_objects) {
    const Operation& op = a.op;
    const auto reserve = [&](std::uint64_t bytes) -> error_code {
      const QuotaLimits limits = w.engine->quotas().usage(w.t)->limits;
      if ((bytes != 0 && model.bytes() + reserved_bytes + bytes > limits.bytes) || model.objects() + reserved_objects + 1 > limits.objects) return TenantErrc::QuotaExceeded;
      reserved_bytes += bytes;
      ++reserved_objects;
      return {};
    };
    switch (op.verb) {
      case Verb::Put: return reserve(op.body.size);
      case Verb::Copy: {
        const Model::Object* source = nullptr;
        if (const auto opened = model.open(op.from_bucket, op.from_key, a.seen.from_version, source); opened.error) return opened.error;
        if (source->is_inline) return EngineErrc::Changed;
        return reserve(source->size());
      }
      case Verb::PutPart:
        if (!model.uploads[op.upload].is_open()) return EngineErrc::NoSuchUpload;
        return reserve(op.body.size);
      case Verb::Complete: {
        const Model::Upload& u = model.uploads[op.upload];
        if (u.ended) return EngineErrc::NoSuchUpload;
        if (u.completed_ms >= 0) return {};
        if (op.parts.empty()) return EngineErrc::InvalidPart;
        for (std::size_t i = 0; i < op.parts.size(); ++i) {
          const auto part = u.parts.find(op.parts[i]);
          if (part == u.parts.end()) return EngineErrc::InvalidPart;
          if (i + 1 < op.parts.size() && part->second.size < kPartBytesMin) return EngineErrc::EntityTooSmall;
        }
        return {};
      }
      case Verb::Abort:
        if (!model.uploads[op.upload].is_open()) return EngineErrc::NoSuchUpload;
        return {};
      case Verb::Remove: return a.seen.versioned && a.seen.version.empty() ? reserve(0) : error_code();
      case Verb::CreateUpload:
      case Verb::CreateBucket:
      case Verb::DeleteBucket:
      case Verb::SetVersioning:
      case Verb::Retain:
      case Verb::Hold: return {};
    }
    return {};
  }

  Result<Prepared> make(Attempt& a) {
    const Operation& op = a.op;
    const BucketId b = a.seen.bucket;
    Engine& e = *w.engine;
    AuditRecord audit = record(op, a.request_id);
    switch (op.verb) {
      case Verb::Put: {
        const Bytes body = op.body.bytes();
        auto session = e.begin_put(w.t, b, body.size(), true);
        if (!session) return session.error();
        if (auto done = session->write(body); !done) return done.error();
        Conditions conditions;
        if (op.only_if_absent) conditions.if_none_match = EtagList{.any = true, .tags = {}};
        if (op.only_if_match) conditions.if_match = EtagList{.any = false, .tags = {a.seen.etag}};
        return session->finish(op.key, digests_of(body), {.owner = w.owner}, std::move(conditions), w.actor, std::move(audit));
      }
      case Verb::Remove: {
        Engine::Removal removal{.version = a.seen.version, .owner = w.owner, .bypass = op.bypass};
        if (op.only_if_match) removal.conditions.if_match = EtagList{.any = false, .tags = {a.seen.etag}};
        return e.remove(w.t, b, op.key, std::move(removal), w.actor, std::move(audit));
      }
      case Verb::Copy: {
        const auto source = e.open_object(w.t, a.seen.from_bucket, op.from_key, Tier::Disk, false, a.seen.from_version);
        if (!source) return source.error();
        return e.copy(w.t, {a.seen.from_bucket, op.from_key, a.seen.from_version, {}}, source->object(), b, op.key, {.owner = w.owner}, {}, w.actor, std::move(audit));
      }
      case Verb::CreateUpload: return e.create_upload(w.t, b, op.key, {.fields = {.owner = w.owner}}, w.actor, std::move(audit));
      case Verb::PutPart: {
        const Model::Upload& u = model.uploads[op.upload];
        const auto found = e.find_upload(w.t, b, u.key, u.id, Tier::Disk);
        if (!found) return found.error();
        const Bytes body = op.body.bytes();
        auto session = e.begin_part(w.t, found->blob, op.part, body.size(), true);
        if (!session) return session.error();
        if (auto done = session->write(body); !done) return done.error();
        return session->finish_part(b, u.key, u.id, digests_of(body), w.actor, std::move(audit));
      }
      case Verb::Complete: {
        const Model::Upload& u = model.uploads[op.upload];
        CompleteRequest request;
        for (const auto& [n, etag] : a.seen.list) request.parts.push_back({n, etag, std::nullopt});
        return e.complete_upload(w.t, b, u.key, u.id, request, {}, w.actor, std::move(audit));
      }
      case Verb::Abort: {
        const Model::Upload& u = model.uploads[op.upload];
        return e.abort_upload(w.t, b, u.key, u.id, w.actor, std::move(audit));
      }
      case Verb::CreateBucket: return e.create_bucket(w.t, {op.bucket, w.owner, "", {}}, w.actor, std::move(audit));
      case Verb::DeleteBucket: return e.delete_bucket(w.t, b, op.bucket, w.actor, std::move(audit));
      case Verb::SetVersioning: {
        const auto edit = [on = op.on](BucketSettings& s) -> Result<void> {
          s.versioning = on ? Versioning::Enabled : Versioning::Suspended;
          return {};
        };
        return e.change_bucket(w.t, b, edit, w.actor, std::move(audit));
      }
      case Verb::Retain: {
        const auto edit = [retention = a.seen.retention, bypass = op.bypass](ObjectFields& f, std::int64_t now_ms) {
          return change_retention(f, retention, bypass, now_ms);
        };
        return e.change_object(w.t, b, op.key, a.seen.version, edit, w.actor, std::move(audit));
      }
      case Verb::Hold: {
        const auto edit = [on = op.on](ObjectFields& f, std::int64_t) -> Result<void> {
          f.legal_hold = on ? LegalHold::On : LegalHold::Off;
          return {};
        };
        return e.change_object(w.t, b, op.key, a.seen.version, edit, w.actor, std::move(audit));
      }
    }
    return EngineErrc::InvalidArgument;
  }

  void compare(const Attempt& a, const Result<Committed>& got, const Model::Answer& want) {
    const error_code error = got ? error_code{} : got.error();
    if (error != want.error) {
      throw Difference{a.op.text() + " answers " + (error ? error.message() : "success") + ", expected " + (want.error ? want.error.message() : "success")};
    }
    if (got && !want.etag.empty() && got->etag != want.etag) throw Difference{a.op.text() + " answers ETag " + got->etag + ", expected " + want.etag};
  }

  // Names that only the engine gives.
  void note_created(const Operation& op, const Result<Committed>& got) {
    if (!got) return;
    if (op.verb == Verb::CreateUpload) model.uploads.push_back({.bucket = op.bucket, .key = op.key, .id = got->upload_id, .parts = {}, .started_ms = w.clock.wall_ms(), .outcome_list = {}, .outcome_etag = {}});
    if (op.verb == Verb::CreateBucket) model.buckets.at(op.bucket).id = w.engine->find_bucket(w.t, op.bucket)->id;
  }

  static std::string field_of(const std::string& record, const std::string& name) {
    const std::string field = "\"" + name + "\":\"";
    const auto at = record.find(field);
    if (at == record.npos) return {};
    return record.substr(at + field.size(), record.find('"', at + field.size()) - at - field.size());
  }

  // The id of the version that an operation names, as the model knows it now; `null` where there is none.
  std::string version_of(const std::string& bucket, const Bytes& key, const Named& named) const {
    if (named.kind == Named::Kind::No) return {};
    const auto at = model.buckets.find(bucket);
    if (named.kind == Named::Kind::Null || at == model.buckets.end()) return "null";
    const auto versions = at->second.versions.find(key);
    if (versions == at->second.versions.end()) return "null";
    return versions->second[named.n % versions->second.size()].id;
  }

  // An upload whose id nobody heard.
  void adopt_upload(const Operation& op) {
    const auto page = w.engine->list_uploads({.collectivity = w.t, .bucket = model.buckets.at(op.bucket).id, .prefix = op.key, .max = 1'000});
    if (!page) throw Difference{"uploads cannot be listed"};
    for (const auto& entry : page->uploads) {
      const bool known = std::any_of(model.uploads.begin(), model.uploads.end(), [&](const auto& u) { return u.id == entry.upload_id; });
      if (known || entry.key != op.key) continue;
      model.uploads.push_back({.bucket = op.bucket, .key = op.key, .id = entry.upload_id, .parts = {}, .started_ms = entry.upload.started_ms, .outcome_list = {}, .outcome_etag = {}});
      return;
    }
    throw Difference{op.text() + " is recorded and not there"};
  }

  // Outcomes after a day, uploads that nobody ended after a week, with a record.
  void forget_old_uploads() {
    for (Model::Upload& u : model.uploads) {
      if (u.completed_ms >= 0 && !u.ended && w.clock.wall_ms() - u.completed_ms >= kOutcomeKeptMs) u.ended = true;
      if (!u.is_open() || due_ms(u.started_ms, kDefaultAbortDays, kLifecycleDayMs) > w.clock.wall_ms()) continue;
      u.ended = true;
      ++known_.audited;
    }
  }
};

}  // namespace beffroi::storage::testing
