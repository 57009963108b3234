// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/page_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "crypto/errors.h"
#include "storage/io/memory_files.h"

namespace beffroi::storage {
namespace {

using crypto::Errc;
using crypto::kPageBytes;
using crypto::kPagePayloadBytes;

constexpr std::string_view kPath = "/f";

Bytes noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  Bytes out(bytes, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

class PageFile : public testing::Test {
 protected:
  PageFileWriter writer(PageFileKind kind) {
    return PageFileWriter(files_.create(kPath).value(), owner_, kind);
  }

  // The whole file as a reader of `kind` sees it.
  Result<Bytes> read(PageFileKind kind) { return read(files_, owner_, kind); }
  static Result<Bytes> read(Files& files, const PageFileOwner& owner, PageFileKind kind) {
    Bytes out(1 << 20, '\0');
    auto file = files.open(kPath);
    if (!file) return file.error();
    std::size_t count = 0;
    if (kind == PageFileKind::Table) {
      const auto reader = TableReader::open(std::move(*file), owner);
      if (!reader) return reader.error();
      const auto got = (*reader)->read(0, out);
      if (!got) return got.error();
      count = *got;
    } else {
      const auto reader = SequenceReader::open(std::move(*file), owner, kind);
      if (!reader) return reader.error();
      const auto got = (*reader)->read(out);
      if (!got) return got.error();
      count = *got;
    }
    out.resize(count);
    return out;
  }

  Bytes raw() {
    auto file = files_.open(kPath).value();
    Bytes out(file->size().value(), '\0');
    EXPECT_EQ(file->read(0, out).value(), out.size());
    return out;
  }
  void replace(BytesView bytes) {
    ASSERT_TRUE(files_.unlink(kPath));
    ASSERT_TRUE(files_.create(kPath).value()->write(0, bytes));
  }

  MemoryFiles files_;
  PageFileOwner owner_{Bytes(16, 'u'), crypto::IndexKey(Bytes(32, 'k'))};
};

TEST_F(PageFile, PageZeroLayout) {
  const Bytes page = encode_page_zero(Bytes(16, 'u'), Bytes(32, 's'));
  ASSERT_EQ(page.size(), 4096u);
  EXPECT_EQ(page.substr(0, 53), "BFPG\x01" + Bytes(16, 'u') + Bytes(32, 's'));
  EXPECT_EQ(page.find_first_not_of('\0', 53), 4092u);
  EXPECT_EQ(decode_page_zero(page, Bytes(16, 'u')).value(), Bytes(32, 's'));
  EXPECT_EQ(decode_page_zero(page, Bytes(16, 'v')).error(), Errc::BadFormat);
  EXPECT_EQ(decode_page_zero(BytesView(page).substr(1), Bytes(16, 'u')).error(), Errc::BadFormat);
  for (std::size_t at = 0; at < page.size(); ++at) {
    Bytes flipped = page;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    ASSERT_FALSE(decode_page_zero(flipped, Bytes(16, 'u'))) << at;
  }
}

TEST_F(PageFile, AnEmptyFileHasNoPage) {
  auto w = writer(PageFileKind::Journal);
  ASSERT_TRUE(w.append(""));
  ASSERT_TRUE(w.sync());
  ASSERT_TRUE(w.close());
  EXPECT_EQ(raw(), "");
  for (PageFileKind kind : {PageFileKind::Table, PageFileKind::Journal, PageFileKind::Manifest})
    EXPECT_EQ(read(kind).value(), "");
  replace(Bytes(4095, 'x'));  // shorter than page 0
  EXPECT_EQ(read(PageFileKind::Journal).value(), "");
}

TEST_F(PageFile, ATableReadsBackAtEveryOffset) {
  for (const std::size_t size :
       {std::size_t{1}, kPagePayloadBytes - 1, kPagePayloadBytes, kPagePayloadBytes + 1,
        20 * kPagePayloadBytes, 20 * kPagePayloadBytes + 77}) {
    const Bytes data = noise(size, static_cast<unsigned>(size));
    auto w = writer(PageFileKind::Table);
    std::mt19937 random(static_cast<unsigned>(size));
    for (std::size_t at = 0; at < size;) {
      const std::size_t piece = std::min<std::size_t>(size - at, 1 + random() % 9000);
      ASSERT_TRUE(w.append(BytesView(data).substr(at, piece)));
      at += piece;
    }
    EXPECT_EQ(w.size(), size);
    ASSERT_TRUE(w.sync());
    EXPECT_EQ(raw().size(), kPageBytes * (1 + (size + kPagePayloadBytes - 1) / kPagePayloadBytes));

    const auto reader = TableReader::open(files_.open(kPath).value(), owner_).value();
    EXPECT_EQ(reader->size(), size);
    for (int i = 0; i < 300; ++i) {
      const std::size_t offset = random() % (size + 10);
      Bytes out(random() % (i % 2 ? 9000 : 100'000), '\0');
      const std::size_t count = reader->read(offset, out).value();
      ASSERT_EQ(out.substr(0, count), offset < size ? data.substr(offset, out.size()) : "");
    }
    EXPECT_EQ(read(PageFileKind::Journal).value(), data);
    ASSERT_TRUE(files_.unlink(kPath));
  }
}

TEST_F(PageFile, ATableEndsAtItsSync) {
  auto w = writer(PageFileKind::Table);
  ASSERT_TRUE(w.append("abc"));
  ASSERT_TRUE(w.sync());
  EXPECT_EQ(w.append("d").error(), Errc::BadFormat);
}

TEST_F(PageFile, AShortPageInsideATableIsDamage) {
  auto w = writer(PageFileKind::Journal);
  ASSERT_TRUE(w.append("abc"));
  ASSERT_TRUE(w.sync());
  ASSERT_TRUE(w.append("def"));
  ASSERT_TRUE(w.sync());
  EXPECT_EQ(read(PageFileKind::Journal).value(), "abcdef");
  EXPECT_EQ(read(PageFileKind::Table).error(), Errc::Unauthentic);
}

TEST_F(PageFile, ASyncedPageIsNeverWrittenAgain) {
  auto w = writer(PageFileKind::Manifest);
  Bytes before;
  Bytes expected;
  for (int i = 0; i < 40; ++i) {
    const Bytes data = noise(static_cast<std::size_t>(i) * 700 % 9000 + 1, static_cast<unsigned>(i));
    ASSERT_TRUE(w.append(data));
    ASSERT_TRUE(w.sync());
    expected += data;
    const Bytes after = raw();
    ASSERT_TRUE(after.starts_with(before)) << i;
    before = after;
  }
  EXPECT_EQ(read(PageFileKind::Manifest).value(), expected);
}

TEST_F(PageFile, AFlippedByteIsSeen) {
  auto w = writer(PageFileKind::Table);
  ASSERT_TRUE(w.append(noise(kPagePayloadBytes + 500, 1)));
  ASSERT_TRUE(w.sync());
  const Bytes good = raw();
  // Every byte of what is not ciphertext, each 13th of the rest: a seal does not care which.
  for (std::size_t at = 0; at < good.size(); at += at % kPageBytes < 60 || at % kPageBytes > 4070 ? 1 : 13) {
    Bytes flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    replace(flipped);
    ASSERT_FALSE(read(PageFileKind::Table)) << at;
    ASSERT_FALSE(read(PageFileKind::Journal)) << at;
  }
}

TEST_F(PageFile, PagesMovedCutOrForeignAreSeen) {
  auto w = writer(PageFileKind::Table);
  ASSERT_TRUE(w.append(noise(5 * kPagePayloadBytes - 9, 2)));
  ASSERT_TRUE(w.sync());
  const Bytes good = raw();
  Bytes moved = good;
  std::swap_ranges(moved.begin() + 4096, moved.begin() + 8192, moved.begin() + 8192);
  replace(moved);
  EXPECT_EQ(read(PageFileKind::Table).error(), Errc::Unauthentic);
  EXPECT_EQ(read(PageFileKind::Journal).error(), Errc::Unauthentic);
  replace(good.substr(0, good.size() - 1));
  EXPECT_EQ(read(PageFileKind::Table).error(), Errc::Unauthentic);
  EXPECT_EQ(read(PageFileKind::Journal).error(), Errc::Unauthentic);
  replace(good);
  EXPECT_EQ(read(files_, {Bytes(16, 'v'), owner_.key.clone()}, PageFileKind::Table).error(), Errc::BadFormat);
  EXPECT_EQ(read(files_, {Bytes(16, 'u'), crypto::IndexKey(Bytes(32, 'q'))}, PageFileKind::Table).error(),
            Errc::Unauthentic);
}

TEST_F(PageFile, ATableCutWhileItIsReadIsDamage) {
  auto w = writer(PageFileKind::Table);
  ASSERT_TRUE(w.append(noise(3 * kPagePayloadBytes, 3)));
  ASSERT_TRUE(w.sync());
  auto pages = SealedPages::open(files_.open(kPath).value(), owner_).value();
  Bytes beyond(2 * kPageBytes, '\0');
  EXPECT_TRUE(pages.load(2, beyond));
  EXPECT_EQ(pages.load(3, beyond).error(), Errc::Unauthentic);
}

// Pages of a Manifest by hand: what was appended, and where it was synced.
TEST_F(PageFile, ATornTailEndsAManifestAndDamageDoesNot) {
  auto w = writer(PageFileKind::Manifest);
  Bytes expected[7];  // [n]: what stands before page n + 1
  for (std::size_t i = 0; i < 6; ++i) {
    const Bytes edit = noise(100, static_cast<unsigned>(i));
    expected[i + 1] = expected[i] + edit;
    ASSERT_TRUE(w.append(edit));
    if (i < 3) {
      ASSERT_TRUE(w.sync());  // pages 1, 2, 3 each synced; 4, 5, 6 written by three closes, never synced
    } else {
      ASSERT_TRUE(w.close());
    }
  }
  const Bytes good = raw();
  ASSERT_EQ(good.size(), 7 * kPageBytes);
  for (std::size_t page = 1; page <= 6; ++page) {
    Bytes flipped = good;
    flipped[page * kPageBytes + 1000] ^= 1;
    replace(flipped);
    const auto got = read(PageFileKind::Manifest);
    if (page <= 3) {
      EXPECT_EQ(got.error(), Errc::Unauthentic) << page;  // page 4 says that three pages were synced
    } else {
      EXPECT_EQ(got.value(), expected[page - 1]) << page;
    }
    EXPECT_EQ(read(PageFileKind::Journal).error(), Errc::Unauthentic);
  }
  for (std::size_t bytes = 2 * kPageBytes; bytes < good.size(); bytes += 512) {
    replace(good.substr(0, bytes));
    EXPECT_EQ(read(PageFileKind::Manifest).value(), expected[bytes / kPageBytes - 1]) << bytes;
  }
}

// After a power cut at any moment a Manifest holds what was synced, then perhaps more of what was appended, and nothing else.
TEST_F(PageFile, APowerCutLeavesWhatWasSynced) {
  const unsigned seed = 17;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    MemoryFiles disk;
    PageFileWriter w(disk.create(kPath).value(), owner_, PageFileKind::Manifest);
    ASSERT_TRUE(disk.sync_dir("/"));
    Bytes appended, synced;
    for (int step = static_cast<int>(random() % 12) + 1; step > 0; --step) {
      const Bytes edit =
          noise(1 + random() % (random() % 4 == 0 ? 40'000 : 600), static_cast<unsigned>(random()));
      ASSERT_TRUE(w.append(edit));
      appended += edit;
      if (random() % 3 == 0) {
        ASSERT_TRUE(w.close());
      } else if (random() % 2 == 0) {
        ASSERT_TRUE(w.sync());
        synced = appended;
      }
    }
    const double keep[] = {0, 0.1, 0.5, 0.9, 1};
    const auto found = disk.crash_clone(CrashKind::PowerCut, keep[round % 5], random());
    const auto got = read(*found, owner_, PageFileKind::Manifest);
    if (!synced.empty()) {
      ASSERT_TRUE(got) << round;
    }
    if (!got) continue;  // page 0 itself was torn: nothing had been synced, and nothing names the file yet
    ASSERT_TRUE(got->starts_with(synced)) << round;
    ASSERT_TRUE(appended.starts_with(*got)) << round;
  }
}

}  // namespace
}  // namespace beffroi::storage
