// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/memory_files.h"

#include <map>
#include <optional>
#include <set>

#include "storage/io/memory_inode.h"

namespace beffroi::storage {
namespace {

// One spelling a name: no doubled and no trailing slash.
std::string normal(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

struct Inode {
  std::uint64_t number = 0;
  MemoryInode content;
};
using InodePointer = std::shared_ptr<Inode>;
using Names = std::map<std::string, InodePointer>;

// A change of names that waits for its sync_dir. Neither `from` nor `to` empty: a rename.
struct PendingName {
  std::string from;  // taken away, if it still names `inode`
  std::string to;    // given
  InodePointer inode;
  std::string directory() const { return parent_of(to.empty() ? from : to); }
};

void carry_out(const PendingName& change, Names& names) {
  if (!change.from.empty()) {
    const auto old = names.find(change.from);
    if (old != names.end() && old->second == change.inode) names.erase(old);
  }
  if (!change.to.empty()) names[change.to] = change.inode;
}

}  // namespace

struct MemoryFiles::World {
  Names names, disk_names;
  std::vector<PendingName> pending;
  std::set<std::string> directories{"/", "."};
  std::set<std::string> leases;
  std::uint64_t next_number = 0;
  std::uint64_t operations = 0;
  std::optional<std::uint64_t> crash_at;
  std::optional<std::uint64_t> failing_sync;  // syncs until the failing one
  Chance chance{0, 0};
  std::uint64_t capacity = 0;
  bool cold = false;

  bool fenced() const { return crash_at && operations >= *crash_at; }

  // Counts an operation; true when the process is dead before it.
  bool dies() {
    if (fenced()) return true;
    ++operations;
    return false;
  }

  std::uint64_t used() const {
    std::map<std::uint64_t, std::uint64_t> by_inode;
    for (const auto& [name, inode] : names) by_inode[inode->number] = inode->content.allocated_bytes();
    std::uint64_t sum = 0;
    for (const auto& [number, bytes] : by_inode) sum += bytes;
    return sum;
  }

  bool fits(const MemoryInode& content, std::uint64_t offset, std::uint64_t length) const {
    return capacity == 0 || used() + content.missing_bytes(offset, length) <= capacity;
  }

  void change(PendingName change) {
    carry_out(change, names);
    pending.push_back(std::move(change));
  }
};

class MemoryFiles::OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<Guarded<World>> world, InodePointer inode)
      : world_(std::move(world)), inode_(std::move(inode)) {}

  Result<std::size_t> read(std::uint64_t offset, MutableBytes out) override {
    auto world = world_->lock();
    if (world->fenced()) return IoErrc::Fenced;
    return inode_->content.read(offset, out);
  }

  Result<std::size_t> read_cached(std::uint64_t offset, MutableBytes out) override {
    auto world = world_->lock();
    if (world->fenced()) return IoErrc::Fenced;
    if (world->cold) return IoErrc::WouldBlock;
    return inode_->content.read(offset, out);
  }

  Result<void> write(std::uint64_t offset, BytesView data) override {
    auto world = world_->lock();
    if (world->dies()) return IoErrc::Fenced;
    if (!world->fits(inode_->content, offset, data.size())) return IoErrc::NoSpace;
    inode_->content.write(offset, data);
    return {};
  }

  Result<void> sync() override {
    auto world = world_->lock();
    if (world->dies()) return IoErrc::Fenced;
    if (world->failing_sync && (*world->failing_sync)-- == 0) {
      world->failing_sync.reset();
      inode_->content.settle(world->chance);
      return IoErrc::Io;
    }
    inode_->content.sync();
    return {};
  }

  Result<std::uint64_t> size() override {
    auto world = world_->lock();
    if (world->fenced()) return IoErrc::Fenced;
    return inode_->content.size();
  }

