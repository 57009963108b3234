// SPDX-License-Identifier: EUPL-1.2
#include "storage/io/real_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <map>

#include "storage/io/guarded.h"

namespace beffroi::storage {
namespace {

IoErrc translate(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return IoErrc::NoSpace;
    case ENOENT:
      return IoErrc::NotFound;
    case EEXIST:
      return IoErrc::Exists;
    default:
      return IoErrc::Io;
  }
}

Result<void> outcome(int returned) {
  if (returned < 0) return translate(errno);
  return {};
}

// Of a sync: no error of it may be taken for a refusal that changed nothing.
Result<void> sync_outcome(int returned) {
  if (returned < 0) return IoErrc::Io;
  return {};
}

// Calls again what a signal interrupted.
template <class Call>
auto retry(Call call) {
  decltype(call()) returned;
  do returned = call();
  while (returned < 0 && errno == EINTR);
  return returned;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// What was learnt about one file system.
struct FileSystem {
  std::atomic<bool> knows_nowait{true};
};

class RealFile final : public File {
 public:
  RealFile(int fd, std::shared_ptr<FileSystem> system) : fd_(fd), system_(std::move(system)) {}

  Result<std::size_t> read(std::uint64_t offset, MutableBytes out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n =
          retry([&] { return ::pread(fd_.get(), out.data() + done, out.size() - done, at(offset + done)); });
      if (n < 0) return translate(errno);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::size_t> read_cached(std::uint64_t offset, MutableBytes out) override {
    if (!system_->knows_nowait.load(std::memory_order_relaxed)) return IoErrc::WouldBlock;
    iovec vector{out.data(), out.size()};
    const ssize_t n = retry([&] { return ::preadv2(fd_.get(), &vector, 1, at(offset), RWF_NOWAIT); });
    if (n < 0) {
      if (errno == EOPNOTSUPP) system_->knows_nowait.store(false, std::memory_order_relaxed);
      if (errno == EOPNOTSUPP || errno == EAGAIN) return IoErrc::WouldBlock;
      return translate(errno);
    }
    const auto done = static_cast<std::size_t>(n);
    if (done == out.size()) return done;
    // Short: the file ends there, or the next page is not in memory. Only the size can tell.
    const Result<std::uint64_t> end = size();
    if (!end) return end.error();
    if (offset + done < *end) return IoErrc::WouldBlock;
    return done;
  }

  Result<void> write(std::uint64_t offset, BytesView data) override {
    while (!data.empty()) {
      const ssize_t n = retry([&] { return ::pwrite(fd_.get(), data.data(), data.size(), at(offset)); });
      if (n < 0) return translate(errno);
      if (n == 0) return IoErrc::Io;
      data.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
    return {};
  }

  // Not looped over EINTR: after a failed fdatasync nothing is known, whatever the reason.
  Result<void> sync() override { return sync_outcome(::fdatasync(fd_.get())); }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) < 0) return translate(errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> allocate(std::uint64_t bytes) override {
    const Result<std::uint64_t> now = size();
    if (!now) return now.error();
    if (*now >= bytes) return {};
    if (retry([&] { return ::fallocate(fd_.get(), 0, at(*now), at(bytes - *now)); }) == 0) return {};
    if (errno != EOPNOTSUPP) return translate(errno);
    return outcome(retry([&] { return ::ftruncate(fd_.get(), at(bytes)); }));
  }

  Result<void> punch(std::uint64_t offset, std::uint64_t length) override {
    const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (retry([&] { return ::fallocate(fd_.get(), mode, at(offset), at(length)); }) == 0) return {};
    if (errno == EOPNOTSUPP) return {};
    return translate(errno);
  }

 private:
  static off_t at(std::uint64_t offset) { return static_cast<off_t>(offset); }

  Descriptor fd_;
  std::shared_ptr<FileSystem> system_;
};

class FlockLease final : public Lease {
 public:
  explicit FlockLease(int fd) : fd_(fd) {}  // closing the descriptor releases the lock

 private:
  Descriptor fd_;
};

std::string parent_of(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, std::max<std::size_t>(slash, 1)));
}

}  // namespace

