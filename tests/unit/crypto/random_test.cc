// SPDX-License-Identifier: EUPL-1.2
#include "crypto/random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

namespace beffroi::crypto {
namespace {

TEST(Random, FillsAnySizeAndDoesNotRepeat) {
  std::set<Bytes> seen;
  for (std::size_t n : {16, 24, 100, 1023, 1024, 1025, 4096, 10'000}) {
    for (int i = 0; i < 50; ++i) {
      const Bytes bytes = random_bytes(n);
      EXPECT_EQ(bytes.size(), n);
      EXPECT_TRUE(seen.insert(bytes.substr(bytes.size() - 16)).second);
      EXPECT_TRUE(seen.insert("head" + bytes.substr(0, 16)).second);
    }
  }
  EXPECT_EQ(random_bytes(0), "");
}

TEST(Random, TakesEveryValueAtEveryPlace) {
  // After 4 000 draws a place still lacks 256 * e^-15.6 = 0.00004 values on average; 16 of them are never lacking by chance.
  std::set<char> values[13];
  for (int i = 0; i < 4000; ++i) {
    const Bytes bytes = random_bytes(13);
    for (std::size_t at = 0; at < 13; ++at) values[at].insert(bytes[at]);
  }
  for (const auto& v : values) EXPECT_GT(v.size(), 240U);
}

TEST(Random, DiffersBetweenThreads) {
  Bytes here = random_bytes(16);
  Bytes there;
  std::thread([&there] { there = random_bytes(16); }).join();
  EXPECT_NE(here, there);
}

TEST(Random, IsDrawnAnewAfterAFork) {
  random_bytes(16);  // the buffer is half used when the child copies it
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Bytes bytes = random_bytes(16);
    _exit(write(ends[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  const Bytes mine = random_bytes(16);
  Bytes its(16, '\0');
  ASSERT_EQ(read(ends[0], its.data(), its.size()), 16);
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(ends[0]);
  close(ends[1]);
  EXPECT_NE(mine, its);
}

}  // namespace
}  // namespace beffroi::crypto