  Result<void> allocate(std::uint64_t size) override {
    auto world = world_->lock();
    if (world->dies()) return IoErrc::Fenced;
    const std::uint64_t now = inode_->content.size();
    if (size <= now) return {};
    if (!world->fits(inode_->content, now, size - now)) return IoErrc::NoSpace;
    inode_->content.allocate(size);
    return {};
  }

  Result<void> punch(std::uint64_t offset, std::uint64_t length) override {
    auto world = world_->lock();
    if (world->dies()) return IoErrc::Fenced;
    inode_->content.punch(offset, length);
    return {};
  }

 private:
  std::shared_ptr<Guarded<World>> world_;
  InodePointer inode_;
};

class MemoryFiles::HeldLease final : public Lease {
 public:
  HeldLease(std::shared_ptr<Guarded<World>> world, std::string directory)
      : world_(std::move(world)), directory_(std::move(directory)) {}
  ~HeldLease() override { world_->lock()->leases.erase(directory_); }

 private:
  std::shared_ptr<Guarded<World>> world_;
  std::string directory_;
};

MemoryFiles::MemoryFiles() : world_(std::make_shared<Guarded<World>>()) {}
MemoryFiles::~MemoryFiles() = default;

Result<std::unique_ptr<File>> MemoryFiles::open(std::string_view path) {
  auto world = world_->lock();
  if (world->fenced()) return IoErrc::Fenced;
  const auto found = world->names.find(normal(path));
  if (found == world->names.end()) return IoErrc::NotFound;
  return std::unique_ptr<File>(std::make_unique<OpenFile>(world_, found->second));
}

Result<std::unique_ptr<File>> MemoryFiles::create(std::string_view path) {
  auto world = world_->lock();
  if (world->dies()) return IoErrc::Fenced;
  const std::string name = normal(path);
  if (!world->directories.contains(parent_of(name))) return IoErrc::NotFound;
  if (world->names.contains(name) || world->directories.contains(name)) return IoErrc::Exists;
  auto inode = std::make_shared<Inode>();
  inode->number = world->next_number++;
  world->change({"", name, inode});
  return std::unique_ptr<File>(std::make_unique<OpenFile>(world_, std::move(inode)));
}

Result<void> MemoryFiles::rename(std::string_view from, std::string_view to) {
  auto world = world_->lock();
  if (world->dies()) return IoErrc::Fenced;
  const auto found = world->names.find(normal(from));
  if (found == world->names.end()) return IoErrc::NotFound;
  world->change({found->first, normal(to), found->second});
  return {};
}

Result<void> MemoryFiles::link(std::string_view from, std::string_view to) {
  auto world = world_->lock();
  if (world->dies()) return IoErrc::Fenced;
  const auto found = world->names.find(normal(from));
  if (found == world->names.end()) return IoErrc::NotFound;
  if (world->names.contains(normal(to))) return IoErrc::Exists;
  world->change({"", normal(to), found->second});
  return {};
}

Result<void> MemoryFiles::unlink(std::string_view path) {
  auto world = world_->lock();
  if (world->dies()) return IoErrc::Fenced;
  const auto found = world->names.find(normal(path));
  if (found == world->names.end()) return IoErrc::NotFound;
  world->change({found->first, "", found->second});
  return {};
}

Result<void> MemoryFiles::sync_dir(std::string_view directory) {
  auto world = world_->lock();
  if (world->dies()) return IoErrc::Fenced;
  const std::string name = normal(directory);
  if (!world->directories.contains(name)) return IoErrc::NotFound;
  std::vector<PendingName> others;
  for (PendingName& change : world->pending) {
    if (change.directory() == name) {
      carry_out(change, world->disk_names);
    } else {
      others.push_back(std::move(change));
    }
  }
  world->pending = std::move(others);
  return {};
}

Result<void> MemoryFiles::make_dir(std::string_view directory) {
  auto world = world_->lock();
  if (world->dies()) return IoErrc::Fenced;
  const std::string name = normal(directory);
  if (!world->directories.contains(parent_of(name))) return IoErrc::NotFound;
  if (world->names.contains(name)) return IoErrc::Exists;
  world->directories.insert(name);
  return {};
}

