// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "crypto/check.h"
#include "crypto/errors.h"
#include "storage/index/page_file.h"

namespace beffroi::storage {
namespace {

using crypto::kPageBytes;
using crypto::kPagePayloadBytes;

constexpr std::size_t kPagesPerRead = 16;  // 64 KiB of the stack, one read(2)

bool is_damage(error_code error) {
  return error == make_error_code(crypto::Errc::Unauthentic);
}

}  // namespace

Result<SealedPages> SealedPages::open(std::unique_ptr<File> file, const PageFileOwner& owner) {
  const auto size = file->size();
  if (!size) return size.error();
  SealedPages pages;
  pages.file_ = std::move(file);
  if (*size < kPageBytes) return pages;
  if (*size / kPageBytes > std::numeric_limits<std::uint32_t>::max()) return crypto::Errc::BadFormat;
  pages.end_ = static_cast<std::uint32_t>(*size / kPageBytes);
  pages.ragged_ = *size % kPageBytes != 0;

  std::array<char, kPageBytes> zero;
  if (auto loaded = pages.load(0, zero); !loaded) return loaded.error();
  const auto salt = decode_page_zero(BytesView(zero.data(), zero.size()), owner.store_uuid);
  if (!salt) return salt.error();
  pages.sealer_.emplace(crypto::page_file_key(owner.key, *salt));
  return pages;
}

Result<void> SealedPages::load(std::uint32_t first, MutableBytes raw) const {
  const auto count = file_->read(std::uint64_t{first} * kPageBytes, raw);
  if (!count) return count.error();
  if (*count != raw.size()) return crypto::Errc::Unauthentic;  // it was longer when it was opened
  return {};
}

Result<crypto::OpenedPage> SealedPages::unseal(std::uint32_t number, BytesView raw,
                                               MutableBytes payload) const {
  return sealer_->open(number, raw, payload);
}

Result<crypto::OpenedPage> SealedPages::read(std::uint32_t number, MutableBytes payload) const {
  std::array<char, kPageBytes> raw;
  if (auto loaded = load(number, raw); !loaded) return loaded.error();
  return unseal(number, BytesView(raw.data(), raw.size()), payload);
}

Result<std::unique_ptr<TableReader>> TableReader::open(std::unique_ptr<File> file,
                                                       const PageFileOwner& owner) {
  auto pages = SealedPages::open(std::move(file), owner);
  if (!pages) return pages.error();
  if (pages->ragged()) return crypto::Errc::Unauthentic;
  if (pages->end() < 2) return std::make_unique<TableReader>(std::move(*pages), 0);
  std::array<char, kPagePayloadBytes> payload;
  const std::uint32_t last = pages->end() - 1;
  const auto opened = pages->read(last, payload);
  if (!opened) return opened.error();
  const std::uint64_t size = std::uint64_t{last - 1} * kPagePayloadBytes + opened->length;
  return std::make_unique<TableReader>(std::move(*pages), size);
}

Result<std::size_t> TableReader::read(std::uint64_t offset, MutableBytes out) const {
  if (offset >= size_) return std::size_t{0};
  out = out.first(std::min<std::uint64_t>(out.size(), size_ - offset));
  std::array<char, kPagesPerRead * kPageBytes> raw;
  std::size_t done = 0;
  while (done < out.size()) {
    const auto first = static_cast<std::uint32_t>(1 + (offset + done) / kPagePayloadBytes);
    const auto last = static_cast<std::uint32_t>(1 + (offset + out.size() - 1) / kPagePayloadBytes);
    const std::size_t count = std::min<std::size_t>(last - first + 1, kPagesPerRead);
    if (auto loaded = pages_.load(first, MutableBytes(raw).first(count * kPageBytes)); !loaded)
      return loaded.error();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t skip = (offset + done) % kPagePayloadBytes;
      const auto copied = read_page(first + static_cast<std::uint32_t>(i),
                                    {raw.data() + i * kPageBytes, kPageBytes}, skip, out.subspan(done));
      if (!copied) return copied.error();
      done += *copied;
    }
  }
  return done;
}

