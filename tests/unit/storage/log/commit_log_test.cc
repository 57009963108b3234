// SPDX-License-Identifier: EUPL-1.2
// The commit log without crashes: what it writes, reads back, reclaims and refuses. Crashes and damage: tests/crash/log.
#include "storage/log/commit_log.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdlib.h>

#include <filesystem>

#include "crypto/errors.h"
#include "storage/io/faulty_files.h"
#include "storage/io/real_files.h"
#include "storage/log/log_format.h"
#include "tests/fakes/log_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

class CommitLogTest : public ::testing::Test {
 protected:
  CommitLogTest() { EXPECT_TRUE(disk_.make_dir(kLogDirectory)); }
  MemoryFiles disk_;
};

TEST_F(CommitLogTest, AFreshStoreStartsAtOne) {
  auto first = start(disk_);
  ASSERT_TRUE(first.scanned);
  EXPECT_EQ(first.scanned->last, Sequence{0});
  EXPECT_EQ(first.scanned->frames, 0u);
  EXPECT_TRUE(first.bodies.empty());
  EXPECT_EQ(first.log->epoch(), 1u);
  EXPECT_EQ(*first.log->append("a"), Sequence{1});
  EXPECT_EQ(*first.log->append("b"), Sequence{2});
  EXPECT_EQ(first.log->last(), Sequence{2});
  EXPECT_EQ(log_names(disk_), (std::vector<std::string>{"00000001-0000000000000001.log"}));
}

TEST_F(CommitLogTest, ReplaysEveryFrameInOrder) {
  Bodies want;
  {
    auto first = start(disk_);
    for (std::uint64_t i = 1; i <= 30; ++i) {
      want[i] = Bytes(i * 700, static_cast<char>('a' + i % 26));
      ASSERT_EQ(*first.log->append(want[i]), Sequence{i});
    }
    EXPECT_GT(log_names(disk_).size(), 2u) << "over several files";
  }
  auto second = start(disk_, {.epoch = 1, .high_water = Sequence{30}});
  ASSERT_TRUE(second.scanned);
  EXPECT_EQ(second.scanned->last, Sequence{30});
  EXPECT_EQ(second.scanned->frames, 30u);
  EXPECT_FALSE(second.scanned->torn);
  EXPECT_EQ(second.bodies, want);
  EXPECT_EQ(second.log->epoch(), 2u);
  EXPECT_EQ(log_names(disk_), (std::vector<std::string>{"00000002-000000000000001e.log"}))
      << "the last one, repeated";
  EXPECT_EQ(*second.log->append("next"), Sequence{31});
}

TEST_F(CommitLogTest, ReplaysOnlyWhatIsAboveFlushed) {
  {
    auto first = start(disk_);
    for (const char* body : {"1", "2", "3"}) ASSERT_TRUE(first.log->append(body));
  }
  auto second = start(disk_, {.flushed = Sequence{2}, .applied = Sequence{3}});
  EXPECT_EQ(second.bodies, (Bodies{{3, "3"}}));
  auto third = start(disk_, {.flushed = Sequence{3}, .applied = Sequence{3}});
  EXPECT_TRUE(third.bodies.empty());
}

TEST_F(CommitLogTest, StartsOverAndOverWithoutACommit) {
  {
    auto first = start(disk_);
    ASSERT_TRUE(first.log->append("one"));
  }
  for (std::uint64_t epoch = 2; epoch < 6; ++epoch) {
    auto again = start(disk_, {.epoch = epoch - 1});
    ASSERT_TRUE(again.scanned);
    EXPECT_EQ(again.log->epoch(), epoch);
    EXPECT_EQ(again.bodies, (Bodies{{1, "one"}}));
  }
}

