// SPDX-License-Identifier: EUPL-1.2
// Small groups, exhaustively: every ordered pair (and many triples) of a menu of operations that meet on one object, blob,
// upload, part or bucket, committed as one queue; then the same pairs with a crash in the middle.
#include <iostream>
#include <random>

#include "tests/fakes/engine_driver.h"

namespace beffroi::storage {
namespace {

using namespace testing;

Operation put(std::string bucket, Bytes key, std::size_t size, std::uint64_t seed) {
  Operation op{.verb = Verb::Put, .bucket = std::move(bucket), .key = std::move(key)};
  op.body = {size, seed};
  return op;
}
Operation remove(std::string bucket, Bytes key) { return {.verb = Verb::Remove, .bucket = std::move(bucket), .key = std::move(key)}; }
Operation copy(std::string from_bucket, Bytes from, std::string bucket, Bytes key) {
  return {.verb = Verb::Copy, .bucket = std::move(bucket), .key = std::move(key), .from_bucket = std::move(from_bucket), .from_key = std::move(from)};
}
Operation on_upload(Verb verb, std::size_t upload) { return {.verb = verb, .bucket = "b0", .key = "k0", .upload = upload}; }
Operation part(std::size_t upload, std::uint16_t number, std::size_t size, std::uint64_t seed) {
  Operation op = on_upload(Verb::PutPart, upload);
  op.part = number;
  op.body = {size, seed};
  return op;
}
Operation complete(std::size_t upload, std::vector<std::uint16_t> parts) {
  Operation op = on_upload(Verb::Complete, upload);
  op.parts = std::move(parts);
  return op;
}
Operation bucket(Verb verb, std::string name) { return {.verb = verb, .bucket = std::move(name)}; }

constexpr std::size_t kLarge = 9'000, kSmall = 50;

// Two buckets; b0/k0 and b0/k1 share a blob, b0/k2 has its own, b1/k0 is inline; an upload on b0/k0 with two parts.
std::size_t lay(Driver& driver) {
  if (!driver.model.buckets.contains("b0")) driver.run({bucket(Verb::CreateBucket, "b0")});
  if (!driver.model.buckets.contains("b1")) driver.run({bucket(Verb::CreateBucket, "b1")});
  driver.run({put("b0", "k0", kLarge, 1), put("b0", "k2", kLarge + 1, 2), put("b1", "k0", kSmall, 3)});
  driver.run({copy("b0", "k0", "b0", "k1"), {.verb = Verb::CreateUpload, .bucket = "b0", .key = "k0"}});
  const std::size_t upload = driver.model.uploads.size() - 1;
  driver.run({part(upload, 1, kLarge, 4), part(upload, 2, kLarge, 5)});
  return upload;
}

// Nothing is left but the buckets.
void clear(Driver& driver) {
  std::vector<Operation> batch;
  for (const auto& [name, b] : driver.model.buckets)
    for (const auto& [key, object] : b.versions) batch.push_back(remove(name, key));
  for (std::size_t i = 0; i < driver.model.uploads.size(); ++i) {
    const Model::Upload& u = driver.model.uploads[i];
    if (u.is_open()) batch.push_back({.verb = Verb::Abort, .bucket = u.bucket, .key = u.key, .upload = i});
  }
  if (driver.model.buckets.contains("b2")) batch.push_back(bucket(Verb::DeleteBucket, "b2"));
  if (!batch.empty()) driver.run(batch);
}

std::vector<Operation> menu(std::size_t upload) {
  return {put("b0", "k0", kLarge, 6),
          put("b0", "k1", kSmall, 7),
          remove("b0", "k0"),
          remove("b0", "k1"),
          remove("b0", "k2"),
          remove("b1", "k0"),
          copy("b0", "k0", "b0", "k2"),
          copy("b0", "k1", "b1", "k1"),
          copy("b0", "k2", "b0", "k0"),
          copy("b0", "k0", "b0", "k1"),
          copy("b0", "k0", "b0", "k0"),
          bucket(Verb::DeleteBucket, "b1"),
          bucket(Verb::DeleteBucket, "b0"),
          bucket(Verb::CreateBucket, "b2"),
          {.verb = Verb::CreateUpload, .bucket = "b1", .key = "k1"},
          part(upload, 1, kLarge, 8),
          part(upload, 3, kLarge, 9),
          complete(upload, {1}),
          complete(upload, {2}),
          on_upload(Verb::Abort, upload)};
}

std::string text(const std::vector<Operation>& batch) {
  std::string out;
  for (const auto& op : batch) out += (out.empty() ? "" : " + ") + op.text();
  return out;
}

class EngineGroups : public ::testing::Test {
 protected:
  void SetUp() override {
    w.make();
    driver = std::make_unique<Driver>(w);
    size = menu(0).size();
  }
  std::vector<Operation> choose(std::size_t upload, const std::vector<std::size_t>& chosen) {
    const auto all = menu(upload);
    std::vector<Operation> batch;
    for (const std::size_t i : chosen) batch.push_back(all[i]);
    return batch;
  }
  void try_group(const std::vector<std::size_t>& chosen) {
    std::vector<Operation> batch;
    try {
      batch = choose(lay(*driver), chosen);
      driver->run(batch);
      driver->check_objects();
      if (++groups % 50 == 0) driver->check_store();
      clear(*driver);
    } catch (const Difference& difference) {
      FAIL() << text(batch) << ": " << difference.what << " " << w.fail_stop->reason();
    }
  }
  World w;
  std::unique_ptr<Driver> driver;
  std::size_t size = 0, groups = 0;
};

TEST_F(EngineGroups, EveryPair) {
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      try_group({i, j});
      if (HasFatalFailure()) return;
    }
  }
  driver->check_store();
  std::cout << groups << " pairs\n";
}

TEST_F(EngineGroups, ManyTriples) {
  std::mt19937_64 random(20261124);
  for (int n = 0; n < 600; ++n) {
    try_group({random() % size, random() % size, random() % size});
    if (HasFatalFailure()) return;
  }
  driver->check_store();
  std::cout << groups << " triples\n";
}

TEST_F(EngineGroups, EveryPairWithACrash) {
  std::mt19937_64 random(20261125);
  std::size_t died = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      std::vector<Operation> batch;
      try {
        batch = choose(lay(*driver), {i, j});
        died += driver->run_and_crash(batch, random() % 10, random() % 2 ? CrashKind::PowerCut : CrashKind::Kill, 0.5, random());
        if (++groups % 20 == 0) driver->check_store();
        clear(*driver);
      } catch (const Difference& difference) {
        FAIL() << text(batch) << ", crash: " << difference.what << " " << w.fail_stop->reason();
      }
    }
  }
  std::cout << groups << " pairs, " << died << " died before their last answer\n";
  EXPECT_GT(died, groups / 4);
}

}  // namespace
}  // namespace beffroi::storage
