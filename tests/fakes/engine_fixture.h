// SPDX-License-Identifier: EUPL-1.2
// What the tests of the engine share: a store in memory, small enough that a few operations fill extents and log files; one
// collectivity with a key and a bucket; verbs that do a whole request. A body is known by its bytes, so what a read gives is
// compared with what was put.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/crc.h"
#include "crypto/digest.h"
#include "crypto/md5.h"
#include "storage/engine/completion_wait.h"
#include "storage/engine/engine.h"
#include "storage/index/rocks_index.h"
#include "storage/io/memory_files.h"

namespace beffroi::storage::testing {

// A number that a run may choose: how much, from which seed, every how many points.
inline std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : fallback;
}

inline constexpr std::int64_t kStartMs = 1'795'000'000'000;  // November 2026

// Remembers why the engine stopped, and lets it.
class RecordingFailStop final : public FailStop {
 public:
  void fail(std::string_view reason) override {
    auto first = reason_.lock();
    if (first->empty()) *first = reason;
  }
  std::string reason() const { return *reason_.lock(); }

 private:
  Guarded<std::string> reason_;
};

inline crypto::RootKey root_key() {
  return crypto::RootKey(Bytes(32, 'r'));
}

inline EngineOptions small_options() {
  EngineOptions options;
  options.data_dir = "/data";
  options.keyring_path = "/keys/keyring";
  options.shared_extent_bytes = 1u << 20;
  options.log_file_bytes = 256u << 10;
  options.reclaim_bytes = 1u << 20;
  options.block_cache_bytes = 1u << 20;
  options.write_buffer_bytes = 4u << 20;
  options.background = false;
  return options;
}

// Bytes that differ from place to place and from seed to seed.
inline Bytes content(std::size_t size, std::uint64_t seed) {
  Bytes out(size, '\0');
  std::uint64_t x = seed * 0x9E3779B97F4A7C15ull + 1;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 8 == 0) {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
    }
    out[i] = static_cast<char>(x >> (i % 8 * 8));
  }
  return out;
}

inline BodyDigests digests_of(BytesView body) {
  Bytes crc;
  append_be(crc, crypto::crc64nvme(0, body));
  return {crypto::md5(body), {ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject, crc}};
}

// A change whose body is durable already, so that it enters the queue in the order of submit().
class Ready final : public Change {
 public:
  explicit Ready(Prepared inner) : inner_(std::move(inner)) {
    actor = std::move(inner_->actor);
    audit = std::move(inner_->audit);
  }
  // Syncs a change's body now. A failed sync is the engine's to judge: the change then stays as it is, and submit() hears the
  // same error again.
  static Prepared wrap(Prepared change) {
    if (Reservation* body = change->body()) {
      Waiter waiter;
      body->sync(waiter);
      if (!waiter.wait()) return change;
    }
    return std::make_unique<Ready>(std::move(change));
  }
  Result<void> claim(Claims& claims) override {
    taken_ = true;
    return inner_->claim(claims);
  }
  Result<void> build(Group& group) override {
    auto built = inner_->build(group);
    committed = inner_->committed;
    return built;
  }
  void published() override { inner_->published(); }
  void refused() override { inner_->refused(); }
  Reservation* body() override {
    return taken_ ? inner_->body() : nullptr;
  }  // nothing to wait for at submit()

 private:
  class Waiter final : public SyncWaiter {
   public:
    void synced(Result<void> outcome) override {
      auto done = done_.lock();
      *done = outcome;
      wake_.notify_all();
    }
    bool wait() {
      auto done = done_.lock();
      done.wait(wake_, [&] { return done->has_value(); });
      return (*done)->has_value();
    }

   private:
    Guarded<std::optional<Result<void>>> done_;
    std::condition_variable wake_;
  };
  Prepared inner_;
  bool taken_ = false;
};

// Holds the committer until open(): what is submitted meanwhile is one queue when it goes on.
class Gate {
 public:
  explicit Gate(Engine& engine) : engine_(engine) {
    completion_.sink = &sink_;
    engine.submit(std::make_unique<Block>(*this), completion_);
    auto state = state_.lock();
    state.wait(wake_, [&] { return state->reached || sink_.finished(); });
  }
  ~Gate() { open(); }
  void open() {
    state_.lock()->opened = true;
    wake_.notify_all();
    sink_.wait();
  }

