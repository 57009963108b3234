// SPDX-License-Identifier: EUPL-1.2
// One index for tests: opens it on any Files, remembers why its door froze, and writes rows that a model can foretell.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "storage/index/rocks_index.h"
#include "storage/io/guarded.h"

namespace beffroi::storage {

class TestStore {
 public:
  explicit TestStore(Files& files, std::string directory = "/data/index")
      : files_(files), directory_(std::move(directory)), key_(Bytes(32, 'k')) {}

  const std::string& directory() const { return directory_; }
  const crypto::IndexKey& key() const { return key_; }
  Bytes uuid() const { return Bytes(16, 'u'); }
  std::vector<std::string> reasons() const { return *reasons_.lock(); }

  RocksIndexOptions options() {
    RocksIndexOptions options{files_, directory_, uuid(), key_};
    options.block_cache_bytes = std::size_t{1} << 20;
    options.write_buffer_bytes = std::size_t{8} << 20;
    options.on_frozen = [this](std::string_view reason) { reasons_.lock()->emplace_back(reason); };
    return options;
  }
  Result<std::unique_ptr<Index>> open() { return open_rocks_index(options()); }

  // Names of the files that end or begin so, oldest first.
  std::vector<std::string> files_with(std::string_view part) const {
    std::vector<std::string> names;
    for (const DirectoryEntry& entry : files_.list(directory_).value()) {
      if (entry.name.find(part) != std::string::npos) names.push_back(entry.name);
    }
    return names;
  }

  Bytes read_raw(const std::string& name) const {
    auto file = files_.open(directory_ + "/" + name).value();
    Bytes bytes(file->size().value(), '\0');
    EXPECT_EQ(file->read(0, bytes).value(), bytes.size());
    return bytes;
  }

  // Replaces the whole file: its bytes, not its name's history.
  void write_raw(const std::string& name, BytesView bytes) const {
    const std::string path = directory_ + "/" + name;
    (void)files_.unlink(path);
    auto file = files_.create(path).value();
    EXPECT_TRUE(file->write(0, bytes));
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(files_.sync_dir(directory_));
  }

 private:
  Files& files_;
  std::string directory_;
  crypto::IndexKey key_;
  mutable Guarded<std::vector<std::string>> reasons_;
};

using Model = std::map<Bytes, Bytes>;

// Walks a whole table forward; Damaged or the rows.
inline Result<Model> walk(Cursor& cursor) {
  Model rows;
  for (cursor.seek({}); cursor.valid(); cursor.next()) rows.emplace(cursor.key(), cursor.value());
  if (auto status = cursor.status(); !status) return status.error();
  return rows;
}

}  // namespace beffroi::storage
