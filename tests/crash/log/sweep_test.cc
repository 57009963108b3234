// SPDX-License-Identifier: EUPL-1.2
// Every crash point of short workloads on the log alone, by kill and by power cut, and every crash point of the start that
// follows; then random long ones with failing syncs. Always: what was acknowledged is there, nothing is half there, and a store
// to which nothing but crashes happened is never closed.
#include <iostream>

#include "tests/crash/log/store_model.h"

namespace beffroi::storage {
namespace {

using namespace testing;

constexpr std::uint64_t kFileBytes = 12'288;  // two small frames, or one large, a file

enum class Step { PutA, PutB, PutLarge, RemoveA, Reclaim, FlushCurrent, FlushBlobs, FlushMeta, Mark, Stop };
using Script = std::vector<Step>;

void play(Process& process, const Script& script) {
  for (const Step step : script) {
    switch (step) {
      case Step::PutA:
        process.put("a", false);
        break;
      case Step::PutB:
        process.put("b", false);
        break;
      case Step::PutLarge:
        process.put("a", true);
        break;
      case Step::RemoveA:
        process.remove("a");
        break;
      case Step::Reclaim:
        process.reclaim();
        break;
      case Step::FlushCurrent:
        process.flush(kCurrent);
        break;
      case Step::FlushBlobs:
        process.flush(kBlobs);
        break;
      case Step::FlushMeta:
        process.flush(kMeta);
        break;
      case Step::Mark:
        process.write_mark(false);
        break;
      case Step::Stop:
        process.stop();
        break;
    }
  }
}

struct Crash {
  CrashKind kind;
  double keep;
  std::uint64_t seed;
};

std::string name_of(const Crash& crash) {
  if (crash.kind == CrashKind::Kill) return "kill";
  return "power cut " + std::to_string(crash.keep) + "/" + std::to_string(crash.seed);
}

// A disk as a life left it, and what had been promised by then.
struct Found {
  std::unique_ptr<MemoryFiles> disk;
  Oracle oracle;
  Found copy() const { return {disk->crash_clone(CrashKind::Kill, 0, 0), oracle}; }
};

Found empty_store() {
  Found found{std::make_unique<MemoryFiles>(), {}};
  Process::create(*found.disk);
  return found;
}

struct Life {
  std::uint64_t operations = 0;
  bool died = false;
};

// One life: start, script, until the chosen operation (or to its end).
Life live(Found& found, const Script& script, std::optional<std::uint64_t> crash_at,
          std::uint64_t flush_seed = 0) {
  Life life;
  const std::uint64_t before = found.disk->operations();
  if (crash_at) found.disk->set_crash_at(before + *crash_at);
  try {
    Process process(*found.disk, found.oracle, kFileBytes, flush_seed);
    process.start();
    play(process, script);
  } catch (const Died&) {
    life.died = true;
  }
  life.operations = found.disk->operations() - before;
  return life;
}

Found crash(const Found& found, const Crash& crash) {
  return {found.disk->crash_clone(crash.kind, crash.keep, crash.seed), found.oracle};
}

std::uint64_t runs = 0;

// The last life of a run: it must serve, and what it acknowledges must survive everything.
void must_serve(Found found) {
  ++runs;
  if (live(found, {Step::PutB}, std::nullopt).died) throw Violation{"the last life died"};
  Found after = crash(found, {CrashKind::PowerCut, 0, 1});
  if (live(after, {}, std::nullopt).died) throw Violation{"the life after the last died"};
}

// The crashes that are tried at one point; their seeds differ from point to point.
std::vector<Crash> crashes_at(std::uint64_t point) {
  std::vector<Crash> all = {{CrashKind::Kill, 0, 0}, {CrashKind::PowerCut, 0, 0}};
  for (const double keep : {0.1, 0.5, 0.5, 0.5, 0.9})
    all.push_back({CrashKind::PowerCut, keep, 100 * point + all.size()});
  return all;
}

const std::vector<Script> kScripts = {
    {},
    {Step::PutA, Step::PutA},
    {Step::PutA, Step::PutB, Step::PutA, Step::PutLarge, Step::PutA},
    {Step::PutLarge, Step::RemoveA, Step::PutA, Step::Reclaim, Step::PutA, Step::PutB},
    {Step::PutA, Step::PutB, Step::PutA, Step::PutB, Step::PutA, Step::Reclaim, Step::PutLarge, Step::PutA},
    {Step::PutA, Step::FlushCurrent, Step::PutA, Step::FlushMeta, Step::PutB, Step::FlushBlobs},
    {Step::PutA, Step::Mark, Step::PutA, Step::Stop},
    {Step::PutA, Step::Reclaim, Step::PutA, Step::FlushMeta, Step::Reclaim, Step::PutB},
};

TEST(LogSweep, EveryCrashPointAndEveryCrashPointOfTheNextStart) {
  for (std::size_t s = 0; s < kScripts.size(); ++s) {
    Found whole = empty_store();
    const std::uint64_t operations = live(whole, kScripts[s], std::nullopt).operations;
    for (std::uint64_t at = 0; at <= operations; ++at) {
      Found first = empty_store();
      live(first, kScripts[s], at);
      for (const Crash& one : crashes_at(at)) {
        std::string where =
            "script " + std::to_string(s) + ", operation " + std::to_string(at) + " " + name_of(one);
        try {
          must_serve(crash(first, one));
          // The start that follows makes some forty operations. Each is crashed at for one in twenty-five of the first points.
          if ((at + one.seed) % 25 != 0) continue;
          Found dry = crash(first, one);
          const std::uint64_t in_start = live(dry, {}, std::nullopt).operations;
          for (std::uint64_t then = 0; then < in_start; ++then) {
            Found second = crash(first, one);
            live(second, {}, then);
            for (const Crash& two : crashes_at(then)) {
              if (two.keep == 0.1 || two.keep == 0.9) continue;
              const auto then_where = ", then " + std::to_string(then) + " " + name_of(two);
              try {
                must_serve(crash(second, two));
              } catch (Violation& violation) {
                violation.what += then_where;
                throw;
              }
            }
          }
        } catch (const Violation& violation) {
          FAIL() << violation.what << "; " << where;
        }
      }
    }
  }
  std::cout << kScripts.size() << " scripts: " << runs << " runs\n";
}

// Up to four crashes, syncs that fail as Linux's do, tables flushed by themselves.
void random_run(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Found found = empty_store();
  const std::uint64_t crashes = 1 + random() % 4;
  for (std::uint64_t life = 0; life < crashes; ++life) {
    Script script(random() % 10);
    for (Step& step : script) step = static_cast<Step>(random() % (random() % 2 == 0 ? 4 : 9));
    if (random() % 8 == 0) script.push_back(Step::Stop);
    if (random() % 3 == 0) found.disk->fail_sync_at(random() % 40, 0.5, random());
    live(found, script, 1 + random() % 120, random() % 2 == 0 ? random() | 1 : 0);
    const double keeps[] = {0, 0.1, 0.5, 0.9};
    found = crash(found,
                  {random() % 2 == 0 ? CrashKind::Kill : CrashKind::PowerCut, keeps[random() % 4], random()});
  }
  must_serve(std::move(found));
}

TEST(LogSweep, RandomLivesWithFailingSyncs) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    try {
      random_run(seed);
    } catch (const Violation& violation) {
      FAIL() << violation.what << "; seed " << seed;
    }
  }
}

}  // namespace
}  // namespace beffroi::storage