 private:
  struct State {
    bool reached = false, opened = false;
  };
  class Block final : public Change {
   public:
    explicit Block(Gate& gate) : gate_(gate) {}
    Result<void> claim(Claims&) override {
      auto state = gate_.state_.lock();
      state->reached = true;
      gate_.wake_.notify_all();
      state.wait(gate_.wake_, [&] { return state->opened; });
      return {};
    }
    Result<void> build(Group&) override { return {}; }

   private:
    Gate& gate_;
  };
  class Sink final : public CompletionSink {
   public:
    explicit Sink(Gate& gate) : gate_(gate) {}
    void complete(Completion*) override {
      auto state = gate_.state_.lock();
      done_ = true;
      gate_.wake_.notify_all();
    }
    bool finished() const { return done_; }
    void wait() {
      auto state = gate_.state_.lock();
      state.wait(gate_.wake_, [&] { return done_; });
    }

   private:
    Gate& gate_;
    bool done_ = false;
  };

  Engine& engine_;
  Guarded<State> state_;
  std::condition_variable wake_;
  Sink sink_{*this};
  Completion completion_;
};

// Submits all of them while the committer is held, and waits for every answer.
inline std::vector<Result<Committed>> commit_together(Engine& engine, std::vector<Prepared> changes) {
  CompletionWait sink;
  std::vector<Completion> completions(changes.size(), Completion{.sink = &sink});
  for (Prepared& change : changes) change = Ready::wrap(std::move(change));
  {
    Gate gate(engine);
    for (std::size_t i = 0; i < changes.size(); ++i) engine.submit(std::move(changes[i]), completions[i]);
  }
  sink.wait(changes.size());
  std::vector<Result<Committed>> results;
  for (Completion& c : completions) results.push_back(std::move(c.result));
  return results;
}

struct World {
  World() : World(small_options()) {}
  explicit World(EngineOptions o)
      : options(std::move(o)), disk(std::make_unique<MemoryFiles>()), files(disk.get()) {}

  // A new store with one collectivity, its admin's key and one bucket.
  void make() {
    const auto made = Engine::init(*files, options, root_key());
    ASSERT_TRUE(made) << made.error().message();
    open();
    t = add_collectivity("beauvais", "216000562");
    actor = add_key(t, "agent");
    owner = engine->directory().users(t).front()->canonical_id;
    b = add_bucket("dossiers");
  }

  bool try_open() {
    fail_stop = std::make_unique<RecordingFailStop>();
    failure = {};
    engine = Engine::open(*files, clock, *fail_stop, options, root_key(), failure);
    return engine != nullptr;
  }
  void open() { ASSERT_TRUE(try_open()) << failure.error.message() << ": " << failure.reason; }
  void stop() {
    const auto stopped = engine->stop();
    ASSERT_TRUE(stopped) << stopped.error().message() << " " << fail_stop->reason();
    engine.reset();
  }
  void reopen() {
    stop();
    open();
  }
  // What the next process finds after a crash here and now; the engine of before is ended without writing anything.
  void crash(CrashKind kind, double keep = 0, std::uint64_t seed = 1) {
    auto found = disk->crash_clone(kind, keep, seed);
    disk->set_crash_at(disk->operations());
    engine.reset();
    disk = std::move(found);
    files = disk.get();
  }

  AuditRecord record(std::string operation, std::string key = {}) const {
    AuditRecord r;
    r.collectivity = t;
    r.operation = std::move(operation);
    r.key = std::move(key);
    return r;
  }

  CollectivityId add_collectivity(std::string slug, std::string siren, std::uint64_t bytes = 1ull << 30,
                                  std::uint64_t objects = 100'000) {
    Collectivity c;
    c.slug = slug;
    c.siren = std::move(siren);
    c.name = "Ville de " + slug;
    c.quota_bytes = bytes;
    c.quota_objects = objects;
    AuditRecord r = record("CreateCollectivity");
    r.collectivity = kAppliance;
    r.operator_name = "operateur";
    auto change = engine->create_collectivity(std::move(c), std::move(r));
    EXPECT_TRUE(change) << change.error().message();
    const auto done = engine->commit(std::move(*change));
    EXPECT_TRUE(done) << done.error().message();
    return engine->directory().by_slug(slug)->id;
  }

