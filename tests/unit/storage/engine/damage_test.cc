// SPDX-License-Identifier: EUPL-1.2
// What somebody with the disk, or a bad disk, did to a store: rows and bytes swapped, flipped, removed, brought back. A reader
// gets Damaged, never wrong bytes; `check` names the object.
#include <tuple>

#include "storage/index/keys.h"
#include "tests/fakes/engine_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

class Damage : public ::testing::Test {
 protected:
  void SetUp() override { w.make(); }

  // `check` must find something that says `word`.
  void expect_found(std::string_view word) {
    const auto findings = w.engine->check();
    ASSERT_TRUE(findings);
    std::string all;
    for (const auto& f : *findings) all += f + "\n";
    EXPECT_NE(all.find(word), std::string::npos) << "findings:\n" << all;
  }

  void damage_rows(const std::function<void(const Index&, Batch&)>& work) {
    w.stop();
    with_index(w, [&](Index& index) {
      Batch batch;
      work(index, batch);
      ASSERT_FALSE(batch.empty());
      ASSERT_TRUE(index.apply(batch));
    });
    w.open();
  }

  std::vector<std::string> extents() {
    std::vector<std::string> names;
    for (const auto& entry : *w.files->list("/data/extent")) names.push_back("/data/extent/" + entry.name);
    return names;
  }
  Bytes bytes_of(const std::string& path, std::uint64_t offset, std::size_t length) {
    auto file = w.files->open(path);
    Bytes out(length, '\0');
    EXPECT_TRUE(file && (*file)->read(offset, out));
    return out;
  }
  void write(const std::string& path, std::uint64_t offset, BytesView bytes) {
    auto file = w.files->open(path);
    ASSERT_TRUE(file && (*file)->write(offset, bytes) && (*file)->sync());
  }

  World w;
};

TEST_F(Damage, SwappedRowsOfTwoObjects) {
  ASSERT_TRUE(w.put("a", content(10, 1)));
  ASSERT_TRUE(w.put("b", content(10, 2)));
  damage_rows([&](const Index& index, Batch& batch) {
    const Bytes a = keys::current(w.t, w.b, "a"), b = keys::current(w.t, w.b, "b");
    const Bytes row_a = *index.get(Table::Current, a), row_b = *index.get(Table::Current, b);
    batch.put(Table::Current, a, row_b);
    batch.put(Table::Current, b, row_a);
  });
  EXPECT_EQ(w.get("a").error(), make_error_code(EngineErrc::Damaged));
  EXPECT_EQ(w.get("b").error(), make_error_code(EngineErrc::Damaged));
  EXPECT_EQ(w.engine->list_objects({.collectivity = w.t, .bucket = w.b}).error(), make_error_code(EngineErrc::Damaged));
  expect_found("dossiers/a");
  expect_found("dossiers/b");
}

TEST_F(Damage, SwappedPayloadsOfTwoSmallObjects) {
  ASSERT_TRUE(w.put("a", content(10, 1)));
  ASSERT_TRUE(w.put("b", content(10, 2)));
  const BlobId a = w.engine->open_object(w.t, w.b, "a", Tier::Disk, false)->object().blob;
  const BlobId b = w.engine->open_object(w.t, w.b, "b", Tier::Disk, false)->object().blob;
  damage_rows([&](const Index& index, Batch& batch) {
    const Bytes row_a = *index.get(Table::Inline, keys::inline_payload(w.t, a)), row_b = *index.get(Table::Inline, keys::inline_payload(w.t, b));
    batch.put(Table::Inline, keys::inline_payload(w.t, a), row_b);
    batch.put(Table::Inline, keys::inline_payload(w.t, b), row_a);
  });
  EXPECT_EQ(w.get("a").error(), make_error_code(EngineErrc::Damaged));
  EXPECT_EQ(w.get("b").error(), make_error_code(EngineErrc::Damaged));
  expect_found("dossiers/a");
}

TEST_F(Damage, RowsOfAnotherCollectivity) {
  const CollectivityId other = w.add_collectivity("amiens", "218000198");
  ASSERT_TRUE(w.put("a", content(10, 1)));
  damage_rows([&](const Index& index, Batch& batch) {
    batch.put(Table::Current, keys::current(other, w.b, "a"), *index.get(Table::Current, keys::current(w.t, w.b, "a")));
  });
  EXPECT_EQ(w.engine->open_object(other, w.b, "a", Tier::Disk, true).error(), make_error_code(EngineErrc::Damaged));
  EXPECT_TRUE(*w.get("a") == content(10, 1));
  expect_found("amiens");
}

