// SPDX-License-Identifier: EUPL-1.2
// Several clients at once, with the engine's own threads at work: keys that each client has for itself come back as written,
// keys they share hold what one of them wrote, and the store is whole afterwards. Under ThreadSanitizer this is the race test.
#include <atomic>
#include <random>
#include <thread>

#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

constexpr int kClients = 4, kRounds = 120;

class Client {
 public:
  Client(World& world, int number) : w(world), number_(number), random_(number + 1) {}

  void run() {
    for (int round = 0; round < kRounds; ++round) {
      const Bytes own = "propre-" + std::to_string(number_) + "-" + std::to_string(random_() % 5);
      const std::uint64_t seed = random_();
      const std::size_t size = random_() % 3 ? random_() % 6'000 : random_() % 90'000;
      const auto put = w.put(own, content(size, seed));
      if (!put) return fail("put " + put.error().message());
      if (random_() % 4 == 0) (void)w.copy(own, "commun");
      if (random_() % 6 == 0) (void)w.remove("commun");
      if (random_() % 6 == 0) multipart(own, seed);
      else if (const auto got = w.get(own); !got || *got != content(size, seed)) return fail("get " + own);
      if (const auto got = w.get("commun"); !got && got.error() != make_error_code(EngineErrc::NoSuchKey)) return fail("get " + got.error().message());
      w.engine->note(w.record("GetObject", own));
      if (!w.engine->list_objects({.collectivity = w.t, .bucket = w.b, .delimiter = "/"})) return fail("list");
      (void)w.engine->status();
      w.clock.advance(3);
    }
  }
  std::string failure;

 private:
  void fail(const std::string& what) { failure = "client " + std::to_string(number_) + ": " + what; }

  void multipart(const Bytes& key, std::uint64_t seed) {
    const Bytes body = content(seed % 50'000, seed);
    const auto upload = w.create_upload(key);
    if (!upload || !w.put_part(key, *upload, 1, body)) return fail("part");
    if (seed % 2) {
      if (!w.abort(key, *upload)) fail("abort");
      return;
    }
    if (!w.complete(key, *upload, {World::named(1, body)})) return fail("complete");
    if (const auto got = w.get(key); !got || *got != body) fail("get of a multipart object");
  }

  World& w;
  const int number_;
  std::mt19937_64 random_;
};

TEST(EngineThreads, ClientsAtOnce) {
  EngineOptions options = small_options();
  options.background = true;
  World w(options);
  w.make();
  std::vector<Client> clients;
  for (int n = 0; n < kClients; ++n) clients.emplace_back(w, n);
  std::vector<std::thread> threads;
  for (Client& client : clients) threads.emplace_back([&client] { client.run(); });
  for (auto& thread : threads) thread.join();
  for (const Client& client : clients) EXPECT_EQ(client.failure, "");
  EXPECT_EQ(w.fail_stop->reason(), "");
  w.stop();
  w.options.background = false;
  w.open();
  w.expect_whole_after_upkeep();
}

// What came first of many clients' PUTs to one key is never mixed with another.
TEST(EngineThreads, OneKeyForAll) {
  World w;
  w.make();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int n = 0; n < kClients; ++n) {
    threads.emplace_back([&, n] {
      for (int round = 0; round < 40; ++round) {
        const std::size_t size = 1'000 * (1 + n) + (round % 2) * 20'000;
        if (!w.put("k", content(size, size))) ++wrong;
        const auto got = w.get("k");
        if (!got || *got != content(got->size(), got->size())) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(w.engine->usage(w.t, w.b)->objects, 1u);
  w.expect_whole_after_upkeep();
}

}  // namespace
}  // namespace beffroi::storage
