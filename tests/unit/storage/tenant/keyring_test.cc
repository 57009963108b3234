// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/keyring.h"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/errors.h"
#include "crypto/random.h"
#include "storage/io/memory_files.h"
#include "storage/tenant/errors.h"
#include "storage/tenant/keyring_body.h"

namespace beffroi::storage {
namespace {

const Bytes kUuid = "0123456789abcdef";
const std::string kPath = "keys/keyring";
constexpr CollectivityId kTown{16};

crypto::RootKey root_key(char fill = 'r') {
  return crypto::RootKey(Bytes(crypto::kKeyBytes, fill));
}

std::unique_ptr<MemoryFiles> fresh_disk() {
  auto files = std::make_unique<MemoryFiles>();
  EXPECT_TRUE(files->make_dir("keys"));
  return files;
}

Bytes read_all(Files& files, const std::string& path) {
  auto file = files.open(path);
  Bytes out(*(*file)->size(), '\0');
  EXPECT_TRUE((*file)->read(0, out));
  return out;
}

// True when `b` opens what `a` sealed.
bool same_key(const crypto::RowSealer& a, const crypto::RowSealer& b) {
  return static_cast<bool>(b.open({1, "k"}, a.seal({1, "k"}, "text")));
}

TEST(Keyring, WhatWasMadeIsThereAfterAReopening) {
  auto files = fresh_disk();
  auto made = Keyring::create(*files, kPath, root_key(), kUuid);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ((*made)->highest(), kAppliance);
  ASSERT_TRUE((*made)->add_collectivity(kTown));
  auto opened = Keyring::open(*files, kPath, root_key());
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ((*opened)->store_uuid(), kUuid);
  EXPECT_EQ((*opened)->highest(), kTown);
  const StoreKeys &a = (*made)->store(), &b = (*opened)->store();
  EXPECT_EQ(a.index.reveal(), b.index.reveal());
  EXPECT_EQ(a.log.reveal(), b.log.reveal());
  EXPECT_EQ(a.id.reveal(), b.id.reveal());
  EXPECT_EQ(a.system.reveal(), b.system.reveal());
  EXPECT_EQ(a.digest.reveal(), b.digest.reveal());
  EXPECT_EQ(a.checkpoint_seed.reveal(), b.checkpoint_seed.reveal());
  EXPECT_TRUE(same_key((*made)->system_rows(), (*opened)->system_rows()));
  for (const CollectivityId t : {kAppliance, kTown}) {
    EXPECT_TRUE(same_key((*made)->keys(t)->rows, (*opened)->keys(t)->rows));
    EXPECT_TRUE(same_key((*made)->keys(t)->audit, (*opened)->keys(t)->audit));
    EXPECT_FALSE(same_key((*made)->keys(t)->rows, (*opened)->keys(t)->audit));
  }
  EXPECT_FALSE(same_key((*made)->keys(kAppliance)->rows, (*made)->keys(kTown)->rows));
  EXPECT_FALSE((*opened)->keys(CollectivityId{17}));
  EXPECT_FALSE((*opened)->keys(kGlobal));
}

TEST(Keyring, RefusesASecondCreationAndASecondSetOfKeys) {
  auto files = fresh_disk();
  auto made = Keyring::create(*files, kPath, root_key(), kUuid);
  ASSERT_TRUE(made);
  EXPECT_EQ(Keyring::create(*files, kPath, root_key(), kUuid).error(), IoErrc::Exists);
  ASSERT_TRUE((*made)->add_collectivity(kTown));
  const Bytes before = read_all(*files, kPath);
  EXPECT_EQ((*made)->add_collectivity(kTown).error(), TenantErrc::KeysExist);
  EXPECT_EQ((*made)->add_collectivity(kAppliance).error(), TenantErrc::KeysExist);
  EXPECT_EQ((*made)->add_collectivity(kGlobal).error(), TenantErrc::KeysExist);
  EXPECT_EQ(read_all(*files, kPath), before);
}

TEST(Keyring, OpensWithItsRootKeyOnlyAndEveryChangedByteIsSeen) {
  auto files = fresh_disk();
  ASSERT_TRUE(Keyring::create(*files, kPath, root_key(), kUuid));
  EXPECT_EQ(Keyring::open(*files, kPath, root_key('s')).error(), crypto::Errc::Unauthentic);
  EXPECT_EQ(Keyring::open(*files, "keys/other", root_key()).error(), IoErrc::NotFound);
  const Bytes good = read_all(*files, kPath);
  auto file = *files->open(kPath);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    ASSERT_TRUE(file->write(0, bad));
    EXPECT_FALSE(Keyring::open(*files, kPath, root_key())) << i;
  }
}

TEST(Keyring, NoKeyStandsInClear) {
  auto files = fresh_disk();
  auto made = Keyring::create(*files, kPath, root_key(), kUuid);
  ASSERT_TRUE(made);
  EXPECT_EQ(read_all(*files, kPath).find((*made)->store().log.reveal()), Bytes::npos);
}

TEST(Keyring, NumbersInAnyOrderAndTheHighestIsKnown) {
  auto files = fresh_disk();
  auto ring = *Keyring::create(*files, kPath, root_key(), kUuid);
  for (const std::uint32_t t : {20u, 16u, 300u, 18u}) ASSERT_TRUE(ring->add_collectivity(CollectivityId{t}));
  auto opened = Keyring::open(*files, kPath, root_key());
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->highest(), CollectivityId{300});
  for (const std::uint32_t t : {16u, 18u, 20u, 300u}) {
    EXPECT_TRUE(same_key(ring->keys(CollectivityId{t})->rows, (*opened)->keys(CollectivityId{t})->rows)) << t;
  }
}

