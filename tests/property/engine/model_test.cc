// SPDX-License-Identifier: EUPL-1.2
// Random operations, in groups that really form, against the reference model; restarts, kills and power cuts are operations too.
//   BEFFROI_SEED=n  one other seed      BEFFROI_OPERATIONS=n  how many (a release runs ten million)
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <random>
#include <thread>

#include "tests/fakes/engine_driver.h"

namespace beffroi::storage {
namespace {

using namespace testing;

EngineOptions tiny_options() {
  EngineOptions options = small_options();
  options.shared_extent_bytes = 256u << 10;
  options.log_file_bytes = 128u << 10;
  options.reclaim_bytes = 512u << 10;
  options.write_buffer_bytes = 1u << 20;
  return options;
}

// What happens to a store between two looks at it. It says everything by itself, so that a sequence may lose some of them and be run again.
struct Step {
  enum class Then { Nothing, Crash, Restart, Upkeep, Day };
  std::vector<Operation> batch;
  Then then = Then::Nothing;
  CrashKind kind = CrashKind::Kill;
  double keep = 0;
  std::uint64_t after = 0;   // operations of the disk before the crash
  std::uint64_t seed = 0;    // of the crash, and of what is looked at
  std::int64_t pause_ms = 0;

  std::string text() const {
    static constexpr const char* kThen[] = {"", "   <- crash", "   then a restart", "   then upkeep", "   then a day passes"};
    std::string line;
    for (const Operation& op : batch) line += (line.empty() ? "" : " | ") + op.text();
    return line + kThen[static_cast<int>(then)];
  }
};

// One life of the test: draws steps and takes them.
class Walk {
 public:
  // `rule`: throws a Difference of its own; for the canary.
  using Rule = std::function<void(const Operation&)>;
  Walk(World& world, Driver& driver, std::uint64_t seed, Rule rule = {}) : w(world), driver_(driver), random_(seed), rule_(std::move(rule)) {}

  Step draw_step() {
    Step step{.batch = draw_batch(), .seed = random_(), .pause_ms = static_cast<std::int64_t>(random_() % 500)};
    const unsigned chance = random_() % 1'000;
    if (chance < 14) {
      static constexpr double kKeep[] = {0, 0.1, 0.5, 0.9};
      step.then = Step::Then::Crash;
      step.kind = random_() % 3 ? CrashKind::PowerCut : CrashKind::Kill;
      step.after = random_() % (3 + 2 * step.batch.size());
      step.keep = kKeep[random_() % 4];
    } else if (chance < 18) {
      step.then = Step::Then::Restart;
    } else if (chance < 30) {
      step.then = Step::Then::Upkeep;
    } else if (chance == 30) {
      step.then = Step::Then::Day;
    }
    return step;
  }

  void take(const Step& step) {
    random_.seed(step.seed);
    std::vector<Operation> batch;
    for (Operation op : step.batch) {
      if (rule_) rule_(op);
      const auto& uploads = driver_.model.uploads;
      if (op.verb == Verb::PutPart || op.verb == Verb::Complete || op.verb == Verb::Abort) {
        if (op.upload >= uploads.size()) continue;
        op.bucket = uploads[op.upload].bucket;
        op.key = uploads[op.upload].key;
      }
      batch.push_back(std::move(op));
    }
    if (step.then == Step::Then::Crash || step.then == Step::Then::Restart) readers_.clear();
    if (step.then == Step::Then::Crash) crashes += driver_.run_and_crash(batch, step.after, step.kind, step.keep, step.seed);
    else driver_.run(batch);
    if (step.then == Step::Then::Restart) {
      driver_.reopen();
      ++restarts;
    }
    if (step.then == Step::Then::Day) w.clock.advance(kOutcomeKeptMs + 3'600'000);
    if (step.then == Step::Then::Upkeep || step.then == Step::Then::Day) driver_.check_store(readers_.empty());
    w.clock.advance(step.pause_ms);
    look();
  }

  std::uint64_t crashes = 0, restarts = 0;

 private:
  struct Held {
    ObjectReader reader;
    Bytes body;
    Bytes got;
  };

  template <class T>
  const T& any_of(const std::vector<T>& from) { return from[random_() % from.size()]; }

  Body draw_body() {
    static constexpr std::size_t kLimits[] = {1, 200, 8'192, 8'193, 20'000, 20'000, 65'536, 65'537, 140'000, 300'000};
    const std::size_t limit = kLimits[random_() % std::size(kLimits)];
    return {random_() % 4 ? random_() % limit : limit, random_()};
  }

  Named draw_version() {
    const unsigned chance = random_() % 4;
    return {chance < 2 ? Named::Kind::No : chance == 2 ? Named::Kind::Null : Named::Kind::Nth, random_() % 8};
  }

