// SPDX-License-Identifier: EUPL-1.2
// Every crash point of short workloads on the whole engine, by kill and by power cut, then every crash point of the start that
// follows one. Afterwards: what was acknowledged is there, nothing is torn, what was not acknowledged is there or not, `check`
// finds nothing, everything that may be freed is freed, and the store takes the next deposit.
#include <iostream>

#include "storage/engine/upkeep.h"
#include "tests/fakes/engine_driver.h"

namespace beffroi::storage {
namespace {

using namespace testing;

struct Step {
  enum Kind { Run, Upkeep, Flush, Restart } kind = Run;
  Operation op;
};

Operation put(Bytes key, std::size_t size, std::uint64_t seed = 1) {
  Operation op{.verb = Verb::Put, .bucket = "dossiers", .key = std::move(key)};
  op.body = {size, seed};
  return op;
}
Operation remove(Bytes key) {
  return {.verb = Verb::Remove, .bucket = "dossiers", .key = std::move(key)};
}
Operation copy(Bytes from, Bytes to) {
  return {.verb = Verb::Copy,
          .bucket = "dossiers",
          .key = std::move(to),
          .from_bucket = "dossiers",
          .from_key = std::move(from)};
}
Operation on_upload(Verb verb) {
  return {.verb = verb, .bucket = "dossiers", .key = "gros"};
}
Operation part(std::uint16_t number, std::size_t size, std::uint64_t seed) {
  Operation op = on_upload(Verb::PutPart);
  op.part = number;
  op.body = {size, seed};
  return op;
}
Operation complete(std::uint16_t number) {
  Operation op = on_upload(Verb::Complete);
  op.parts = {number};
  return op;
}

constexpr std::size_t kInline = 3'000, kShared = 50'000,
                      kOwn = 300'000;  // the last does not fit in a shared extent

struct Workload {
  const char* name;
  std::vector<Operation> before;  // in an earlier life
  std::vector<Step> steps;
};

std::vector<Workload> workloads() {
  const auto run = [](Operation op) { return Step{Step::Run, std::move(op)}; };
  const Step upkeep{Step::Upkeep, {}}, restart{Step::Restart, {}};
  const std::vector<Operation> three{put("petit", kInline), put("moyen", kShared), put("grand", kOwn)};
  std::vector<Operation> upload = three;
  upload.push_back(on_upload(Verb::CreateUpload));
  upload.push_back(part(1, kShared, 5));
  upload.push_back(part(2, kOwn, 6));
  return {
      {"start", three, {}},
      {"put", {}, {run(put("petit", kInline)), run(put("moyen", kShared)), run(put("grand", kOwn))}},
      {"overwrite",
       three,
       {run(put("petit", kShared, 2)), run(put("moyen", kOwn, 2)), run(put("grand", kInline, 2))}},
      {"delete", three, {run(remove("petit")), run(remove("moyen")), run(remove("grand"))}},
      {"copy", three, {run(copy("moyen", "copie")), run(copy("grand", "moyen")), run(remove("moyen"))}},
      {"complete", upload, {run(part(1, kShared, 7)), run(complete(1)), run(complete(1))}},
      {"abort", upload, {run(part(3, kInline, 8)), run(on_upload(Verb::Abort))}},
      {"gc", upload, {run(remove("moyen")), run(remove("grand")), run(complete(2)), upkeep}},
      {"reclaim",
       three,
       {run(put("petit", kInline, 2)), {Step::Flush, {}}, run(remove("moyen")), {Step::Flush, {}}}},
      {"stop", three, {run(put("moyen", kShared, 2)), restart, run(remove("grand")), restart}},
  };
}

EngineOptions sweep_options() {
  EngineOptions options = small_options();
  options.shared_extent_bytes = 256u << 10;
  options.log_file_bytes = 32u << 10;
  options.reclaim_bytes = 16u << 10;
  options.write_buffer_bytes = 1u << 20;
  return options;
}

// A disk as a life left it, with all that is known of what it holds.
struct Base {
  std::unique_ptr<MemoryFiles> disk;
  Driver::Knowledge known;
  CollectivityId t{0};
  Actor actor;
  std::string owner;
};

Base make_base(const std::vector<Operation>& before) {
  World w(sweep_options());
  w.make();
  Driver driver(w);
  for (const auto& op : before) driver.run({op});
  driver.reopen();
  Base base{nullptr, driver.knowledge(), w.t, w.actor, w.owner};
  w.stop();
  base.disk = w.disk->crash_clone(CrashKind::Kill, 0, 0);
  return base;
}

std::unique_ptr<World> world_on(const Base& base) {
  auto w = std::make_unique<World>(sweep_options());
  w->disk = base.disk->crash_clone(CrashKind::Kill, 0, 0);
  w->files = w->disk.get();
  w->t = base.t;
  w->actor = base.actor;
  w->owner = base.owner;
  return w;
}

// The steps, as far as the life goes.
void play(World& w, Driver& driver, const Workload& workload) {
  for (const Step& step : workload.steps) {
    if (w.disk->crashed()) return;
    switch (step.kind) {
      case Step::Run:
        driver.try_run({step.op});
        break;
      case Step::Upkeep:
        if (!w.engine->run_upkeep() && !w.disk->crashed()) throw Difference{"upkeep failed"};
        break;
      case Step::Flush:
        w.clock.advance(kReclaimMs);
        if (!w.engine->run_upkeep() && !w.disk->crashed()) throw Difference{"the tables are not flushed"};
        break;
      case Step::Restart:
        if (!w.engine->stop() && !w.disk->crashed()) throw Difference{"the engine does not stop"};
        w.engine.reset();
        if (!w.try_open() && !w.disk->crashed()) throw Difference{"the start failed: " + w.failure.reason};
        if (!w.engine) return;
        break;
    }
  }
}

struct Crash {
  CrashKind kind;
  double keep;
};

std::uint64_t runs = 0, second_crashes = 0;

// The last life of a run: nothing is lost or torn or leaked, and the store works.
void must_serve(World& w, Driver& driver) {
  ++runs;
  if (!w.try_open()) throw Difference{"the last start failed: " + w.failure.reason};
  driver.settle();
  driver.check_usage();
  driver.check_objects();
  driver.run({put("suivant", kShared, 99)});
  driver.check_store();
  driver.check_object("dossiers", "suivant");
}

// Number of operations of one whole life, counted from the end of its start.
std::uint64_t length_of(const Base& base, const Workload& workload, std::uint64_t* start = nullptr) {
  const auto w = world_on(base);
  if (!w->try_open()) throw Difference{"the first start failed: " + w->failure.reason};
  const std::uint64_t started = w->disk->operations();
  if (start) *start = started;
  Driver driver(*w, base.known);
  play(*w, driver, workload);
  return w->disk->operations() - started;
}

// Three patterns of what a power cut keeps; those besides one half at every third point.
std::vector<Crash> crashes_at(std::uint64_t point) {
  std::vector<Crash> crashes{{CrashKind::Kill, 0}, {CrashKind::PowerCut, 0.5}};
  if (point % 3 == 0) crashes.push_back({CrashKind::PowerCut, 0});
  if (point % 3 == 1) crashes.push_back({CrashKind::PowerCut, 0.9});
  return crashes;
}

// A second crash at every eighth operation of the start that follows the first.
void crash_again(const Base& found, std::uint64_t point, std::uint64_t start) {
  for (std::uint64_t inside = (point / 4) % 8; inside < start; inside += 8) {
    const auto w = world_on(found);
    Driver driver(*w, found.known);
    w->disk->set_crash_at(inside);
    (void)w->try_open();
    w->crash(inside % 16 < 8 ? CrashKind::PowerCut : CrashKind::Kill, 0.5, point * 1'000 + inside);
    try {
      must_serve(*w, driver);
    } catch (const Difference& d) {
      throw Difference{"a second crash at " + std::to_string(inside) + ": " + d.what};
    }
    ++second_crashes;
  }
}

void try_crash(const Base& base, const Workload& workload, std::uint64_t point, const Crash& crash,
               bool in_start, std::uint64_t start) {
  const auto w = world_on(base);
  Driver driver(*w, base.known);
  if (in_start) w->disk->set_crash_at(point);
  const bool opened = w->try_open();
  if (!opened && !in_start) throw Difference{"the first start failed: " + w->failure.reason};
  if (!in_start) w->disk->set_crash_at(w->disk->operations() + point);
  if (opened) play(*w, driver, workload);
  w->crash(crash.kind, crash.keep, 1'000 * point + 7);
  if (point % 4 == 2 && crash.keep == 0.5) {
    crash_again(
        {w->disk->crash_clone(CrashKind::Kill, 0, 0), driver.knowledge(), base.t, base.actor, base.owner},
        point, start);
  }
  must_serve(*w, driver);
}

class EngineSweep : public ::testing::TestWithParam<std::size_t> {};

TEST_P(EngineSweep, EveryCrashPoint) {
  const Workload workload = workloads()[GetParam()];
  const Base base = make_base(workload.before);
  ASSERT_FALSE(HasFatalFailure());
  std::uint64_t start = 0;
  const std::uint64_t length = length_of(base, workload, &start);
  const bool sweeps_start = workload.steps.empty();
  const std::uint64_t points = sweeps_start ? start : length;
  runs = 0;
  second_crashes = 0;
  // A sanitizer's build, many times slower, looks at every so many-th point.
  const std::uint64_t stride = from_environment("BEFFROI_SWEEP_STRIDE", 1);
  const std::string difference = each_of(points / stride + 1, [&](std::size_t n) {
    const std::uint64_t point = n * stride;
    for (const Crash& crash : crashes_at(point)) {
      try {
        try_crash(base, workload, point, crash, sweeps_start, start);
      } catch (const Difference& d) {
        throw Difference{
            std::string(workload.name) + ", " +
            (crash.kind == CrashKind::Kill ? "kill" : "power cut, keep " + std::to_string(crash.keep)) +
            " at " + std::to_string(point) + " of " + std::to_string(points) + ": " + d.what};
      }
    }
  });
  EXPECT_EQ(difference, "");
  std::cout << workload.name << ": " << points / stride + 1 << " crash points, " << runs << " runs, "
            << second_crashes << " of them with a second crash in the start\n";
}

INSTANTIATE_TEST_SUITE_P(Workloads, EngineSweep, ::testing::Range(std::size_t{0}, workloads().size()),
                         [](const auto& chosen) { return std::string(workloads()[chosen.param].name); });

}  // namespace
}  // namespace beffroi::storage
