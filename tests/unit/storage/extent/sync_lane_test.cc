// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/sync_lane.h"

#include <atomic>

#include "tests/unit/storage/extent/store_fixture.h"

namespace beffroi::storage {
namespace {

// A file whose syncs stop at a gate, are counted and fail when told.
class GatedFile final : public File {
 public:
  struct Gate {
    bool open = true;
    int entered = 0;
    bool fail = false;
  };
  explicit GatedFile(Guarded<Gate>& gate, std::condition_variable& changed)
      : gate_(gate), changed_(changed) {}
  Result<void> sync() override {
    auto gate = gate_.lock();
    ++gate->entered;
    changed_.notify_all();
    gate.wait(changed_, [&] { return gate->open; });
    if (gate->fail) return IoErrc::Io;
    return {};
  }
  Result<std::size_t> read(std::uint64_t, MutableBytes) override { return 0; }
  Result<std::size_t> read_cached(std::uint64_t, MutableBytes) override { return 0; }
  Result<void> write(std::uint64_t, BytesView) override { return {}; }
  Result<std::uint64_t> size() override { return 0; }
  Result<void> allocate(std::uint64_t) override { return {}; }
  Result<void> punch(std::uint64_t, std::uint64_t) override { return {}; }

 private:
  Guarded<Gate>& gate_;
  std::condition_variable& changed_;
};

class SyncLaneTest : public testing::Test {
 protected:
  std::shared_ptr<ExtentFile> file() {
    return std::make_shared<ExtentFile>(std::make_unique<GatedFile>(gate, changed));
  }
  void set_open(bool open) {
    gate.lock()->open = open;
    changed.notify_all();
  }
  void await_entered(int count) {
    auto state = gate.lock();
    state.wait(changed, [&] { return state->entered >= count; });
  }

  Guarded<GatedFile::Gate> gate;
  std::condition_variable changed;
};

TEST_F(SyncLaneTest, WaitersThatGatherDuringASyncShareTheNext) {
  auto a = file(), b = file();
  SyncLane lane;
  set_open(false);
  Waiter first;
  lane.enqueue(a, first);
  await_entered(1);
  std::vector<Waiter> of_a(20), of_b(20);
  for (int i = 0; i < 20; ++i) {
    lane.enqueue(a, of_a[i]);
    lane.enqueue(b, of_b[i]);
  }
  EXPECT_EQ(first.calls(), 0u);
  set_open(true);
  EXPECT_TRUE(first.wait());
  for (auto* waiters : {&of_a, &of_b})
    for (Waiter& waiter : *waiters) EXPECT_TRUE(waiter.wait());
  EXPECT_EQ(gate.lock()->entered, 3);
}

TEST_F(SyncLaneTest, AFailureReachesEveryWaiterAndIsNotTriedAgain) {
  auto a = file(), b = file();
  SyncLane lane;
  set_open(false);
  Waiter first, second, third, other;
  lane.enqueue(a, first);
  await_entered(1);
  lane.enqueue(a, second);
  gate.lock()->fail = true;
  set_open(true);
  EXPECT_EQ(first.wait().error(), IoErrc::Io);
  EXPECT_EQ(second.wait().error(), IoErrc::Io);
  gate.lock()->fail = false;
  lane.enqueue(a, third);
  EXPECT_EQ(third.wait().error(), IoErrc::Io);
  EXPECT_EQ(gate.lock()->entered, 1);
  lane.enqueue(b, other);
  EXPECT_TRUE(other.wait());
}

TEST_F(SyncLaneTest, ItsEndCallsEveryWaiterOnce) {
  std::vector<Waiter> waiters(50);
  {
    SyncLane lane;
    set_open(false);
    for (int i = 0; i < 50; ++i) lane.enqueue(file(), waiters[i]);
    await_entered(1);
    set_open(true);
  }
  for (Waiter& waiter : waiters) EXPECT_EQ(waiter.calls(), 1u);
}

// The waiter of an upload dies in its call: the thread has read the way to the next one before.
TEST_F(SyncLaneTest, AWaiterMayDieInItsCall) {
  class Mortal final : public SyncWaiter {
   public:
    explicit Mortal(std::atomic<int>& deaths) : deaths_(deaths) {}
    ~Mortal() override { ++deaths_; }
    void synced(Result<void>) override { delete this; }

   private:
    std::atomic<int>& deaths_;
  };
  std::atomic<int> deaths{0};
  {
    SyncLane lane;
    auto a = file();
    for (int i = 0; i < 100; ++i) lane.enqueue(a, *new Mortal(deaths));
  }
  EXPECT_EQ(deaths, 100);
}

}  // namespace
}  // namespace beffroi::storage