  // Few names, so that the operations of a batch meet.
  Operation draw() {
    static const std::vector<std::string> kBuckets{"dossiers", "actes", "plans"};
    static const std::vector<Bytes> kKeys{"a", "b", "b/c", Bytes("d\0e", 3), "\xC3\xA9t\xC3\xA9"};
    Operation op;
    op.bucket = any_of(kBuckets);
    op.key = any_of(kKeys);
    const auto& uploads = driver_.model.uploads;
    const unsigned chance = random_() % 100;
    if (chance < 34 || (uploads.empty() && chance >= 72 && chance < 92)) {
      op.verb = Verb::Put;
      op.body = draw_body();
      op.only_if_absent = random_() % 5 == 0;
      op.only_if_match = !op.only_if_absent && random_() % 6 == 0;
    } else if (chance < 46) {
      op.verb = Verb::Remove;
      op.version = draw_version();
      op.only_if_match = random_() % 6 == 0;
      op.bypass = random_() % 3 == 0;
    } else if (chance < 62) {
      op.verb = Verb::Copy;
      op.from_bucket = any_of(kBuckets);
      op.from_key = any_of(kKeys);
      op.from_version = draw_version();
    } else if (chance < 64) {
      op.verb = Verb::SetVersioning;
      op.on = random_() % 2;
    } else if (chance < 65) {
      op.verb = Verb::Retain;
      op.version = draw_version();
      op.bypass = random_() % 2;
      if (random_() % 4) op.retention = {random_() % 3 ? LockMode::Governance : LockMode::Compliance, 1 + static_cast<std::int64_t>(random_() % 3'000)};
    } else if (chance < 66) {
      op.verb = Verb::Hold;
      op.version = draw_version();
      op.on = random_() % 3 == 0;
    } else if (chance < 72) {
      op.verb = Verb::CreateUpload;
    } else if (chance < 92) {
      // Of the last few, mostly: older ones are over.
      op.upload = random_() % 10 == 0 ? random_() % uploads.size() : uploads.size() - 1 - random_() % std::min<std::size_t>(uploads.size(), 4);
      op.bucket = uploads[op.upload].bucket;
      op.key = uploads[op.upload].key;
      if (chance < 82) {
        op.verb = Verb::PutPart;
        op.part = static_cast<std::uint16_t>(1 + random_() % 4);
        op.body = draw_body();
      } else if (chance < 89) {
        op.verb = Verb::Complete;
        op.parts = {static_cast<std::uint16_t>(1 + random_() % 4)};
        if (random_() % 20 == 0) op.parts.push_back(static_cast<std::uint16_t>(op.parts.back() + 1));
      } else {
        op.verb = Verb::Abort;
      }
    } else if (chance < 96) {
      op.verb = Verb::CreateBucket;
    } else {
      op.verb = Verb::DeleteBucket;
    }
    return op;
  }

  std::vector<Operation> draw_batch() {
    std::vector<Operation> batch;
    for (std::size_t n = 1 + random_() % 8; n > 0; --n) batch.push_back(draw());
    return batch;
  }

  // Reads between batches: one object whole, one range; readers that stay open while their object goes.
  void look() {
    const auto& model = driver_.model;
    if (model.buckets.empty()) return;
    auto bucket = model.buckets.begin();
    std::advance(bucket, random_() % model.buckets.size());
    if (!bucket->second.versions.empty()) {
      auto object = bucket->second.versions.begin();
      std::advance(object, random_() % bucket->second.versions.size());
      const Model::Object* current = bucket->second.current(object->first);
      if (!current) return;
      const Bytes body = current->bytes();
      const std::size_t begin = random_() % (body.size() + 1), end = begin + random_() % (body.size() - begin + 1);
      const auto got = w.get(bucket->second.id, object->first, begin, end);
      if (!got) throw Difference{"range of " + bucket->first + "/" + object->first + ": " + got.error().message()};
      if (*got != BytesView(body).substr(begin, end - begin)) throw Difference{"range of " + bucket->first + "/" + object->first + ": other bytes"};
      if (readers_.size() < 2 && random_() % 8 == 0 && !body.empty()) {
        auto reader = w.engine->open_object(w.t, bucket->second.id, object->first, Tier::Disk, true);
        if (!reader || !reader->start(0, body.size(), Tier::Disk)) throw Difference{"a reader does not start"};
        readers_.push_back({std::move(*reader), body, {}});
      }
    }
    for (auto held = readers_.begin(); held != readers_.end();) {
      const auto piece = held->reader.next(Tier::Disk);
      if (!piece) throw Difference{"a reader of a deleted object: " + piece.error().message()};
      held->got += *piece;
      if (!held->body.starts_with(held->got)) throw Difference{"a reader of a deleted object gives other bytes"};
      const bool done = piece->empty() || random_() % 10 == 0;
      held = done ? readers_.erase(held) : held + 1;
    }
  }

  World& w;
  Driver& driver_;
  std::mt19937_64 random_;
  const Rule rule_;
  std::vector<Held> readers_;
};

void make(World& w) {
  w.make();
  ASSERT_TRUE(w.engine->commit(w.engine->set_quota(w.t, {.bytes = 5u << 20, .objects = 30}, w.record("SetQuota"))));
}

// The difference that the steps end in, on a store of their own; nothing when there is none.
std::optional<std::string> replay(const std::vector<Step>& steps, const Walk::Rule& rule) {
  World w(tiny_options());
  make(w);
  Driver driver(w);
  Walk walk(w, driver, 0, rule);
  try {
    for (const Step& step : steps) walk.take(step);
  } catch (const Difference& difference) {
    return difference.what;
  }
  return std::nullopt;
}

// Leaves out whatever can go while the steps still end in a difference: halves, quarters ... single steps, then single operations.
std::vector<Step> shrink(std::vector<Step> steps, const Walk::Rule& rule) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto in_time = [&] { return std::chrono::steady_clock::now() < end; };
  for (std::size_t size = steps.size() / 2; size > 0 && in_time(); size /= 2) {
    for (std::size_t at = 0; at < steps.size() && in_time();) {
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, steps.size())), steps.end());
      if (replay(fewer, rule)) steps = std::move(fewer);
      else at += size;
    }
  }
  for (std::size_t at = 0; at < steps.size(); ++at) {
    for (std::size_t op = 0; op < steps[at].batch.size() && in_time();) {
      std::vector<Step> fewer = steps;
      fewer[at].batch.erase(fewer[at].batch.begin() + static_cast<std::ptrdiff_t>(op));
      if (replay(fewer, rule)) steps = std::move(fewer);
      else ++op;
    }
  }
  return steps;
}

