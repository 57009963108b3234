// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/spare_files.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "storage/io/guarded.h"
#include "storage/log/log_format.h"

namespace beffroi::storage {
namespace {

constexpr std::uint64_t kFillBytes = 1u << 20;

}  // namespace

struct SpareFiles::Impl {
  Impl(Files& all_files, std::string where, std::uint64_t bytes, bool background)
      : files(all_files), directory(std::move(where)), file_bytes(bytes), in_background(background) {}

  struct State {
    std::set<std::uint64_t> ready;
    std::uint64_t next = 0;
    bool filling = false;
  };

  std::string path(std::uint64_t number) const { return directory + "/" + spare_file_name(number); }

  Result<void> fill(const std::string& name) {
    Result<std::unique_ptr<File>> file = files.create(name);
    if (!file) return file.error();
    const Bytes zeros(kFillBytes, '\0');
    for (std::uint64_t at = 0; at < file_bytes; at += kFillBytes) {
      if (stop.load()) return IoErrc::Fenced;
      const auto n = std::min(kFillBytes, file_bytes - at);
      const Result<void> written = (*file)->write(at, BytesView(zeros).substr(0, n));
      if (!written) return written;
    }
    return (*file)->sync();
  }

  // A spare is a convenience: without room for it, or with a failing device, there is none, and take() finds out by itself.
  void fill_one() {
    const std::uint64_t number = state.lock()->next++;
    const bool filled = fill(path(number)).has_value();
    if (!filled) (void)files.unlink(path(number));
    auto now = state.lock();
    if (filled) now->ready.insert(number);
    now->filling = false;
  }

  void fill_if_none() {
    if (!in_background) return;
    {
      auto now = state.lock();
      if (now->filling || !now->ready.empty()) return;
      now->filling = true;
    }
    if (thread.joinable()) thread.join();
    thread = std::thread([this] { fill_one(); });
  }

  Files& files;
  const std::string directory;
  const std::uint64_t file_bytes;
  const bool in_background;
  Guarded<State> state;
  std::atomic<bool> stop{false};
  std::thread thread;  // the owner of take()'s
};

SpareFiles::SpareFiles(Files& files, std::string directory, std::uint64_t file_bytes, bool in_background)
    : impl_(std::make_unique<Impl>(files, std::move(directory), file_bytes, in_background)) {}

SpareFiles::~SpareFiles() {
  impl_->stop.store(true);
  if (impl_->thread.joinable()) impl_->thread.join();
}

void SpareFiles::adopt(std::uint64_t number) {
  auto now = impl_->state.lock();
  now->ready.insert(number);
  now->next = std::max(now->next, number + 1);
}

std::size_t SpareFiles::ready() const {
  return impl_->state.lock()->ready.size();
}

std::uint64_t SpareFiles::next_number() {
  return impl_->state.lock()->next++;
}

Result<SpareFiles::Taken> SpareFiles::take() {
  std::optional<std::uint64_t> number;
  {
    auto now = impl_->state.lock();
    if (!now->ready.empty()) number = now->ready.extract(now->ready.begin()).value();
  }
  Taken taken;
  if (number) {
    taken.name = spare_file_name(*number);
    Result<std::unique_ptr<File>> file = impl_->files.open(impl_->path(*number));
    if (!file) return file.error();
    taken.file = std::move(*file);
  } else {
    const std::uint64_t fresh = next_number();
    taken.name = spare_file_name(fresh);
    Result<std::unique_ptr<File>> file = impl_->files.create(impl_->path(fresh));
    if (!file) return file.error();
    const Result<void> allocated = (*file)->allocate(impl_->file_bytes);
    if (!allocated) {
      (void)impl_->files.unlink(impl_->path(fresh));
      return allocated.error();
    }
    taken.file = std::move(*file);
  }
  impl_->fill_if_none();
  return taken;
}

}  // namespace beffroi::storage
