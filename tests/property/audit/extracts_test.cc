// SPDX-License-Identifier: EUPL-1.2
// A thousand clean extracts of random logs, ranges and purges, with checkpoints that were held at random moments: the verifier, run as
// the program that people run, must accept every one. And what must not be accepted: a store that was rolled back, and one that went on
// from there, signed by the same key.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "storage/audit/audit_extract.h"
#include "storage/index/keys.h"
#include "tests/unit/storage/audit/audit_fixture.h"

extern char** environ;

namespace beffroi::storage {
namespace {

constexpr int kProven = 0, kFalse = 1, kConsistent = 3;
constexpr std::uint32_t kTowns[] = {1, 16, 17};
constexpr int kStores = 20, kExtractsEach = 50;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/beffroi-extracts-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, BytesView content) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return path;
  }

 private:
  std::string path_;
};

int verifier(const std::string& extract, const std::vector<std::string>& checkpoints, const std::string& key) {
  std::vector<std::string> words = {BEFFROI_VERIFY, extract, "--output", "json"};
  if (!key.empty()) words.insert(words.end(), {"--key", key});
  for (const std::string& checkpoint : checkpoints) words.insert(words.end(), {"--checkpoint", checkpoint});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, BEFFROI_VERIFY, &quiet, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&quiet);
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct Held {
  std::uint64_t size;
  std::string file;
};

class Appliance {
 public:
  Appliance(unsigned seed, const Folder& folder) : random_(seed), folder_(folder) {
    for (const std::uint32_t t : kTowns) store_.add(t);  // no log is empty: it begins with its collectivity's own creation
    live(1);
  }

  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }

  // A few groups; each changed log then has a state leaf.
  void live(unsigned groups) {
    while (groups-- > 0) {
      for (const std::uint32_t t : kTowns) store_.add(t, static_cast<int>(pick(8) == 0 ? pick(400) : pick(3)));
      for (const CollectivityId t : store_.log->changed()) {
        ASSERT_TRUE(store_.log->add_state_leaf(t, pick(100), Bytes(32, 'd'), Sequence{1}, 1));
      }
      store_.commit();
    }
  }

  // The oldest blocks of a log lose their bodies.
  void purge() {
    const Bytes prefix = keys::audit_block(CollectivityId{kTowns[pick(3)]}, 0).substr(0, 5);
    unsigned left = pick(10);
    Batch batch;
    for (const auto& [key, value] : store_.index.rows(Table::Audit)) {
      if (!key.starts_with(prefix) || left-- == 0) continue;
      const auto block = decode_audit_block(value);
      ASSERT_TRUE(block);
      batch.put(Table::Audit, key, encode_audit_block_head(AuditCodec::Purged, block->count, block->kept));
      if (left == 0) break;
    }
    ASSERT_TRUE(store_.index.apply(batch));
  }

  std::uint64_t tree_size() const { return store_.log->global_head().size; }

  Held hold(std::optional<std::uint64_t> since = {}) {
    const auto snapshot = store_.index.snapshot();
    const auto text = checkpoint_text(*snapshot, AuditReader(*snapshot, store_.sealers), signer_, since);
    EXPECT_TRUE(text);
    return {tree_size(), folder_.write("checkpoint-" + std::to_string(++files_), text.value())};
  }

  std::string extract(std::vector<std::uint64_t> since) {
    const auto snapshot = store_.index.snapshot();
    const AuditReader reader(*snapshot, store_.sealers);
    const CollectivityId t{kTowns[pick(3)]};
    const std::uint64_t size = attested_size(reader, t).value();
    ExtractRequest request{.collectivity = t, .siren = "216000562", .slug = "beauvais", .made_ms = 1'795'507'200'000, .since = std::move(since)};
    request.from = pick(4) == 0 ? 0 : pick(static_cast<unsigned>(size + 1));
    request.to = pick(4) == 0 ? size : request.from + pick(static_cast<unsigned>(size - request.from + 1));
    auto content = extract_head(*snapshot, reader, signer_, request);
    EXPECT_TRUE(content);
    EXPECT_TRUE(reader.read(t, request.from, request.to, [&](const AuditEntry& entry) -> Result<void> {
      *content += extract_line(t, entry);
      return {};
    }));
    return folder_.write("extract", content.value());
  }

  std::string key() const { return signer_.key().text(); }
  MemoryIndex& index() { return store_.index; }
  void restart() { store_.restart(); }

 private:
  std::mt19937 random_;
  const Folder& folder_;
  AuditStore store_;
  const crypto::NoteSigner signer_{"beffroi/test", crypto::CheckpointSeed(Bytes(32, 's'))};
  int files_ = 0;
};

class CleanExtracts : public testing::TestWithParam<unsigned> {};

TEST_P(CleanExtracts, AreAllAccepted) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  const Folder folder;
  Appliance appliance(GetParam(), folder);
  appliance.live(3);
  std::vector<Held> held{appliance.hold()};
  for (int i = 0; i < kExtractsEach && !HasFatalFailure(); ++i) {
    appliance.live(appliance.pick(3));
    if (appliance.pick(3) == 0) appliance.purge();
    if (appliance.pick(4) == 0) held.push_back(appliance.pick(2) == 0 ? appliance.hold() : appliance.hold(held.back().size));
    std::vector<std::uint64_t> since;
    std::vector<std::string> files;
    for (unsigned n = appliance.pick(4); n > 0; --n) {
      const Held& one = held[appliance.pick(static_cast<unsigned>(held.size()))];
      since.push_back(one.size);
      files.push_back(one.file);
    }
    const std::string extract = appliance.extract(since);
    if (appliance.pick(5) == 0) {  // a checkpoint that is newer than the extract, and continues it
      const std::uint64_t before = appliance.tree_size();
      appliance.live(appliance.pick(3));
      files.push_back(appliance.hold(before).file);
    }
    EXPECT_EQ(verifier(extract, files, appliance.pick(2) == 0 ? appliance.key() : ""), files.empty() ? kConsistent : kProven) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CleanExtracts, testing::Range(1u, 1u + kStores));

// The whole store is brought back to an older copy and goes on: whatever it then gives, the checkpoint held outside tells.
TEST(RolledBack, IsConvictedByACheckpointHeldOutside) {
  const Folder folder;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Appliance appliance(seed, folder);
    appliance.live(1 + appliance.pick(5));
    const auto copy = appliance.index().rows(Table::Audit);
    appliance.live(1);
    while (appliance.index().rows(Table::Audit).size() == copy.size()) appliance.live(1);
    const Held held = appliance.hold();
    EXPECT_EQ(verifier(appliance.extract({held.size}), {held.file}, ""), kProven);

    Batch back;
    for (const auto& [key, value] : appliance.index().rows(Table::Audit)) back.remove(Table::Audit, key);
    for (const auto& [key, value] : copy) back.put(Table::Audit, key, value);
    ASSERT_TRUE(appliance.index().apply(back));
    appliance.restart();
    EXPECT_EQ(verifier(appliance.extract({}), {held.file}, ""), kFalse);
    while (appliance.tree_size() <= held.size) appliance.live(1);
    EXPECT_EQ(verifier(appliance.extract({held.size}), {held.file}, ""), kFalse);
    EXPECT_EQ(verifier(appliance.extract({held.size}), {held.file, appliance.hold(held.size).file}, appliance.key()), kFalse);
    EXPECT_EQ(verifier(appliance.extract({}), {}, ""), kConsistent);
  }
}

}  // namespace
}  // namespace beffroi::storage
