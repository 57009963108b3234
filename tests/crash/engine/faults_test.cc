// SPDX-License-Identifier: EUPL-1.2
// Every write, sync, open and allocation of the write path fails, once or from then on, for lack of space or for good, carried
// out or not: nothing is acknowledged that is not true. The first failed sync ends the process; a power cut right after the
// restart loses nothing that was acknowledged.
#include <iostream>

#include "storage/engine/upkeep.h"
#include "storage/io/faulty_files.h"
#include "tests/fakes/engine_driver.h"

namespace beffroi::storage {
namespace {

using namespace testing;

Operation op(Verb verb, Bytes key, std::size_t size = 0, std::uint64_t seed = 1) {
  Operation out{.verb = verb, .bucket = "dossiers", .key = std::move(key)};
  out.body = {size, seed};
  return out;
}

constexpr std::uint64_t kCallsBeforeFlush = 14;
constexpr std::size_t kInline = 3'000, kShared = 50'000, kOwn = 300'000;

std::vector<Operation> before() {
  return {op(Verb::Put, "petit", kInline), op(Verb::Put, "moyen", kShared), op(Verb::Put, "grand", kOwn), op(Verb::CreateUpload, "gros")};
}

// One of each: the write path, gc, flush and reclaim.
std::vector<Operation> during() {
  Operation copy = op(Verb::Copy, "copie");
  copy.from_bucket = "dossiers";
  copy.from_key = "moyen";
  Operation part = op(Verb::PutPart, "gros", kShared, 5);
  part.part = 1;
  Operation complete = op(Verb::Complete, "gros");
  complete.parts = {1};
  return {op(Verb::Put, "neuf", kInline, 2), op(Verb::Put, "moyen", kShared, 3), op(Verb::Put, "neuf-grand", kOwn, 4), copy, part,
          complete,                          op(Verb::Remove, "grand"),          op(Verb::Remove, "moyen")};
}

EngineOptions options() {
  EngineOptions o = small_options();
  o.shared_extent_bytes = 256u << 10;
  o.log_file_bytes = 32u << 10;
  o.reclaim_bytes = 16u << 10;
  o.write_buffer_bytes = 1u << 20;
  return o;
}

class EngineFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    World w(options());
    w.make();
    Driver driver(w);
    for (const auto& o : before()) driver.run({o});
    known_ = driver.knowledge();
    w.stop();
    disk_ = w.disk->crash_clone(CrashKind::Kill, 0, 0);
    t_ = w.t;
    actor_ = w.actor;
    owner_ = w.owner;
  }

  std::unique_ptr<World> world() {
    auto w = std::make_unique<World>(options());
    w->disk = disk_->crash_clone(CrashKind::Kill, 0, 0);
    w->files = w->disk.get();
    w->t = t_;
    w->actor = actor_;
    w->owner = owner_;
    return w;
  }

  // A life on a door that fails as told from the end of the start on. `on_failure` is asked after each step.
  void live(World& w, Driver& driver, FaultyFiles& door, const Fault& fault) {
    door.set_fault(fault);
    for (const auto& o : during()) {
      const bool failed_before = door.failures() > 0 && fatal(fault.on);
      driver.try_run({o});
      if (failed_before && w.fail_stop->reason().empty()) throw Difference{"a failed " + name(fault.on) + " did not end the process before " + o.text()};
    }
    w.clock.advance(kReclaimMs);
    (void)w.engine->run_upkeep();
    const auto stopped = w.engine->stop();
    w.engine.reset();
    if (stopped && door.failures() > 0 && fatal(fault.on) && w.fail_stop->reason().empty()) throw Difference{"a failed " + name(fault.on) + " was passed over"};
  }

  // The next process, then a power cut right after its start, then the one after that.
  void check(World& w, Driver& driver) {
    w.disk = w.disk->crash_clone(CrashKind::Kill, 0, 0);
    w.files = w.disk.get();
    if (!w.try_open()) throw Difference{"the next start failed: " + w.failure.reason};
    driver.settle();
    driver.check_usage();
    driver.check_objects();
    w.crash(CrashKind::PowerCut, 0);
    if (!w.try_open()) throw Difference{"the start after a power cut failed: " + w.failure.reason};
    driver.settle();
    driver.check_usage();
    driver.check_objects();
    driver.run({op(Verb::Put, "suivant", kShared, 99)});
    driver.check_store();
  }

  // After a failed sync nothing may be acknowledged: fsync's error is not to be interpreted.
  static bool fatal(CallClass on) { return on == CallClass::Sync || on == CallClass::SyncDir; }
  static std::string name(CallClass on) {
    static constexpr const char* kNames[] = {"write", "sync", "open", "allocation", "punch", "sync of a directory", "rename", "unlink", "read"};
    return kNames[static_cast<int>(on)];
  }

