// SPDX-License-Identifier: EUPL-1.2
// A loss that an operator accepts, with a crash at every operation of the recovery: the next start finds the store closed, for that
// loss or the rest of it, or open; accepted again it opens, with everything before the gap and nothing after it, and the record of
// the loss in the appliance's audit log.
#include <gtest/gtest.h>

#include "storage/log/log_format.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using testing::content;
using testing::root_key;
using testing::World;

constexpr int kPuts = 12;

struct Damaged : World {
  // A killed store whose puts are frames of its log, and `what` done to that log.
  template <class What>
  explicit Damaged(What what) {
    make();
    reopen();
    first = raw(engine->status().sequence);
    for (int i = 0; i < kPuts; ++i) EXPECT_TRUE(put(key(i), body(i)));
    crash(CrashKind::Kill);
    what(*disk, log_files().back());
    damaged = disk->crash_clone(CrashKind::Kill, 1, 1);
  }
  static Bytes key(int i) { return "k" + std::to_string(10 + i); }
  static Bytes body(int i) { return content(i % 2 ? 50 : 20'000, i); }
  std::vector<std::string> log_files() const {
    std::vector<std::string> names;
    for (const DirectoryEntry& e : disk->list("/data/log").value()) {
      if (parse_log_file_name(e.name)) names.push_back("/data/log/" + e.name);
    }
    return names;
  }
  bool accept(const std::string& id) {
    AcceptedLoss accepted{id, record("RecoverStore")};
    accepted.record.collectivity = kAppliance;
    accepted.record.operator_name = "claire";
    fail_stop = std::make_unique<testing::RecordingFailStop>();
    failure = {};
    engine = Engine::open(*files, clock, *fail_stop, options, root_key(), failure, &accepted);
    return engine != nullptr;
  }
  void from_the_damage() {
    engine.reset();
    disk = damaged->crash_clone(CrashKind::Kill, 1, 1);
    files = disk.get();
  }
  // Opens what a crash left: closed ones are accepted, as an operator would. How often.
  int open_accepting() {
    int accepted = 0;
    bool opened = try_open();
    while (!opened) {
      EXPECT_EQ(failure.error, EngineErrc::Closed) << failure.reason;
      EXPECT_FALSE(failure.loss_id.empty()) << failure.reason;
      if (failure.loss_id.empty() || ++accepted == 4) return -1;
      opened = accept(std::string(failure.loss_id));
    }
    return accepted;
  }
  // A beginning of the puts is there, the rest is not; the loss is recorded; nothing is damaged.
  void expect_recovered(int least) {
    ASSERT_TRUE(engine);
    int there = 0;
    while (there < kPuts && get(key(there))) {
      EXPECT_EQ(get(key(there)).value(), body(there));
      ++there;
    }
    EXPECT_GE(there, least);
    EXPECT_LT(there, kPuts);
    for (int i = there; i < kPuts; ++i) EXPECT_EQ(get(key(i)).error(), EngineErrc::NoSuchKey);
    int records = 0;
    EXPECT_TRUE(engine->read_audit(kAppliance, 0, engine->audit_size(kAppliance).value(), [&](const AuditEntry& entry) -> Result<void> {
      records += entry.body.find("\"operation\":\"RecoverStore\"") != Bytes::npos;
      return {};
    }));
    EXPECT_GE(records, 1);
    ASSERT_TRUE(put("new", "value"));
    reopen();
    EXPECT_EQ(get("new").value(), "value");
  }

  std::uint64_t first = 0;
  std::unique_ptr<MemoryFiles> damaged;
};

void flip(MemoryFiles& disk, const std::string& path, std::uint64_t at) {
  const auto file = disk.open(path).value();
  char byte = 0;
  ASSERT_TRUE(file->read(at, MutableBytes(&byte, 1)));
  byte = static_cast<char>(byte ^ 1);
  ASSERT_TRUE(file->write(at, BytesView(&byte, 1)));
  ASSERT_TRUE(file->sync());
}

// The fifth frame of the file, header page apart: frames of this workload take one block or, with a body of their own, one too.
void damage_a_frame(MemoryFiles& disk, const std::string& path) { flip(disk, path, 5 * kLogBlockBytes + 100); }

void sweep(Damaged& world, CrashKind kind, double keep, std::uint64_t stride) {
  world.from_the_damage();
  ASSERT_EQ(world.open_accepting(), 1) << world.failure.reason;
  const std::uint64_t operations = world.disk->operations();
  world.expect_recovered(1);
  for (std::uint64_t i = 0; i < operations; i += stride) {
    SCOPED_TRACE("crash at operation " + std::to_string(i) + " of " + std::to_string(operations));
    world.from_the_damage();
    ASSERT_FALSE(world.try_open());
    const std::string id = world.failure.loss_id;
    world.disk->set_crash_at(world.disk->operations() + i);
    (void)world.accept(id);
    world.crash(kind, keep, i);
    ASSERT_GE(world.open_accepting(), 0) << world.failure.reason;
    world.expect_recovered(1);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Recover, KilledAtEveryOperation) {
  Damaged world(damage_a_frame);
  sweep(world, CrashKind::Kill, 1, 1);
}

TEST(Recover, PowerCutAtEveryThirdOperation) {
  Damaged world(damage_a_frame);
  sweep(world, CrashKind::PowerCut, 0.5, 3);
}

TEST(Recover, AHeaderADeletedFileAndAMissingMark) {
  const auto one = [](auto what) {
    Damaged world(what);
    world.from_the_damage();
    ASSERT_FALSE(world.try_open());
    ASSERT_EQ(world.failure.error, EngineErrc::Closed);
    const auto left = world.log_files();
    ASSERT_FALSE(world.accept("00000000"));
    EXPECT_EQ(world.log_files(), left);
    ASSERT_EQ(world.open_accepting(), 1) << world.failure.reason;
    ASSERT_TRUE(world.put("new", "value"));
    world.reopen();
    EXPECT_EQ(world.get("new").value(), "value");
    // An extent whose row was lost is found, and not freed: absence proves nothing.
    for (const std::string& finding : world.engine->check().value()) EXPECT_TRUE(finding.starts_with("extent file")) << finding;
  };
  one([](MemoryFiles& disk, const std::string& path) { flip(disk, path, 8); });
  one([](MemoryFiles& disk, const std::string& path) {
    ASSERT_TRUE(disk.unlink(path));
    ASSERT_TRUE(disk.sync_dir("/data/log"));
  });
  one([](MemoryFiles& disk, const std::string&) {
    ASSERT_TRUE(disk.unlink("/data/state/high_water"));
    ASSERT_TRUE(disk.sync_dir("/data/state"));
  });
}

}  // namespace
}  // namespace beffroi::storage