Result<std::vector<DirectoryEntry>> MemoryFiles::list(std::string_view directory) {
  auto world = world_->lock();
  if (world->fenced()) return IoErrc::Fenced;
  const std::string name = normal(directory);
  if (!world->directories.contains(name)) return IoErrc::NotFound;
  std::vector<DirectoryEntry> entries;
  const std::string prefix = name == "/" ? name : name + "/";
  for (auto at = world->names.lower_bound(prefix); at != world->names.end() && at->first.starts_with(prefix);
       ++at) {
    const std::string rest = at->first.substr(prefix.size());
    if (rest.find('/') == std::string::npos) entries.push_back({rest, at->second->content.size()});
  }
  return entries;
}

Result<Space> MemoryFiles::space(std::string_view) {
  auto world = world_->lock();
  if (world->fenced()) return IoErrc::Fenced;
  const std::uint64_t total = world->capacity == 0 ? std::uint64_t{1} << 40 : world->capacity;
  const std::uint64_t used = world->used();
  return Space{total, used < total ? total - used : 0};
}

Result<std::unique_ptr<Lease>> MemoryFiles::acquire(std::string_view directory) {
  auto world = world_->lock();
  if (world->fenced()) return IoErrc::Fenced;
  const std::string name = normal(directory);
  if (!world->directories.contains(name)) return IoErrc::NotFound;
  if (!world->leases.insert(name).second) return IoErrc::Locked;
  return std::unique_ptr<Lease>(std::make_unique<HeldLease>(world_, name));
}

std::uint64_t MemoryFiles::operations() const {
  return world_->lock()->operations;
}

void MemoryFiles::set_crash_at(std::uint64_t index) {
  world_->lock()->crash_at = index;
}

bool MemoryFiles::crashed() const {
  return world_->lock()->fenced();
}

void MemoryFiles::fail_sync_at(std::uint64_t index, double keep_probability, std::uint64_t seed) {
  auto world = world_->lock();
  world->failing_sync = index;
  world->chance = Chance(keep_probability, seed);
}

void MemoryFiles::set_capacity(std::uint64_t bytes) {
  world_->lock()->capacity = bytes;
}

void MemoryFiles::set_cold(bool cold) {
  world_->lock()->cold = cold;
}

std::unique_ptr<MemoryFiles> MemoryFiles::crash_clone(CrashKind kind, double keep_probability,
                                                      std::uint64_t seed) const {
  auto from = world_->lock();
  auto clone = std::make_unique<MemoryFiles>();
  auto to = clone->world_->lock();
  // Every inode that a name, old or new, can still reach is copied once, in the order of their numbers so
  // that a seed means the same in each run.
  std::map<std::uint64_t, InodePointer> copies;
  const auto collect = [&](const InodePointer& inode) {
    InodePointer& copy = copies[inode->number];
    if (!copy) copy = std::make_shared<Inode>(*inode);
    return copy;
  };
  for (const auto& [name, inode] : from->names) to->names[name] = collect(inode);
  for (const auto& [name, inode] : from->disk_names) to->disk_names[name] = collect(inode);
  for (const PendingName& change : from->pending) {
    to->pending.push_back({change.from, change.to, collect(change.inode)});
  }
  to->directories = from->directories;
  to->next_number = from->next_number;
  to->capacity = from->capacity;
  if (kind == CrashKind::Kill) return clone;
  Chance chance(keep_probability, seed);
  for (const PendingName& change : to->pending) {
    if (chance.keep()) carry_out(change, to->disk_names);
  }
  to->pending.clear();
  for (auto& [number, inode] : copies) {
    inode->content.settle(chance);
    inode->content.forget_cache();
  }
  to->names = to->disk_names;
  return clone;
}

}  // namespace beffroi::storage