  void sweep(CallClass on) {
    std::uint64_t calls = 0;
    {
      const auto first = disk_->crash_clone(CrashKind::Kill, 0, 0);
      FaultyFiles door(*first);
      auto w = world();
      w->files = &door;
      ASSERT_TRUE(w->try_open()) << w->failure.reason;
      Driver driver(*w, known_);
      door.set_fault(std::nullopt);
      for (const auto& o : during()) driver.try_run({o});
      w->clock.advance(kReclaimMs);
      ASSERT_TRUE(w->engine->run_upkeep());
      ASSERT_TRUE(w->engine->stop());
      calls = door.calls(on);
      w->engine.reset();
    }
    std::vector<Fault> faults;
    const std::uint64_t stride = from_environment("BEFFROI_SWEEP_STRIDE", 1);
    for (std::uint64_t nth = 0; nth < calls; nth += stride) {
      // Once or from then on, either error, carried out or not. The log's and the extents' calls come first and meet all eight;
      // those of a flush meet one, in turn: RocksDB rests for a second after each that it takes for a full disk.
      for (std::uint64_t kind = 0; kind < 8; ++kind) {
        if (nth >= kCallsBeforeFlush && kind != nth * 3 % 8) continue;
        faults.push_back({.on = on,
                          .nth = nth,
                          .from_then_on = (kind & 1) != 0,
                          .error = (kind & 2) != 0 ? IoErrc::NoSpace : IoErrc::Io,
                          .persisted = (kind & 4) != 0});
      }
    }
    std::uint64_t stopped = 0;
    const std::string difference = each_of(faults.size(), [&](std::size_t i) {
      try {
        if (try_fault(faults[i])) ++stopped;
      } catch (const Difference& d) {
        throw Difference{text_of(faults[i]) + " of " + std::to_string(calls) + ": " + d.what};
      }
    });
    EXPECT_EQ(difference, "");
    std::cout << name(on) << ": " << calls << " calls, " << faults.size() << " faults, " << stopped << " ended the process\n";
  }

  // True when the fault ended the process.
  bool try_fault(const Fault& fault) {
    std::unique_ptr<FaultyFiles> door;  // outlives the engine
    auto w = world();
    door = std::make_unique<FaultyFiles>(*w->disk);
    w->files = door.get();
    Driver driver(*w, known_);
    driver.hurt = [&d = *door] { return d.failures() > 0; };
    if (!w->try_open()) throw Difference{"the first start failed: " + w->failure.reason};
    live(*w, driver, *door, fault);
    const bool stopped = !w->fail_stop->reason().empty();
    driver.hurt = [] { return false; };
    check(*w, driver);
    return stopped;
  }

  static std::string text_of(const Fault& fault) {
    return name(fault.on) + " " + std::to_string(fault.nth) + (fault.from_then_on ? " and all after" : "") + (fault.error == IoErrc::Io ? ", EIO" : ", ENOSPC") +
           (fault.persisted ? ", carried out" : "");
  }

  std::unique_ptr<MemoryFiles> disk_;
  Driver::Knowledge known_;
  CollectivityId t_{0};
  Actor actor_;
  std::string owner_;
};

TEST_F(EngineFaults, Writes) { sweep(CallClass::Write); }
TEST_F(EngineFaults, Syncs) { sweep(CallClass::Sync); }
TEST_F(EngineFaults, Opens) { sweep(CallClass::OpenOrCreate); }
TEST_F(EngineFaults, Allocations) { sweep(CallClass::Allocate); }
TEST_F(EngineFaults, Punches) { sweep(CallClass::Punch); }
TEST_F(EngineFaults, SyncsOfDirectories) { sweep(CallClass::SyncDir); }
TEST_F(EngineFaults, Renames) { sweep(CallClass::Rename); }
TEST_F(EngineFaults, Unlinks) { sweep(CallClass::Unlink); }

// As Linux does it: the failed sync leaves what it did not write clean in the cache, so that no later sync writes it.
TEST_F(EngineFaults, SyncsThatLoseWhatTheyDidNotWrite) {
  constexpr std::size_t kSyncs = 60;  // more than a life makes
  std::uint64_t stopped = 0;
  const std::string difference = each_of(2 * kSyncs, [&](std::size_t i) {
    const double keep = i % 2 ? 0.5 : 0;
    auto w = world();
    Driver driver(*w, known_);
    driver.hurt = [&w] { return !w->fail_stop->reason().empty(); };
    try {
      if (!w->try_open()) throw Difference{"the first start failed: " + w->failure.reason};
      w->disk->fail_sync_at(i / 2, keep, i + 1);
      for (const auto& o : during()) driver.try_run({o});
      w->clock.advance(kReclaimMs);
      (void)w->engine->run_upkeep();
      (void)w->engine->stop();
      w->engine.reset();
      if (!w->fail_stop->reason().empty()) ++stopped;
      driver.hurt = [] { return false; };
      check(*w, driver);
    } catch (const Difference& d) {
      throw Difference{"sync " + std::to_string(i / 2) + ", keep " + std::to_string(keep) + ": " + d.what};
    }
  });
  EXPECT_EQ(difference, "");
  EXPECT_GT(stopped, 30u);
  std::cout << 2 * kSyncs << " lost syncs, " << stopped << " ended the process\n";
}

}  // namespace
}  // namespace beffroi::storage
