// SPDX-License-Identifier: EUPL-1.2
// What the tests of the commit log share: one store's names and keys, and a whole start as the engine makes it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "storage/io/memory_files.h"
#include "storage/log/commit_log.h"

namespace beffroi::storage::testing {

inline const std::string kLogDirectory = "/log";
inline const Bytes kUuid(16, 'u');
inline crypto::LogKey log_key() {
  return crypto::LogKey(Bytes(32, 'k'));
}

inline std::unique_ptr<CommitLog> make_log(Files& files, std::uint64_t file_bytes = 32'768,
                                           std::size_t spares_max = 2) {
  CommitLogOptions options;
  options.directory = kLogDirectory;
  options.file_bytes = file_bytes;
  options.spares_max = spares_max;
  options.prepare_ahead = false;
  return std::make_unique<CommitLog>(files, options, kUuid, log_key());
}

using Bodies = std::map<std::uint64_t, Bytes>;  // by sequence

inline Bodies replay_all(CommitLog& log, Sequence after) {
  Bodies bodies;
  Sequence previous = after;
  const auto r = log.replay(after, [&](Sequence s, BytesView body) -> Result<void> {
    EXPECT_EQ(s, next(previous)) << "in order, without a gap";
    previous = s;
    bodies[raw(s)] = Bytes(body);
    return {};
  });
  EXPECT_TRUE(r) << r.error().message();
  return bodies;
}

// scan, begin_epoch, replay; the tables are taken for flushed, then the older files go.
struct Start {
  std::unique_ptr<CommitLog> log;
  Result<ScanResult> scanned = ScanResult{};
  Bodies bodies;
};

inline Start start(Files& files, const LogExpectation& expected = {}, std::uint64_t file_bytes = 32'768) {
  Start out;
  out.log = make_log(files, file_bytes);
  out.scanned = out.log->scan(expected);
  if (!out.scanned) return out;
  EXPECT_TRUE(out.log->begin_epoch());
  out.bodies = replay_all(*out.log, expected.flushed);
  EXPECT_TRUE(out.log->remove_older_files());
  return out;
}

inline Bytes file_content(Files& files, const std::string& path) {
  auto file = files.open(path);
  if (!file) return {};
  Bytes out(*(*file)->size(), '\0');
  EXPECT_EQ(*(*file)->read(0, out), out.size());
  return out;
}

inline std::vector<std::string> log_names(Files& files) {
  std::vector<std::string> names;
  for (const auto& entry : *files.list(kLogDirectory)) {
    if (entry.name.ends_with(".log")) names.push_back(entry.name);
  }
  return names;
}

inline std::string path_of(const std::string& name) {
  return kLogDirectory + "/" + name;
}

inline void overwrite(Files& files, const std::string& name, std::uint64_t offset, BytesView bytes) {
  auto file = files.open(path_of(name));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write(offset, bytes));
  ASSERT_TRUE((*file)->sync());
}

// Replaces a file by the first `length` bytes of it.
inline void cut(Files& files, const std::string& name, std::uint64_t length) {
  const Bytes content = file_content(files, path_of(name));
  ASSERT_TRUE(files.unlink(path_of(name)));
  auto file = files.create(path_of(name));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write(0, BytesView(content).substr(0, length)));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(files.sync_dir(kLogDirectory));
}

}  // namespace beffroi::storage::testing