// At every operation of create and of two additions the process dies, or the power goes; the file found is then whole, and holds
// every collectivity whose addition had returned, with the keys it had.
TEST(KeyringCrash, OldOrNewWholeAndNothingReturnedIsLost) {
  const auto run = [](MemoryFiles& files, std::unique_ptr<Keyring>& ring) {
    std::uint32_t durable = 0;
    auto made = Keyring::create(files, kPath, root_key(), kUuid);
    if (!made) return durable;
    ring = std::move(*made);
    durable = raw(kAppliance);
    for (const std::uint32_t t : {16u, 17u}) {
      if (!ring->add_collectivity(CollectivityId{t})) break;
      durable = t;
    }
    return durable;
  };
  std::unique_ptr<Keyring> ring;
  auto whole = fresh_disk();
  const std::uint64_t start = whole->operations();
  ASSERT_EQ(run(*whole, ring), 17u);
  const std::uint64_t end = whole->operations();
  ASSERT_GT(end, start + 10);
  for (std::uint64_t at = start; at <= end; ++at) {
    for (const CrashKind kind : {CrashKind::Kill, CrashKind::PowerCut}) {
      for (std::uint64_t seed = 0; seed < 4; ++seed) {
        SCOPED_TRACE(std::to_string(at) + " seed " + std::to_string(seed));
        auto disk = fresh_disk();
        disk->set_crash_at(at);
        std::unique_ptr<Keyring> before;
        const std::uint32_t durable = run(*disk, before);
        auto found = disk->crash_clone(kind, 0.5, seed);
        auto opened = Keyring::open(*found, kPath, root_key());
        if (!opened) {
          EXPECT_EQ(durable, 0u);
          EXPECT_EQ(opened.error(), IoErrc::NotFound);
          continue;
        }
        EXPECT_GE(raw((*opened)->highest()), durable);
        for (const std::uint32_t t : {1u, 16u, 17u}) {
          if (t > durable) continue;
          ASSERT_TRUE((*opened)->keys(CollectivityId{t}));
          EXPECT_TRUE(
              same_key(before->keys(CollectivityId{t})->rows, (*opened)->keys(CollectivityId{t})->rows));
        }
        // What was seen once is there for good: a power cut right after the opening takes no key away.
        const auto after_cut = found->crash_clone(CrashKind::PowerCut, 0, seed);
        const auto seen_again = Keyring::open(*after_cut, kPath, root_key());
        ASSERT_TRUE(seen_again);
        EXPECT_EQ((*seen_again)->highest(), (*opened)->highest());
        // What an earlier crash left in <path>.new is no obstacle.
        EXPECT_TRUE((*opened)->add_collectivity(CollectivityId{40}));
      }
    }
  }
}

TEST(Keyring, ReadersAndAdditionsAtOnce) {
  auto files = fresh_disk();
  auto ring = *Keyring::create(*files, kPath, root_key(), kUuid);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      for (std::uint32_t t = 16; t < 46; ++t)
        EXPECT_TRUE(ring->add_collectivity(CollectivityId{t + 100 * i}));
    });
    threads.emplace_back([&] {
      for (int n = 0; n < 2'000; ++n) {
        const auto keys = ring->keys(CollectivityId{static_cast<std::uint32_t>(16 + n % 30)});
        if (keys) {
          EXPECT_TRUE(same_key(keys->rows, keys->rows));
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto opened = Keyring::open(*files, kPath, root_key());
  ASSERT_TRUE(opened);
  EXPECT_TRUE((*opened)->keys(CollectivityId{145}));
  EXPECT_TRUE((*opened)->keys(CollectivityId{45}));
}

Bytes record(std::uint32_t t, std::uint8_t kind, char state = 1) {
  Bytes out;
  append_le(out, t);
  append_le(out, kind);
  append_le(out, std::uint16_t{1});
  out += state;
  return out + Bytes(32, 'k');
}

TEST(KeyringBody, OneKeyOfEachKindInOrder) {
  Bytes store;
  for (std::uint8_t kind = 1; kind <= 6; ++kind) store += record(0, kind);
  const Bytes good = store + record(1, 1) + record(1, 2) + record(16, 1) + record(16, 2);
  const auto decoded = decode_keyring_body(good);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->size(), 10u);
  Bytes again;
  for (const KeyringRecord& r : *decoded) append_keyring_record(again, r);
  EXPECT_EQ(again, good);
  for (const Bytes& bad :
       {Bytes(), good + "x", good + record(16, 1), store + record(1, 1), store + record(1, 2) + record(1, 1),
        store + record(16, 1) + record(16, 2) + record(1, 1) + record(1, 2), store.substr(40),
        record(1, 1) + record(1, 2), store + record(1, 1, 0) + record(1, 2), good + store}) {
    const auto refused = decode_keyring_body(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), TenantErrc::KeyringCorrupt);
  }
  EXPECT_EQ(decode_keyring_body(store + record(1, 3)).error(), crypto::Errc::NewerFormat);
  EXPECT_EQ(decode_keyring_body(store + record(1, 1, 2) + record(1, 2)).error(), crypto::Errc::NewerFormat);
}

}  // namespace
}  // namespace beffroi::storage