// One row missing, or an older one of the same key brought back: every seal is right, only the digest knows.
TEST_F(Damage, AMissingOrStaleRow) {
  ASSERT_TRUE(w.put("a", content(10, 1)));
  w.stop();
  Bytes old_row, old_payload;
  BlobId old_blob{0};
  with_index(w, [&](Index& index) { old_row = *index.get(Table::Current, keys::current(w.t, w.b, "a")); });
  w.open();
  old_blob = w.engine->open_object(w.t, w.b, "a", Tier::Disk, false)->object().blob;
  w.stop();
  with_index(w, [&](Index& index) { old_payload = *index.get(Table::Inline, keys::inline_payload(w.t, old_blob)); });
  w.open();
  const BlobId blob = old_blob;
  ASSERT_TRUE(w.put("a", content(10, 2)));
  const BlobId now = w.engine->open_object(w.t, w.b, "a", Tier::Disk, false)->object().blob;
  damage_rows([&](const Index&, Batch& batch) {
    batch.put(Table::Current, keys::current(w.t, w.b, "a"), old_row);
    batch.put(Table::Inline, keys::inline_payload(w.t, blob), old_payload);
    batch.remove(Table::Inline, keys::inline_payload(w.t, now));
  });
  expect_found("stale");
  damage_rows([&](const Index&, Batch& batch) { batch.remove(Table::Current, keys::current(w.t, w.b, "a")); });
  expect_found("missing");
}

TEST_F(Damage, SwappedExtentFiles) {
  const Bytes a = content(1'500'000, 1), b = content(1'500'000, 2);
  ASSERT_TRUE(w.put("a", a));
  ASSERT_TRUE(w.put("b", b));
  w.stop();
  const auto names = extents();
  ASSERT_EQ(names.size(), 2u);
  ASSERT_TRUE(w.files->rename(names[0], "/data/extent/x"));
  ASSERT_TRUE(w.files->rename(names[1], names[0]));
  ASSERT_TRUE(w.files->rename("/data/extent/x", names[1]));
  w.open();
  EXPECT_EQ(w.get("a").error(), make_error_code(EngineErrc::Damaged));
  EXPECT_EQ(w.get("b").error(), make_error_code(EngineErrc::Damaged));
  expect_found("dossiers/a");
  expect_found("dossiers/b");
}

TEST_F(Damage, SwappedRunsOfOneExtent) {
  const std::size_t size = 20'000;
  ASSERT_TRUE(w.put("a", content(size, 1)));
  ASSERT_TRUE(w.put("b", content(size, 2)));
  w.stop();
  const std::string extent = extents().front();
  const std::size_t step = run_footprint(crypto::sealed_bytes(size));
  const Bytes a = bytes_of(extent, kExtentHeaderBytes, step), b = bytes_of(extent, kExtentHeaderBytes + step, step);
  ASSERT_NE(a, b);
  write(extent, kExtentHeaderBytes, b);
  write(extent, kExtentHeaderBytes + step, a);
  w.open();
  EXPECT_EQ(w.get("a").error(), make_error_code(EngineErrc::Damaged));
  EXPECT_EQ(w.get("b").error(), make_error_code(EngineErrc::Damaged));
  expect_found("dossiers/b");
}