  Actor add_key(CollectivityId owner_of, std::string name, Role role = Role::Admin) {
    User user{.collectivity = owner_of, .name = name, .role = role, .canonical_id = new_canonical_id()};
    AuditRecord r = record("CreateUser");
    r.collectivity = owner_of;
    EXPECT_TRUE(engine->commit(engine->create_user(std::move(user), r)));
    AccessKey key;
    key.id = new_access_key_id();
    key.collectivity = owner_of;
    key.user = engine->directory().user_by_name(owner_of, name)->id;
    key.secret = new_secret();
    const std::string id = key.id;
    r.operation = "CreateAccessKey";
    EXPECT_TRUE(engine->commit(engine->create_access_key(std::move(key), r)));
    return {id, engine->directory().access_key(id)->generation};
  }

  BucketId add_bucket(const std::string& name) {
    const auto done =
        engine->commit(engine->create_bucket(t, {name, owner, "", {}}, actor, record("CreateBucket")));
    EXPECT_TRUE(done) << done.error().message();
    return engine->find_bucket(t, name)->id;
  }

  // --- whole requests

  Result<Prepared> prepare_put(BucketId bucket, const Bytes& key, BytesView body,
                               Conditions conditions = {}) {
    auto session = engine->begin_put(t, bucket, body.size(), true);
    if (!session) return session.error();
    for (BytesView rest = body; !rest.empty();) {
      const BytesView piece = rest.substr(0, 100'000);  // no divisor of a chunk
      if (auto done = session->write(piece); !done) return done.error();
      rest.remove_prefix(piece.size());
    }
    return session->finish(key, digests_of(body), {.owner = owner}, std::move(conditions), actor,
                           record("PutObject", key));
  }
  Result<Committed> put(const Bytes& key, BytesView body, Conditions conditions = {}) {
    return commit(prepare_put(b, key, body, std::move(conditions)));
  }
  Result<Committed> remove(const Bytes& key, Conditions conditions = {}) {
    return remove_version(key, {}, std::move(conditions));
  }
  Result<Committed> remove_version(const Bytes& key, std::string version, Conditions conditions = {}) {
    Engine::Removal removal{std::move(version), owner, std::move(conditions)};
    return commit(engine->remove(t, b, key, std::move(removal), actor, record("DeleteObject", key)));
  }
  Result<Committed> change_bucket(std::function<Result<void>(BucketSettings&)> edit) {
    return engine->commit(engine->change_bucket(t, b, std::move(edit), actor, record("PutBucketSetting")));
  }
  void set_versioning(Versioning versioning) {
    const auto done = change_bucket([versioning](BucketSettings& s) -> Result<void> {
      s.versioning = versioning;
      return {};
    });
    ASSERT_TRUE(done) << done.error().message();
  }
  Result<Prepared> prepare_copy(BucketId from_bucket, const Bytes& from, BucketId to_bucket,
                                const Bytes& to) {
    const auto source = engine->open_object(t, from_bucket, from, Tier::Disk, false);
    if (!source) return source.error();
    return engine->copy(t, {from_bucket, from, "", {}}, source->object(), to_bucket, to, {.owner = owner}, {}, actor,
                        record("CopyObject", to));
  }
  Result<Committed> copy(const Bytes& from, const Bytes& to) { return commit(prepare_copy(b, from, b, to)); }

  Result<Bytes> create_upload(const Bytes& key) {
    const auto done = engine->commit(engine->create_upload(t, b, key, {.fields = {.owner = owner}}, actor,
                                                           record("CreateMultipartUpload", key)));
    if (!done) return done.error();
    return done->upload_id;
  }
  Result<Prepared> prepare_part(const Bytes& key, const Bytes& upload, std::uint16_t number, BytesView body) {
    const auto found = engine->find_upload(t, b, key, upload, Tier::Disk);
    if (!found) return found.error();
    auto session = engine->begin_part(t, found->blob, number, body.size(), true);
    if (!session) return session.error();
    if (auto done = session->write(body); !done) return done.error();
    return session->finish_part(b, key, upload, digests_of(body), actor, record("UploadPart", key));
  }
  Result<Committed> put_part(const Bytes& key, const Bytes& upload, std::uint16_t number, BytesView body) {
    return commit(prepare_part(key, upload, number, body));
  }
  static NamedPart named(std::uint16_t number, BytesView body) {
    return {number, to_hex(crypto::md5(body)), std::nullopt};
  }
  Result<Prepared> prepare_complete(const Bytes& key, const Bytes& upload, std::vector<NamedPart> parts,
                                    Conditions conditions = {}) {
    return engine->complete_upload(t, b, key, upload, {std::move(parts), std::nullopt, std::nullopt},
                                   std::move(conditions), actor, record("CompleteMultipartUpload", key));
  }
  Result<Committed> complete(const Bytes& key, const Bytes& upload, std::vector<NamedPart> parts,
                             Conditions conditions = {}) {
    return commit(prepare_complete(key, upload, std::move(parts), std::move(conditions)));
  }
  Result<Prepared> prepare_abort(const Bytes& key, const Bytes& upload) {
    return engine->abort_upload(t, b, key, upload, actor, record("AbortMultipartUpload", key));
  }
  Result<Committed> abort(const Bytes& key, const Bytes& upload) {
    return commit(prepare_abort(key, upload));
  }

  Result<Committed> commit(Result<Prepared> change) {
    if (!change) return change.error();
    return engine->commit(std::move(*change));
  }

  // The bytes [begin, end) of what a reader was opened for; an `end` beyond the object is its own.
  static Result<Bytes> read(ObjectReader& reader, std::uint64_t begin, std::uint64_t end) {
    if (auto started = reader.start(begin, std::min(end, reader.object().size), Tier::Disk); !started)
      return started.error();
    Bytes out;
    while (true) {
      const auto piece = reader.next(Tier::Disk);
      if (!piece) return piece.error();
      if (piece->empty()) return out;
      out += *piece;
    }
  }
  Result<Bytes> get(BucketId bucket, const Bytes& key, std::uint64_t begin = 0,
                    std::uint64_t end = UINT64_MAX, std::string_view version = {}) {
    auto reader = engine->open_object(t, bucket, key, Tier::Disk, true, version);
    if (!reader) return reader.error();
    return read(*reader, begin, end);
  }
  Result<Bytes> get(const Bytes& key) { return get(b, key); }
  Result<Bytes> get_version(const Bytes& key, std::string_view version) { return get(b, key, 0, UINT64_MAX, version); }

  // Nothing is damaged, leaked, miscounted or unaudited.
  void expect_whole() {
    const auto findings = engine->check();
    ASSERT_TRUE(findings) << findings.error().message();
    EXPECT_TRUE(findings->empty()) << findings->front() << " and " << findings->size() - 1 << " more";
  }
  // The same once everything that may be freed is freed, and then no extent holds a byte that nothing names.
  void expect_whole_after_upkeep() {
    const auto done = engine->run_upkeep();
    ASSERT_TRUE(done) << done.error().message() << " " << fail_stop->reason();
    EXPECT_EQ(engine->status().gc_rows, 0u);
    expect_whole();
  }

  EngineOptions options;
  std::unique_ptr<MemoryFiles> disk;
  Files* files;  // what the engine sees: the disk, or a door before it
  ManualClock clock{kStartMs};
  std::unique_ptr<RecordingFailStop> fail_stop;
  OpenFailure failure;
  std::unique_ptr<Engine> engine;
  CollectivityId t{0};
  Actor actor;
  std::string owner;
  BucketId b{0};
};

// The rows of a store that is not open, to be damaged by hand.
template <class Work>
void with_index(World& world, Work work) {
  auto keyring = Keyring::open(*world.files, world.options.keyring_path, root_key());
  ASSERT_TRUE(keyring);
  auto index = open_rocks_index({.files = *world.files,
                                 .directory = world.options.data_dir + "/index",
                                 .store_uuid = (*keyring)->store_uuid(),
                                 .key = (*keyring)->store().index});
  ASSERT_TRUE(index);
  work(**index);
  ASSERT_TRUE((*index)->flush(kTables));
}

}  // namespace beffroi::storage::testing
