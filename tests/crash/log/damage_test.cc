// SPDX-License-Identifier: EUPL-1.2
// Torn or lost? Over 200 random logs: every cut of a frame in flight opens; every hole, flip, truncation or missing file either
// loses nothing that was acknowledged, or closes and names a range that was damaged. The oracle knows where each frame stands
// because it built the log; it asks which frames still have an undamaged copy, not how the scan decides.
#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "storage/log/log_format.h"
#include "tests/fakes/log_fixture.h"

namespace beffroi::storage {
namespace {

using namespace testing;

constexpr std::uint64_t kLogs = 200;
constexpr std::uint64_t kSectorBytes = 512;

struct Copy {
  std::string file;
  std::uint64_t at, used;  // bytes of the file that carry the frame
  std::uint64_t sequence;
};

// A random log: one to three lives, some of which die in their start, before the older files went.
struct Sample {
  explicit Sample(std::uint64_t seed) : random(seed) {
    EXPECT_TRUE(disk->make_dir(kLogDirectory));
    const std::uint64_t sizes[] = {12'288, 20'480, 32'768};
    file_bytes = sizes[random() % 3];
    const int lives = 1 + static_cast<int>(random() % 3);
    for (int life = 0; life < lives; ++life) live(life + 1 == lives);
  }

  void live(bool whole) {
    log = make_log(*disk, file_bytes);
    const auto scanned = log->scan({.flushed = Sequence{flushed}});
    ASSERT_TRUE(scanned) << log->closed_reason();
    ASSERT_TRUE(log->begin_epoch());
    if (scanned->frames > 0) place(last);
    if (!whole && random() % 2 == 0) return;
    flushed = last;
    ASSERT_TRUE(log->remove_older_files());
    forget_removed();
    for (std::uint64_t n = 1 + random() % 6; n > 0; --n) {
      append();
      if (random() % 8 == 0) {
        flushed = last;
        ASSERT_TRUE(log->reclaim(Sequence{flushed}));
        forget_removed();
      }
    }
  }

  Bytes random_body() {
    const std::size_t sizes[] = {1, 10, 400, 3000, 4044, 4045, 9000};
    Bytes body(sizes[random() % 7], '\0');
    for (char& c : body) c = static_cast<char>(random());
    return body;
  }

  void append() {
    bodies[++last] = random_body();
    ASSERT_EQ(*log->append(bodies[last]), Sequence{last});
    place(last);
  }

  // Frame `sequence` was just written into the newest file.
  void place(std::uint64_t sequence) {
    const std::string file = log_names(*disk).back();
    std::uint64_t& end = ends.try_emplace(file, kLogHeaderBytes).first->second;
    copies.push_back({file, end, kFrameOverheadBytes + bodies[sequence].size(), sequence});
    end += (copies.back().used + 4095) / 4096 * 4096;
  }

  void forget_removed() {
    const auto names = log_names(*disk);
    std::erase_if(copies, [&](const Copy& c) { return std::count(names.begin(), names.end(), c.file) == 0; });
  }

  std::mt19937_64 random;
  std::unique_ptr<MemoryFiles> disk = std::make_unique<MemoryFiles>();
  std::uint64_t file_bytes = 0;
  std::unique_ptr<CommitLog> log;
  std::map<std::uint64_t, Bytes> bodies;  // every acknowledged frame
  std::uint64_t last = 0, flushed = 0;
  std::vector<Copy> copies;
  std::map<std::string, std::uint64_t> ends;
};

// Bytes [begin, end) of a file are not what they were; `gone`: the file is not there.
struct Damage {
  std::string file;
  std::uint64_t begin = 0, end = 0;
  bool gone = false;
  std::string what;
  bool hits(const Copy& c) const { return c.file == file && (gone || (begin < c.at + c.used && end > c.at)); }
  bool hits_header() const { return !gone && begin < kLogHeaderBytes; }
};

struct Counts {
  std::uint64_t opened = 0, closed = 0, cuts = 0;
} counts;

// The range in a reason: "frame 3 of ..." or "frames 3-5 of ...".
std::pair<std::uint64_t, std::uint64_t> named_range(const std::string& reason) {
  unsigned long long from = 0, to = 0;
  if (std::sscanf(reason.c_str(), "frames %llu-%llu of", &from, &to) == 2) return {from, to};
  if (std::sscanf(reason.c_str(), "frame %llu of", &from) == 1) return {from, from};
  return {0, 0};
}

void judge(const Sample& sample, MemoryFiles& disk, const Damage& damage, bool mark) {
  SCOPED_TRACE(damage.what + " in " + damage.file + (mark ? ", with a mark" : ", without a mark"));
  std::set<std::uint64_t> damaged, intact;
  for (const Copy& copy : sample.copies) (damage.hits(copy) ? damaged : intact).insert(copy.sequence);
  auto log = make_log(disk, sample.file_bytes);
  const LogExpectation expected{.flushed = Sequence{sample.flushed},
                                .high_water = Sequence{mark ? sample.last : 0}};
  const auto scanned = log->scan(expected);
  if (!scanned) {
    ++counts.closed;
    if (scanned.error() == LogErrc::BadHeader) {
      EXPECT_TRUE(damage.hits_header());
      return;
    }
    ASSERT_EQ(scanned.error(), LogErrc::Lost);
    EXPECT_FALSE(damaged.empty()) << "closed although no frame was damaged: " << log->closed_reason();
    const auto [from, to] = named_range(log->closed_reason());
    EXPECT_TRUE(from > 0 && from <= to && damaged.lower_bound(from) != damaged.upper_bound(to))
        << "names another range: " << log->closed_reason();
    return;
  }
  ++counts.opened;
  EXPECT_FALSE(damage.hits_header()) << "a damaged header was accepted";
  const std::uint64_t reached = raw(scanned->last);
  if (reached < sample.last) {
    EXPECT_FALSE(mark) << "the mark proves frame " << reached + 1;
    EXPECT_TRUE(intact.upper_bound(reached) == intact.end()) << "a later frame is intact: not a torn tail";
  }
  EXPECT_LE(reached, sample.last);
  ASSERT_TRUE(log->begin_epoch());
  const Bodies replayed = replay_all(*log, expected.flushed);
  Bodies want;
  for (std::uint64_t s = sample.flushed + 1; s <= reached; ++s) want[s] = sample.bodies.at(s);
  EXPECT_EQ(replayed, want);
}

// Changes a copy of the disk and judges it with and without a high-water mark.
void strike(const Sample& sample, const Damage& damage, const std::function<void(MemoryFiles&)>& change) {
  for (const bool mark : {false, true}) {
    const auto disk = sample.disk->crash_clone(CrashKind::Kill, 0, 1);
    change(*disk);
    judge(sample, *disk, damage, mark);
  }
}

void overwrite_and_judge(const Sample& sample, const std::string& file, std::uint64_t at, const Bytes& bytes,
                         const std::string& what) {
  const Bytes before = file_content(*sample.disk, path_of(file)).substr(at, bytes.size());
  std::uint64_t begin = 0, end = bytes.size();
  while (begin < end && before[begin] == bytes[begin]) ++begin;
  while (end > begin && before[end - 1] == bytes[end - 1]) --end;
  if (begin == end) return;
  const Damage damage{file, at + begin, at + end, false, what + " at " + std::to_string(at)};
  strike(sample, damage, [&](MemoryFiles& disk) { overwrite(disk, file, at, bytes); });
}

void damage_frames(Sample& sample) {
  for (const Copy& copy : sample.copies) {
    const Bytes content = file_content(*sample.disk, path_of(copy.file));
    const std::uint64_t padded = (copy.used + 4095) / 4096 * 4096;
    overwrite_and_judge(sample, copy.file, copy.at, Bytes(padded, '\0'), "hole");
    const Copy& other = sample.copies[sample.random() % sample.copies.size()];
    overwrite_and_judge(sample, copy.file, copy.at,
                        file_content(*sample.disk, path_of(other.file)).substr(other.at, 4096),
                        "another frame's page");
    for (std::uint64_t sector = 0; sector < padded; sector += kSectorBytes) {
      const std::uint64_t at = copy.at + sector + sample.random() % kSectorBytes;
      const Bytes flipped(1, static_cast<char>(content[at] ^ (1 << sample.random() % 8)));
      overwrite_and_judge(sample, copy.file, at, flipped, "flip");
      if (sample.random() % 4 != 0) continue;
      overwrite_and_judge(sample, copy.file, copy.at + sector, Bytes(kSectorBytes, '\0'), "lost sector");
    }
  }
}

void damage_files(Sample& sample) {
  for (const std::string& file : log_names(*sample.disk)) {
    strike(sample, {file, 0, 0, true, "missing"},
           [&](MemoryFiles& disk) { ASSERT_TRUE(disk.unlink(path_of(file))); });
    const Bytes content = file_content(*sample.disk, path_of(file));
    const std::uint64_t at = sample.random() % kLogHeaderUsedBytes;
    overwrite_and_judge(sample, file, at, Bytes(1, static_cast<char>(content[at] ^ 1)), "header flip");
    for (std::uint64_t length = kLogHeaderBytes; length < content.size(); length += kLogBlockBytes) {
      for (const std::uint64_t keep : {length, length + kSectorBytes * (1 + sample.random() % 7)}) {
        strike(sample, {file, keep, content.size(), false, "cut to " + std::to_string(keep)},
               [&](MemoryFiles& disk) { cut(disk, file, keep); });
      }
    }
  }
}

TEST(LogDamage, IsNeverTakenForATornTailNorTheReverse) {
  std::uint64_t frames = 0;
  for (std::uint64_t seed = 1; seed <= kLogs && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Sample sample(seed);
    frames += sample.copies.size();
    damage_frames(sample);
    damage_files(sample);
  }
  std::cout << kLogs << " logs, " << frames << " frames: opened " << counts.opened << ", closed "
            << counts.closed << "\n";
  EXPECT_GT(counts.opened, 1000u);
  EXPECT_GT(counts.closed, 1000u);
}

// Opens a disk on which `in_flight` may or may not stand after the acknowledged frames, commits one frame, and opens it again.
void opens_twice(const Sample& sample, MemoryFiles& disk, const Bytes& in_flight, bool complete) {
  ++counts.cuts;
  const LogExpectation expected{.flushed = Sequence{sample.flushed}, .high_water = Sequence{sample.last}};
  auto first = start(disk, expected, sample.file_bytes);
  ASSERT_TRUE(first.scanned) << first.log->closed_reason();
  ASSERT_EQ(raw(first.scanned->last), sample.last + (complete ? 1 : 0));
  Bodies want = sample.bodies;
  want.erase(want.begin(), want.upper_bound(sample.flushed));
  if (complete) want[sample.last + 1] = in_flight;
  ASSERT_EQ(first.bodies, want);
  const Sequence after = first.log->last();
  ASSERT_EQ(*first.log->append("after"), next(after));
  first.log.reset();
  auto second = start(disk, {.flushed = after, .epoch = 1, .high_water = next(after)}, sample.file_bytes);
  ASSERT_TRUE(second.scanned) << second.log->closed_reason();
  ASSERT_EQ(second.bodies, (Bodies{{raw(after) + 1, "after"}}));
}

TEST(LogDamage, EveryCutOfTheFrameInFlightOpensTwice) {
  for (std::uint64_t seed = 1; seed <= kLogs && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Sample sample(seed);
    const auto before = sample.disk->crash_clone(CrashKind::Kill, 0, 1);
    const Bytes body = sample.random_body();
    ASSERT_TRUE(sample.log->append(body));
    sample.bodies.erase(sample.last + 1);
    const std::string file = log_names(*sample.disk).back();
    const bool rolled = log_names(*before).back() != file;
    const std::uint64_t at = rolled ? kLogHeaderBytes : sample.ends[file];
    const Bytes whole = file_content(*sample.disk, path_of(file));
    const Bytes frame = whole.substr(at, kFrameOverheadBytes + body.size());
    if (rolled) opens_twice(sample, *before->crash_clone(CrashKind::Kill, 0, 1), body, false);
    const std::uint64_t sectors = (frame.size() + kSectorBytes - 1) / kSectorBytes;
    for (std::uint64_t cut_at = 0; cut_at <= 2 * sectors; ++cut_at) {
      // The first half of the turns: a prefix of the sectors; then any subset of them, and the tail alone.
      const auto disk = before->crash_clone(CrashKind::Kill, 0, 1);
      if (rolled) {
        ASSERT_TRUE(disk->create(path_of(file)));
        overwrite(*disk, file, 0, whole.substr(0, kLogHeaderBytes));
      }
      bool complete = true;
      for (std::uint64_t sector = 0; sector < sectors; ++sector) {
        const bool keep = cut_at <= sectors       ? sector < cut_at
                          : cut_at == 2 * sectors ? sector > 0
                                                  : sample.random() % 2 == 0;
        if (keep)
          overwrite(*disk, file, at + sector * kSectorBytes,
                    frame.substr(sector * kSectorBytes, kSectorBytes));
      }
      complete = file_content(*disk, path_of(file)).substr(at, frame.size()) == frame;
      SCOPED_TRACE("turn " + std::to_string(cut_at) + " of " + std::to_string(2 * sectors));
      opens_twice(sample, *disk, body, complete);
    }
  }
  std::cout << kLogs << " logs: " << counts.cuts << " cuts\n";
}

}  // namespace
}  // namespace beffroi::storage