// Each byte of a body: the chunks before it may be given, itself never.
TEST_F(Damage, AFlippedByteIsNeverServed) {
  const Bytes body = content(200'000, 1);
  ASSERT_TRUE(w.put("a", body));
  const std::string extent = extents().front();
  const std::size_t sealed = crypto::sealed_bytes(body.size());
  for (std::size_t at = 0; at < sealed; at += at % 7 ? 997 : 65'551) {
    const Bytes was = bytes_of(extent, kExtentHeaderBytes + at, 1);
    write(extent, kExtentHeaderBytes + at, Bytes(1, static_cast<char>(was[0] ^ 1)));
    const auto got = w.get("a");
    ASSERT_FALSE(got) << at;
    EXPECT_EQ(got.error(), make_error_code(EngineErrc::Damaged)) << at;
    auto reader = w.engine->open_object(w.t, w.b, "a", Tier::Disk, true);
    ASSERT_TRUE(reader);
    Bytes given;
    if (reader->start(0, body.size(), Tier::Disk)) {
      for (auto piece = reader->next(Tier::Disk); piece && !piece->empty(); piece = reader->next(Tier::Disk)) given += *piece;
    }
    EXPECT_TRUE(body.starts_with(given)) << at;
    EXPECT_LE(given.size(), at / (65'536 + 16) * 65'536) << at;
    if (at == 0) expect_found("dossiers/a");
    write(extent, kExtentHeaderBytes + at, was);
  }
  EXPECT_TRUE(*w.get("a") == body);
  w.expect_whole();
}

TEST_F(Damage, AMissingOrShortExtent) {
  ASSERT_TRUE(w.put("a", content(1'500'000, 1)));
  w.stop();
  const std::string extent = extents().front();
  const Bytes half = bytes_of(extent, 0, 600'000);
  ASSERT_TRUE(w.files->unlink(extent));
  w.open();
  EXPECT_EQ(w.get("a").error(), make_error_code(EngineErrc::Damaged));
  expect_found("dossiers/a");
  w.stop();
  auto file = w.files->create(extent);
  ASSERT_TRUE(file && (*file)->write(0, half));
  file = IoErrc::Io;
  w.open();
  EXPECT_EQ(w.get("a").error(), make_error_code(EngineErrc::Damaged));
  expect_found("dossiers/a");
}

TEST_F(Damage, CountsThatAreWrong) {
  ASSERT_TRUE(w.put("a", content(20'000, 1)));
  ASSERT_TRUE(w.put("b", content(30'000, 1)));
  const BlobId a = w.engine->open_object(w.t, w.b, "a", Tier::Disk, false)->object().blob;
  damage_rows([&](const Index&, Batch& batch) { batch.put(Table::Blobs, keys::blob(w.t, a, keys::kCountPart), encode_count(2)); });
  expect_found("counts 2 references, 1 exist");
  damage_rows([&](const Index& index, Batch& batch) {
    batch.remove(Table::Blobs, keys::blob(w.t, a, keys::kCountPart));
    Usage usage = *decode_usage(*index.get(Table::Meta, keys::usage(w.t, BucketId{0})));
    usage.bytes += 1;
    batch.put(Table::Meta, keys::usage(w.t, BucketId{0}), encode(usage));
  });
  expect_found("usage says 50001 bytes");
  damage_rows([&](const Index& index, Batch& batch) {
    const auto cursor = index.cursor(Table::Runs);
    cursor->seek("");
    ASSERT_TRUE(cursor->valid());
    batch.remove(Table::Runs, Bytes(cursor->key()));
  });
  expect_found("way back");
  damage_rows([&](const Index&, Batch& batch) { batch.put(Table::Runs, keys::run(ExtentId{99}, 4096), encode(RunOwner{w.t, BlobId{5}, 0, 10})); });
  expect_found("extent 99");
}

TEST_F(Damage, AnotherStoresFilesStayClosed) {
  ASSERT_TRUE(w.put("a", "x"));
  w.stop();
  World other;
  other.make();
  other.stop();
  // The keyring of the other store, under the same root key.
  auto theirs = other.files->open("/keys/keyring");
  Bytes ring(*(*theirs)->size(), '\0');
  ASSERT_TRUE((*theirs)->read(0, ring));
  ASSERT_TRUE(w.files->unlink("/keys/keyring"));
  auto file = w.files->create("/keys/keyring");
  ASSERT_TRUE(file && (*file)->write(0, ring) && (*file)->sync());
  EXPECT_FALSE(w.try_open());
  EXPECT_FALSE(w.failure.reason.empty());
}

TEST_F(Damage, AMissingMarkOrLogStaysClosed) {
  ASSERT_TRUE(w.put("a", "x"));
  w.stop();
  auto copy = w.disk->crash_clone(CrashKind::Kill, 0, 0);
  ASSERT_TRUE(w.files->unlink("/data/state/high_water"));
  EXPECT_FALSE(w.try_open());
  EXPECT_EQ(w.failure.error, make_error_code(EngineErrc::Closed));
  w.engine.reset();

  w.disk = std::move(copy);
  w.files = w.disk.get();
  w.open();
  ASSERT_TRUE(w.put("b", "y"));
  w.crash(CrashKind::Kill);
  for (const auto& entry : *w.files->list("/data/log")) {
    if (!entry.name.ends_with(".log")) continue;
    ASSERT_TRUE(w.files->unlink("/data/log/" + entry.name));
  }
  EXPECT_FALSE(w.try_open());
  EXPECT_EQ(w.failure.error, make_error_code(EngineErrc::Closed));
  EXPECT_FALSE(w.failure.reason.empty());
}

TEST_F(Damage, TwoProcessesNeverShareAStore) {
  OpenFailure failure;
  RecordingFailStop stop;
  EXPECT_EQ(Engine::open(*w.files, w.clock, stop, w.options, root_key(), failure), nullptr);
  EXPECT_EQ(failure.error, make_error_code(IoErrc::Locked));
  EXPECT_EQ(Engine::init(*w.files, w.options, root_key()).error(), make_error_code(IoErrc::Exists));
  w.stop();
  EXPECT_EQ(Engine::open(*w.files, w.clock, stop, w.options, crypto::RootKey(Bytes(32, 'x')), failure), nullptr);
  w.open();
}

}  // namespace
}  // namespace beffroi::storage