struct RealFiles::FileSystems {
  Guarded<std::map<dev_t, std::shared_ptr<FileSystem>>> by_device;
};

RealFiles::RealFiles() : file_systems_(std::make_unique<FileSystems>()) {}
RealFiles::~RealFiles() = default;

Result<std::unique_ptr<File>> RealFiles::adopt(int descriptor) {
  if (descriptor < 0) return translate(errno);
  struct stat status {};
  if (::fstat(descriptor, &status) < 0) {
    const IoErrc error = translate(errno);
    ::close(descriptor);
    return error;
  }
  std::shared_ptr<FileSystem> system;
  {
    auto by_device = file_systems_->by_device.lock();
    std::shared_ptr<FileSystem>& known = (*by_device)[status.st_dev];
    if (!known) known = std::make_shared<FileSystem>();
    system = known;
  }
  return std::unique_ptr<File>(std::make_unique<RealFile>(descriptor, std::move(system)));
}

Result<std::unique_ptr<File>> RealFiles::open(std::string_view path) {
  return adopt(retry([&] { return ::open(std::string(path).c_str(), O_RDWR | O_CLOEXEC); }));
}

Result<std::unique_ptr<File>> RealFiles::create(std::string_view path) {
  return adopt(
      retry([&] { return ::open(std::string(path).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); }));
}

Result<void> RealFiles::rename(std::string_view from, std::string_view to) {
  return outcome(::rename(std::string(from).c_str(), std::string(to).c_str()));
}

Result<void> RealFiles::link(std::string_view from, std::string_view to) {
  return outcome(::link(std::string(from).c_str(), std::string(to).c_str()));
}

Result<void> RealFiles::unlink(std::string_view path) {
  return outcome(::unlink(std::string(path).c_str()));
}

Result<void> RealFiles::sync_dir(std::string_view directory) {
  const Descriptor fd(
      retry([&] { return ::open(std::string(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (fd.get() < 0) return translate(errno);
  return sync_outcome(::fsync(fd.get()));
}

Result<void> RealFiles::make_dir(std::string_view directory) {
  const std::string path(directory);
  if (::mkdir(path.c_str(), 0700) < 0) {
    if (errno != EEXIST) return translate(errno);
    struct stat status {};
    if (::stat(path.c_str(), &status) < 0) return translate(errno);
    if (!S_ISDIR(status.st_mode)) return IoErrc::Exists;
  }
  return sync_dir(parent_of(path));
}

Result<std::vector<DirectoryEntry>> RealFiles::list(std::string_view directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(std::string(directory).c_str()), ::closedir);
  if (!stream) return translate(errno);
  std::vector<DirectoryEntry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    struct stat status {};
    if (::fstatat(::dirfd(stream.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno == ENOENT) continue;  // unlinked meanwhile
      return translate(errno);
    }
    if (S_ISREG(status.st_mode))
      entries.push_back({entry->d_name, static_cast<std::uint64_t>(status.st_size)});
  }
  if (errno != 0) return translate(errno);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

Result<Space> RealFiles::space(std::string_view directory) {
  struct statvfs status {};
  if (retry([&] { return ::statvfs(std::string(directory).c_str(), &status); }) < 0) return translate(errno);
  struct stat where {};
  if (::stat(std::string(directory).c_str(), &where) < 0) return translate(errno);
  const auto used = status.f_blocks - status.f_bfree;
  return Space{(used + status.f_bavail) * status.f_frsize, status.f_bavail * status.f_frsize, where.st_dev};
}

Result<std::unique_ptr<Lease>> RealFiles::acquire(std::string_view directory) {
  const std::string path = std::string(directory) + "/lock";
  const int fd = retry([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); });
  if (fd < 0) return translate(errno);
  auto lease = std::make_unique<FlockLease>(fd);
  if (retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) < 0) {
    if (errno == EWOULDBLOCK) return IoErrc::Locked;
    return translate(errno);
  }
  return std::unique_ptr<Lease>(std::move(lease));
}

}  // namespace beffroi::storage