TEST_F(CommitLogTest, FileBytesLimitAndALargerFrameAlone) {
  auto first = start(disk_, {}, 16'384);
  ASSERT_TRUE(first.log->append(Bytes(100, 'a')));
  ASSERT_TRUE(first.log->append(Bytes(40'000, 'b'))) << "larger than a file: it has one of its own";
  ASSERT_TRUE(first.log->append(Bytes(100, 'c')));
  EXPECT_EQ(log_names(disk_).size(), 3u);
  first.log.reset();
  auto second = start(disk_, {}, 16'384);
  EXPECT_EQ(second.bodies.size(), 3u);
  EXPECT_EQ(second.bodies[2], Bytes(40'000, 'b'));
}

TEST_F(CommitLogTest, TheLargestBodyFitsAndOneMoreByteDoesNot) {
  auto first = start(disk_, {}, 64u << 20);
  Bytes body(kFrameBodyBytesMax, 'x');
  ASSERT_TRUE(first.log->append(body));
  body.push_back('x');
  EXPECT_EQ(first.log->append(body).error(), LogErrc::TooLarge);
  ASSERT_TRUE(first.log->append("still alive"));
  first.log.reset();
  auto second = start(disk_, {}, 64u << 20);
  EXPECT_EQ(second.bodies.size(), 2u);
  EXPECT_EQ(second.bodies[1].size(), kFrameBodyBytesMax);
}

TEST_F(CommitLogTest, ReclaimTurnsWholeFilesIntoSparesAndUsesThem) {
  auto first = start(disk_, {}, 12'288);  // two small frames a file
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(first.log->append("x"));
  EXPECT_EQ(log_names(disk_).size(), 4u);
  EXPECT_EQ(first.log->bytes_since_reclaim(), 7 * 4096u);
  ASSERT_TRUE(first.log->reclaim(Sequence{3}));
  EXPECT_EQ(log_names(disk_).size(), 3u) << "frame 4 is needed, so its file stays";
  ASSERT_TRUE(first.log->reclaim(Sequence{7}));
  EXPECT_EQ(log_names(disk_).size(), 1u) << "never the file that is written";
  EXPECT_EQ(first.log->bytes_since_reclaim(), 4096u);
  EXPECT_EQ(disk_.list(kLogDirectory)->size(), 3u) << "and two spares, of three";
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(first.log->append("y"));
  EXPECT_EQ(disk_.list(kLogDirectory)->size(), 3u) << "which became log files";
  first.log.reset();
  auto second = start(disk_, {.flushed = Sequence{7}, .applied = Sequence{11}}, 12'288);
  ASSERT_TRUE(second.scanned);
  EXPECT_EQ(second.bodies.size(), 4u) << "old frames in them are unreadable";
  EXPECT_EQ(second.scanned->last, Sequence{11});
}

TEST_F(CommitLogTest, AfterAFailureNothingIsWritten) {
  for (const bool persisted : {false, true}) {
    for (const CallClass on : {CallClass::Write, CallClass::Sync}) {
      MemoryFiles disk;
      ASSERT_TRUE(disk.make_dir(kLogDirectory));
      FaultyFiles files(disk);
      auto first = start(files);
      ASSERT_TRUE(first.log->append("one"));
      files.set_fault(Fault{.on = on, .error = IoErrc::NoSpace, .persisted = persisted});
      // A failed sync is Io whatever the kernel said.
      EXPECT_EQ(first.log->append("two").error(), on == CallClass::Sync ? IoErrc::Io : IoErrc::NoSpace);
      EXPECT_EQ(first.log->append("three").error(), IoErrc::Io);
      EXPECT_EQ(first.log->reclaim(Sequence{1}).error(), IoErrc::Io);
      EXPECT_EQ(first.log->last(), Sequence{1});
      EXPECT_LE(files.calls(CallClass::Write), 1u);
      auto second = start(disk);
      ASSERT_TRUE(second.scanned);
      EXPECT_GE(second.bodies.size(), 1u);
      EXPECT_LE(second.bodies.size(), 2u);
    }
  }
}

TEST_F(CommitLogTest, APrepareThreadMakesASpareAndEndsWithTheLog) {
  CommitLogOptions options;
  options.directory = kLogDirectory;
  options.file_bytes = 3u << 20;
  Sequence flushed{0};
  for (int i = 0; i < 4; ++i) {
    CommitLog log(disk_, options, kUuid, log_key());
    ASSERT_TRUE(log.scan({.flushed = flushed}));
    ASSERT_TRUE(log.begin_epoch());
    ASSERT_TRUE(log.remove_older_files());
    for (int n = 0; n < 3; ++n) ASSERT_TRUE(log.append(Bytes(1'500'000, 'x')));
    flushed = log.last();
    ASSERT_TRUE(log.reclaim(flushed));
  }
  EXPECT_EQ(flushed, Sequence{12});
}

TEST_F(CommitLogTest, ClosedWhenTheTablesAreOlderThanTheLog) {
  {
    auto first = start(disk_, {}, 12'288);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(first.log->append("x"));
    ASSERT_TRUE(first.log->reclaim(Sequence{4}));
  }
  // `applied` alone proves nothing: it may have been flushed with `meta` while another table's files were lost.
  auto back = start(disk_, {.flushed = Sequence{3}, .applied = Sequence{5}});
  EXPECT_EQ(back.scanned.error(), LogErrc::Lost);
  EXPECT_NE(back.log->closed_reason().find("frame 4 of"), std::string::npos) << back.log->closed_reason();
  EXPECT_TRUE(start(disk_, {.flushed = Sequence{4}, .applied = Sequence{5}}).scanned);
}

TEST_F(CommitLogTest, ClosedWhenAMarkOrATableIsAheadOfTheLog) {
  {
    auto first = start(disk_);
    for (const char* body : {"1", "2"}) ASSERT_TRUE(first.log->append(body));
  }
  const auto closed = [&](const LogExpectation& expected) {
    auto log = make_log(disk_);
    const auto scanned = log->scan(expected);
    return scanned ? std::string("open") : log->closed_reason();
  };
  EXPECT_EQ(closed({.epoch = 1, .high_water = Sequence{2}}), "open");
  EXPECT_NE(closed({.high_water = Sequence{4}}).find("frames 3-4 of"), std::string::npos);
  EXPECT_NE(closed({.flushed = Sequence{3}}).find("frame 3 of"), std::string::npos);
  EXPECT_NE(closed({.applied = Sequence{3}}).find("frame 3 of"), std::string::npos);
  EXPECT_NE(closed({.epoch = 2}).find("epoch 2"), std::string::npos);
}

TEST_F(CommitLogTest, NoLogAtAllIsRightOnlyWhenTheTablesHoldTheMark) {
  const auto opens = [&](const LogExpectation& expected) {
    return make_log(disk_)->scan(expected).has_value();
  };
  EXPECT_TRUE(opens({.flushed = Sequence{5}, .applied = Sequence{5}, .epoch = 3, .high_water = Sequence{5}}));
  EXPECT_FALSE(opens({.flushed = Sequence{4}, .applied = Sequence{4}, .high_water = Sequence{5}}));
  EXPECT_FALSE(opens({.flushed = Sequence{4}, .applied = Sequence{5}}));
  auto next = start(disk_, {.flushed = Sequence{5}, .applied = Sequence{5}, .epoch = 3});
  EXPECT_EQ(next.log->epoch(), 4u);
  EXPECT_EQ(*next.log->append("six"), Sequence{6});
}

TEST_F(CommitLogTest, ClosedWhenAHeaderDoesNotAuthenticate) {
  {
    auto first = start(disk_);
    ASSERT_TRUE(first.log->append("1"));
  }
  const std::string name = log_names(disk_).at(0);
  for (const std::uint64_t at : {0u, 10u, 40u, 60u, 86u, 4000u}) {
    auto copy = disk_.crash_clone(CrashKind::Kill, 0, 1);
    Bytes byte = file_content(*copy, path_of(name)).substr(at, 1);
    byte[0] ^= 4;
    overwrite(*copy, name, at, byte);
    auto log = make_log(*copy);
    EXPECT_EQ(log->scan({}).error(), LogErrc::BadHeader);
    EXPECT_NE(log->closed_reason().find(name), std::string::npos);
  }
  auto copy = disk_.crash_clone(CrashKind::Kill, 0, 1);
  ASSERT_TRUE(copy->rename(path_of(name), path_of("00000001-0000000000000002.log")));
  EXPECT_EQ(make_log(*copy)->scan({}).error(), LogErrc::BadHeader) << "another name than its header's";
  CommitLogOptions options;
  options.directory = kLogDirectory;
  CommitLog other(disk_, options, Bytes(16, 'v'), log_key());
  EXPECT_EQ(other.scan({}).error(), LogErrc::BadHeader) << "another store's";
}

TEST_F(CommitLogTest, AnotherKeyReadsNothing) {
  {
    auto first = start(disk_);
    ASSERT_TRUE(first.log->append("secret words"));
    EXPECT_EQ(file_content(disk_, path_of(log_names(disk_).at(0))).find("secret"), Bytes::npos);
  }
  CommitLogOptions options;
  options.directory = kLogDirectory;
  CommitLog other(disk_, options, kUuid, crypto::LogKey(Bytes(32, 'K')));
  const auto scanned = other.scan({.high_water = Sequence{1}});
  EXPECT_EQ(scanned.error(), LogErrc::Lost);
}

TEST_F(CommitLogTest, FilesOfOthersAreLeftAlone) {
  ASSERT_TRUE(disk_.create(path_of("lost-00000001-0000000000000001.log")));
  ASSERT_TRUE(disk_.create(path_of("notes")));
  auto first = start(disk_);
  ASSERT_TRUE(first.log->append("1"));
  EXPECT_EQ(disk_.list(kLogDirectory)->size(), 3u);
}

TEST(CommitLogOnDisk, StartsAppendsReclaimsAndStartsAgain) {
  char name[] = "/tmp/beffroi-log-XXXXXX";
  CommitLogOptions options;
  options.directory = ::mkdtemp(name);
  options.file_bytes = 1u << 20;
  RealFiles files;
  LogExpectation expected;
  std::uint64_t appended = 0;
  for (std::uint64_t life = 1; life <= 3; ++life) {
    CommitLog log(files, options, kUuid, log_key());
    const auto scanned = log.scan(expected);
    ASSERT_TRUE(scanned) << log.closed_reason();
    EXPECT_EQ(raw(scanned->last), appended);
    EXPECT_EQ(*log.begin_epoch(), life);
    replay_all(log, expected.flushed);
    ASSERT_TRUE(log.remove_older_files());
    for (int i = 0; i < 30; ++i) ASSERT_EQ(raw(*log.append(Bytes(100'000, 'x'))), ++appended);
    expected.flushed = Sequence{appended - 5};
    ASSERT_TRUE(log.reclaim(expected.flushed));
    expected.applied = expected.high_water = log.last();
    expected.epoch = life;
  }
  std::filesystem::remove_all(options.directory);
}

// A reader written from docs/formats.md with OpenSSL alone.
Bytes independent_open(BytesView frame, BytesView salt) {
  Bytes key(32, '\0');
  EVP_PKEY_CTX* kdf = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr);
  const auto bytes = [](BytesView v) { return reinterpret_cast<const unsigned char*>(v.data()); };
  std::size_t n = key.size();
  EXPECT_EQ(EVP_PKEY_derive_init(kdf), 1);
  EVP_PKEY_CTX_set_hkdf_md(kdf, EVP_sha256());
  EVP_PKEY_CTX_set1_hkdf_key(kdf, bytes(Bytes(32, 'k')), 32);
  EVP_PKEY_CTX_set1_hkdf_salt(kdf, bytes(salt), static_cast<int>(salt.size()));
  EVP_PKEY_CTX_add1_hkdf_info(kdf, bytes("beffroi/log/1"), 13);
  EXPECT_EQ(EVP_PKEY_derive(kdf, reinterpret_cast<unsigned char*>(key.data()), &n), 1);
  EVP_PKEY_CTX_free(kdf);
  Bytes nonce = Bytes(4, '\0') + Bytes(frame.substr(8, 8));
  const auto length = load_le<std::uint32_t>(frame.data() + 16);
  Bytes plain(length, '\0'), tag(frame.substr(36 + length, 16));
  EVP_CIPHER_CTX* gcm = EVP_CIPHER_CTX_new();
  int done = 0;
  EVP_DecryptInit_ex(gcm, EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce));
  EVP_DecryptUpdate(gcm, nullptr, &done, bytes(frame), 36);
  EVP_DecryptUpdate(gcm, reinterpret_cast<unsigned char*>(plain.data()), &done, bytes(frame.substr(36)),
                    static_cast<int>(length));
  EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_GCM_SET_TAG, 16, tag.data());
  unsigned char end[16];
  const bool authentic = EVP_DecryptFinal_ex(gcm, end, &done) == 1;
  EVP_CIPHER_CTX_free(gcm);
  return authentic ? plain : "(not authentic)";
}

TEST_F(CommitLogTest, AnIndependentReaderOpensItsFrames) {
  auto first = start(disk_);
  ASSERT_TRUE(first.log->append("first body"));
  ASSERT_TRUE(first.log->append(Bytes(5000, 'b')));
  const Bytes file = file_content(disk_, path_of(log_names(disk_).at(0)));
  const BytesView salt = BytesView(file).substr(53, 32);
  EXPECT_EQ(independent_open(BytesView(file).substr(4096), salt), "first body");
  EXPECT_EQ(independent_open(BytesView(file).substr(8192), salt), Bytes(5000, 'b'));
  EXPECT_EQ(file.substr(4096 + 20, 16), Bytes(16, '\0')) << "nothing before the first frame";
  EXPECT_EQ(file.substr(8192 + 20, 16), file.substr(4096 + 36 + 10, 16)) << "chained by the tag before";
}

}  // namespace
}  // namespace beffroi::storage
