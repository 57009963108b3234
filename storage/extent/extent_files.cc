// SPDX-License-Identifier: EUPL-1.2
#include "storage/extent/extent_files.h"

#include <charconv>

#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

constexpr std::size_t kNameDigits = 8;

Bytes header_page(ExtentId id, ExtentKind kind) {
  Bytes page = "BFEX";
  page.push_back(static_cast<char>(kExtentVersion));
  page.push_back(static_cast<char>(kind));
  append_le<std::uint16_t>(page, 0);
  append_le(page, raw(id));
  page.resize(kExtentHeaderBytes, '\0');
  return page;
}

}  // namespace

std::string extent_name(ExtentId id) {
  char digits[kNameDigits];
  auto end = std::to_chars(digits, digits + kNameDigits, raw(id), 16).ptr;
  const std::string_view number(digits, static_cast<std::size_t>(end - digits));
  return std::string(kNameDigits - number.size(), '0').append(number);
}

std::optional<ExtentId> parse_extent_name(std::string_view name) {
  std::uint32_t value = 0;
  if (name.size() != kNameDigits) return std::nullopt;
  auto parsed = std::from_chars(name.data(), name.data() + name.size(), value, 16);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return std::nullopt;
  if (extent_name(ExtentId{value}) != name) return std::nullopt;  // capitals
  return ExtentId{value};
}

Result<std::uint64_t> allocate_ahead(ExtentFile& file, std::uint64_t wanted, std::uint64_t needed) {
  if (auto allocated = file->allocate(wanted))
    return wanted;
  else if (allocated.error() != IoErrc::NoSpace || needed >= wanted)
    return allocated.error();
  if (auto allocated = file->allocate(needed); !allocated) return allocated.error();
  return needed;
}

Result<void> ExtentFile::sync() {
  auto failed = failed_.lock();
  if (*failed) return *failed;
  auto synced = file_->sync();
  if (!synced) *failed = synced.error();
  return synced;
}

std::string ExtentFiles::path(ExtentId id) const {
  return directory_ + "/" + extent_name(id);
}

Result<std::vector<DirectoryEntry>> ExtentFiles::start() {
  if (auto made = files_.make_dir(directory_); !made) return made.error();
  return files_.list(directory_);
}

Result<ExtentFiles::Created> ExtentFiles::create(ExtentId id, ExtentKind kind, std::uint64_t wanted,
                                                 std::uint64_t needed) {
  auto created = fill(id, kind, wanted, needed);
  if (!created) {
    unlink_soon(id);
    return created.error();
  }
  cache_.lock()->handles.emplace(id, Handle{created->file, true, {}});
  return created;
}

Result<ExtentFiles::Created> ExtentFiles::fill(ExtentId id, ExtentKind kind, std::uint64_t wanted,
                                               std::uint64_t needed) {
  auto opened = files_.create(path(id));
  if (!opened) return opened.error();
  auto file = std::make_shared<ExtentFile>(std::move(*opened));
  if (auto wrote = (*file)->write(0, header_page(id, kind)); !wrote) return wrote.error();
  auto allocated = allocate_ahead(*file, wanted, needed);
  if (!allocated) return allocated.error();
  if (auto synced = file->sync(); !synced) return synced.error();
  if (auto synced = files_.sync_dir(directory_); !synced) return synced.error();
  return Created{std::move(file), *allocated};
}

void ExtentFiles::release(ExtentId id) {
  auto cache = cache_.lock();
  auto found = cache->handles.find(id);
  if (found == cache->handles.end()) return;  // unlinked meanwhile
  auto file = std::move(found->second.file);
  cache->handles.erase(found);
  insert(*cache, id, std::move(file));
}

// Enters a handle as the most recently used one and lets go of the oldest.
void ExtentFiles::insert(Cache& cache, ExtentId id, std::shared_ptr<ExtentFile> file) {
  cache.recent.push_front(id);
  cache.handles.emplace(id, Handle{std::move(file), false, cache.recent.begin()});
  if (cache.recent.size() <= handles_max_) return;
  cache.handles.erase(cache.recent.back());
  cache.recent.pop_back();
}

std::shared_ptr<ExtentFile> ExtentFiles::find(ExtentId id) {
  auto cache = cache_.lock();
  auto found = cache->handles.find(id);
  if (found == cache->handles.end()) return nullptr;
  Handle& handle = found->second;
  if (!handle.kept) cache->recent.splice(cache->recent.begin(), cache->recent, handle.place);
  return handle.file;
}

Result<std::shared_ptr<ExtentFile>> ExtentFiles::open(ExtentId id) {
  if (auto file = find(id)) return file;
  // Opened without the lock, which threads that may not wait take. If any file was unlinked meanwhile it may
  // be this one: then the handle serves this caller only, lest the cache keep the blocks of a removed file.
  const std::uint64_t forgotten = cache_.lock()->forgotten;
  auto opened = files_.open(path(id));
  if (!opened) return opened.error();
  auto file = std::make_shared<ExtentFile>(std::move(*opened));
  auto cache = cache_.lock();
  if (cache->forgotten != forgotten) return file;
  if (auto found = cache->handles.find(id); found != cache->handles.end()) return found->second.file;
  insert(*cache, id, file);
  return file;
}

Result<void> ExtentFiles::unlink(const std::vector<ExtentId>& ids) {
  for (ExtentId id : ids)
    if (auto removed = remove(id); !removed && removed.error() != IoErrc::NotFound) return removed;
  if (mutant("punch_not_synced")) return {};
  return files_.sync_dir(directory_);
}

void ExtentFiles::unlink_soon(ExtentId id) {
  (void)remove(id);
}

Result<void> ExtentFiles::remove(ExtentId id) {
  auto removed = files_.unlink(path(id));
  forget(id);
  return removed;
}

void ExtentFiles::forget(ExtentId id) {
  auto cache = cache_.lock();
  ++cache->forgotten;
  auto found = cache->handles.find(id);
  if (found == cache->handles.end()) return;
  if (!found->second.kept) cache->recent.erase(found->second.place);
  cache->handles.erase(found);
}

}  // namespace beffroi::storage