// Opens page `number` straight into `out` where all of it fits, else beside it; returns how many bytes of it `out` took.
Result<std::size_t> TableReader::read_page(std::uint32_t number, BytesView raw, std::size_t skip,
                                           MutableBytes out) const {
  const bool whole = skip == 0 && out.size() >= kPagePayloadBytes;
  std::array<char, kPagePayloadBytes> beside;
  const MutableBytes payload = whole ? out.first(kPagePayloadBytes) : MutableBytes(beside);
  const auto opened = pages_.unseal(number, raw, payload);
  if (!opened) return opened.error();
  const std::uint64_t expected =
      std::min<std::uint64_t>(size_ - std::uint64_t{number - 1} * kPagePayloadBytes, kPagePayloadBytes);
  if (opened->length != expected)
    return crypto::Errc::Unauthentic;  // a short page inside: its offsets would lie
  if (whole) return kPagePayloadBytes;
  const std::size_t copied = std::min<std::size_t>(opened->length - skip, out.size());
  std::copy_n(beside.data() + skip, copied, out.data());
  return copied;
}

Result<std::unique_ptr<SequenceReader>> SequenceReader::open(std::unique_ptr<File> file,
                                                             const PageFileOwner& owner, PageFileKind kind) {
  auto pages = SealedPages::open(std::move(file), owner);
  if (!pages) return pages.error();
  return std::make_unique<SequenceReader>(std::move(*pages), kind);
}

Result<std::size_t> SequenceReader::read(MutableBytes out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (rest_.empty()) {
      if (auto more = next_page(); !more) return more.error();
      if (rest_.empty()) break;
    }
    const std::size_t taken = std::min(rest_.size(), out.size() - done);
    std::copy_n(rest_.data(), taken, out.data() + done);
    rest_.remove_prefix(taken);
    done += taken;
  }
  return done;
}

Result<std::uint64_t> SequenceReader::skip(std::uint64_t bytes) {
  std::uint64_t done = 0;
  while (done < bytes) {
    if (rest_.empty()) {
      if (auto more = next_page(); !more) return more.error();
      if (rest_.empty()) break;
    }
    const std::size_t taken = std::min<std::uint64_t>(rest_.size(), bytes - done);
    rest_.remove_prefix(taken);
    done += taken;
  }
  return done;
}

// Fills rest_, or leaves it empty at the end.
Result<void> SequenceReader::next_page() {
  if (ended_) return {};
  if (next_ >= pages_.end()) {
    if (pages_.ragged() && kind_ != PageFileKind::Manifest) return crypto::Errc::Unauthentic;
    ended_ = true;
    return {};
  }
  const auto opened = pages_.read(next_, payload_);
  if (!opened && is_damage(opened.error()) && kind_ == PageFileKind::Manifest) {
    ended_ = true;
    return torn_tail(next_);
  }
  if (!opened) return opened.error();
  if (opened->length == 0) return crypto::Errc::BadFormat;  // nobody writes an empty page
  rest_ = BytesView(payload_.data(), opened->length);
  ++next_;
  return {};
}

// Success: what begins at page `bad` is a torn tail. A power cut may keep any of the pages written since the last sync, so a
// page that follows a bad one proves nothing by standing there; only one sealed after a sync that covered the bad one does.
Result<void> SequenceReader::torn_tail(std::uint32_t bad) const {
  std::array<char, kPagePayloadBytes> payload;
  for (std::uint32_t n = bad + 1; n < pages_.end(); ++n) {
    const auto later = pages_.read(n, payload);
    if (!later && !is_damage(later.error())) return later.error();
    if (later && later->synced > bad) return crypto::Errc::Unauthentic;
  }
  return {};
}

}  // namespace beffroi::storage