// What a person needs to go on from a failure.
std::string report(std::uint64_t seed, const std::string& what, const std::vector<Step>& steps, const std::vector<Step>& shrunk, const Walk::Rule& rule) {
  std::string out = "seed " + std::to_string(seed) + " after " + std::to_string(steps.size()) + " steps: " + what + "\nshrunk to " +
                    std::to_string(shrunk.size()) + " steps, which end in: " + replay(shrunk, rule).value_or("nothing (it does not come again)") + "\n";
  for (const Step& step : shrunk) out += "  " + step.text() + "\n";
  return out;
}

TEST(EngineModel, RandomOperations) {
  const std::uint64_t first_seed = from_environment("BEFFROI_SEED", 1);
  const std::uint64_t operations = from_environment("BEFFROI_OPERATIONS", 50'000);
  constexpr std::uint64_t kOperationsEach = 5'000;  // then a new store
  std::uint64_t done = 0, refused = 0, crashes = 0, restarts = 0;
  for (std::uint64_t seed = first_seed; done < operations; ++seed) {
    World w(tiny_options());
    make(w);
    ASSERT_FALSE(HasFatalFailure());
    Driver driver(w);
    Walk walk(w, driver, seed);
    std::vector<Step> steps;
    try {
      while (driver.operations < std::min(kOperationsEach, operations - done)) {
        steps.push_back(walk.draw_step());
        walk.take(steps.back());
      }
    } catch (const Difference& difference) {
      FAIL() << report(seed, difference.what + " " + w.fail_stop->reason(), steps, shrink(steps, {}), {});
    }
    done += driver.operations;
    refused += driver.refused;
    crashes += walk.crashes;
    restarts += walk.restarts;
  }
  std::cout << "seeds from " << first_seed << ": " << done << " operations, " << refused << " refused before, " << crashes << " crashes, " << restarts
            << " restarts\n";
}

// The canary: a rule that the engine breaks, found, and made small.
TEST(EngineModel, ADifferenceIsFoundAndShrunk) {
  const auto rule = [](const Operation& op) {
    if (op.verb == Verb::Remove && op.version.kind == Named::Kind::Null) throw Difference{"a null version was removed"};
  };
  World w(tiny_options());
  make(w);
  Driver driver(w);
  Walk walk(w, driver, 7, rule);
  std::vector<Step> steps;
  std::string found;
  try {
    for (int n = 0; n < 500; ++n) {
      steps.push_back(walk.draw_step());
      walk.take(steps.back());
    }
  } catch (const Difference& difference) {
    found = difference.what;
  }
  EXPECT_EQ(found, "a null version was removed");
  const auto shrunk = shrink(steps, rule);
  ASSERT_EQ(shrunk.size(), 1u);
  EXPECT_EQ(shrunk.front().batch.size(), 1u);
  EXPECT_NE(report(7, found, steps, shrunk, rule).find("@null"), std::string::npos);
}

}  // namespace
}  // namespace beffroi::storage
