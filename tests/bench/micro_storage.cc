// SPDX-License-Identifier: EUPL-1.2
// What one core and one disk do for a change: a group in the log, the committer, a read from the tables, a page of a listing.
// Ceilings as in micro_crypto.cc; files of the log stand in $TMPDIR, which should be on the disk of interest.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "crypto/check.h"
#include "storage/engine/completion_wait.h"
#include "storage/io/real_files.h"
#include "storage/log/commit_log.h"
#include "storage/log/log_format.h"
#include "tests/fakes/engine_fixture.h"

using namespace beffroi;
using namespace beffroi::storage;
using namespace beffroi::storage::testing;

namespace {

constexpr std::size_t kGroup = 64;  // changes in a frame, of two rows each
constexpr std::size_t kRowBytes = 300;
constexpr std::size_t kIndexRows = 200'000, kListed = 100'000, kPage = 1000;

std::string scratch() {
  const char* from = std::getenv("TMPDIR");
  std::string name = std::string(from ? from : "/tmp") + "/beffroi-bench-XXXXXX";
  CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

Bytes frame_body() {
  Bytes body;
  for (std::size_t i = 0; i < 2 * kGroup; ++i)
    append_row(body, {2, false, content(60, i), content(kRowBytes, i)});
  return body;
}

void log_append(benchmark::State& state) {
  const std::string folder = scratch();
  RealFiles files;
  const crypto::LogKey key(Bytes(32, 'l'));
  CommitLog log(files, {.directory = folder}, Bytes(16, 'u'), key);
  CHECK(log.scan({}) && log.begin_epoch() &&
        log.replay(Sequence{0}, [](Sequence, BytesView) { return Result<void>(); }));
  CHECK(log.remove_older_files());
  const Bytes body = frame_body();
  for (auto _ : state) CHECK(log.append(body));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
  std::filesystem::remove_all(folder);
}
BENCHMARK(log_append)->Iterations(500)->UseRealTime();

// The same bytes written over blocks that are there, and an fdatasync.
void bare_log(benchmark::State& state) {
  const std::string folder = scratch();
  const int file = ::open((folder + "/file").c_str(), O_RDWR | O_CREAT, 0600);
  CHECK(file >= 0);
  const Bytes body = frame_body(), zeros(64u << 20, '\0');
  CHECK(::pwrite(file, zeros.data(), zeros.size(), 0) == static_cast<ssize_t>(zeros.size()) &&
        ::fsync(file) == 0);
  off_t at = 0;
  for (auto _ : state) {
    CHECK(::pwrite(file, body.data(), body.size(), at) == static_cast<ssize_t>(body.size()) &&
          ::fdatasync(file) == 0);
    at = (at + static_cast<off_t>(body.size() + 4095) / 4096 * 4096) % (60 << 20);
  }
  ::close(file);
  std::filesystem::remove_all(folder);
}
BENCHMARK(bare_log)->Name("ceiling/log_append")->Iterations(500)->UseRealTime();

EngineOptions bench_options() {
  EngineOptions options = small_options();
  options.log_file_bytes = 64u << 20;
  options.reclaim_bytes = 1u << 30;
  options.write_buffer_bytes = 256u << 20;
  options.block_cache_bytes = 64u << 20;
  return options;
}

// PUTs that wait in the queue together, from the moment the committer may take them to the last answer; files in memory, so
// that no disk is in it. Time is of one PUT.
void committer_put(benchmark::State& state) {
  World world(bench_options());
  world.make();
  const Bytes body = content(4096, 1);
  std::uint64_t number = 0;
  for (auto _ : state) {
    std::vector<Prepared> changes;
    for (std::size_t i = 0; i < kGroup; ++i)
      changes.push_back(Ready::wrap(*world.prepare_put(world.b, "k" + std::to_string(number++), body)));
    CompletionWait sink;
    std::vector<Completion> completions(changes.size(), Completion{.sink = &sink});
    std::chrono::steady_clock::time_point began;
    {
      Gate gate(*world.engine);
      for (std::size_t i = 0; i < kGroup; ++i) world.engine->submit(std::move(changes[i]), completions[i]);
      began = std::chrono::steady_clock::now();
    }
    sink.wait(kGroup);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    state.SetIterationTime(took.count() / kGroup);
    for (const Completion& c : completions) CHECK(c.result.has_value());
  }
  world.stop();
}
BENCHMARK(committer_put)->Iterations(200)->UseManualTime();

Bytes row_key_of(std::size_t i) {
  return "0001" + to_hex(content(8, i));
}

void index_get(benchmark::State& state) {
  MemoryFiles files;
  CHECK(files.make_dir("/data"));
  const crypto::IndexKey key(Bytes(32, 'k'));
  auto index = open_rocks_index({.files = files,
                                 .directory = "/data/index",
                                 .store_uuid = Bytes(16, 'u'),
                                 .key = key,
                                 .block_cache_bytes = 128u << 20});
  CHECK(index);
  for (std::size_t i = 0; i < kIndexRows;) {
    Batch batch;
    for (std::size_t end = i + 1000; i < end; ++i)
      batch.put(Table::Current, row_key_of(i), content(kRowBytes, i));
    CHECK((*index)->apply(batch));
  }
  CHECK((*index)->flush(kTables));
  std::size_t i = 0;
  for (auto _ : state) CHECK((*index)->get(Table::Current, row_key_of(i = (i + 7919) % kIndexRows)));
}
BENCHMARK(index_get);
void bare_get(benchmark::State& state) {
  std::map<Bytes, Bytes> rows;
  for (std::size_t i = 0; i < kIndexRows; ++i) rows.emplace(row_key_of(i), content(kRowBytes, i));
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(Bytes(rows.find(row_key_of(i = (i + 7919) % kIndexRows))->second));
}
BENCHMARK(bare_get)->Name("ceiling/index_get");

// A bucket with so many objects of nothing, in a hundred folders.
World& listed() {
  static World& world = *[] {
    auto* made = new World(bench_options());
    made->make();
    for (std::size_t i = 0; i < kListed;) {
      std::vector<Prepared> changes;
      for (std::size_t end = i + 1000; i < end; ++i)
        changes.push_back(*made->prepare_put(
            made->b, "folder" + std::to_string(i % 100) + "/object-" + std::to_string(i), ""));
      for (const auto& done : commit_together(*made->engine, std::move(changes))) CHECK(done.has_value());
    }
    return made;
  }();
  return world;
}

void list(benchmark::State& state, const char* delimiter) {
  World& world = listed();
  Bytes after;
  for (auto _ : state) {
    const auto page = world.engine->list_objects(
        {.collectivity = world.t, .bucket = world.b, .delimiter = delimiter, .after = after, .max = kPage});
    CHECK(page && page->objects.size() + page->prefixes.size() > 0);
    after = page->truncated ? page->last : Bytes();
  }
}
BENCHMARK_CAPTURE(list, list_page, "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(list, list_page_folders, "/")->Unit(benchmark::kMicrosecond);

// To open as many sealed rows: what no listing can do without.
void bare_list(benchmark::State& state) {
  const crypto::RowSealer sealer(crypto::RowKey(Bytes(32, 'r')), 1);
  const Bytes sealed = sealer.seal({2, "key"}, content(kRowBytes, 1));
  for (auto _ : state) {
    for (std::size_t i = 0; i < kPage; ++i) CHECK(sealer.open({2, "key"}, sealed));
  }
}
BENCHMARK(bare_list)->Name("ceiling/list_page")->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
