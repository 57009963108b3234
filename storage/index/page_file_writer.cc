// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <utility>

#include "crypto/check.h"
#include "crypto/crc.h"
#include "crypto/errors.h"
#include "crypto/random.h"
#include "storage/index/page_file.h"
#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

using crypto::kPageBytes;
using crypto::kPagePayloadBytes;

constexpr std::string_view kMagic = "BFPG";
constexpr std::size_t kCrcOffset = kPageBytes - sizeof(std::uint32_t);
constexpr std::size_t kWriteBytesMax = 16 * kPageBytes;  // of sealed pages held back for one write

}  // namespace

Bytes encode_page_zero(BytesView store_uuid, BytesView salt) {
  CHECK(store_uuid.size() == kStoreUuidBytes && salt.size() == kPageSaltBytes);
  Bytes page(kMagic);
  page.push_back(static_cast<char>(kPageFileVersion));
  page.append(store_uuid).append(salt);
  page.resize(kCrcOffset, '\0');
  append_le(page, crypto::crc32c(0, page));
  return page;
}

Result<Bytes> decode_page_zero(BytesView page, BytesView store_uuid) {
  if (page.size() != kPageBytes || !page.starts_with(kMagic)) return crypto::Errc::BadFormat;
  if (load_le<std::uint32_t>(page.data() + kCrcOffset) != crypto::crc32c(0, page.substr(0, kCrcOffset))) {
    return crypto::Errc::BadFormat;
  }
  ByteReader in(page.substr(kMagic.size(), kCrcOffset - kMagic.size()));
  const auto version = in.le<std::uint8_t>();
  if (version > kPageFileVersion) return crypto::Errc::NewerFormat;
  if (version != kPageFileVersion || in.take(kStoreUuidBytes) != store_uuid) return crypto::Errc::BadFormat;
  const Bytes salt(in.take(kPageSaltBytes));
  if (in.rest().find_first_not_of('\0') != BytesView::npos) return crypto::Errc::BadFormat;
  return salt;
}

PageFileWriter::PageFileWriter(std::unique_ptr<File> file, const PageFileOwner& owner, PageFileKind kind,
                               WaitForRoom wait_for_room)
    : file_(std::move(file)), owner_(owner), kind_(kind), wait_for_room_(std::move(wait_for_room)) {}

Result<void> PageFileWriter::append(BytesView data) {
  if (kind_ == PageFileKind::Table && short_page_ && !data.empty()) return crypto::Errc::BadFormat;
  size_ += data.size();
  while (!data.empty()) {
    if (open_page_.empty() && data.size() >= kPagePayloadBytes) {
      if (auto done = seal(data.substr(0, kPagePayloadBytes)); !done) return done;
      data.remove_prefix(kPagePayloadBytes);
      continue;
    }
    const std::size_t taken = std::min(kPagePayloadBytes - open_page_.size(), data.size());
    open_page_.append(data.substr(0, taken));
    data.remove_prefix(taken);
    if (open_page_.size() < kPagePayloadBytes) continue;
    if (auto done = seal_open_page(); !done) return done;
  }
  return {};
}

Result<void> PageFileWriter::sync() {
  const Bytes rewritten = mutant("page_rewritten_in_place") ? open_page_ : Bytes();
  if (auto done = close(); !done) return done;
  if (auto done = file_->sync(); !done) return done;
  synced_ = number_;
  if (!rewritten.empty()) {
    open_page_ = rewritten;
    --number_;
  }
  return {};
}

Result<void> PageFileWriter::close() {
  if (auto done = seal_open_page(); !done) return done;
  return write_sealed();
}

Result<void> PageFileWriter::seal_open_page() {
  if (open_page_.empty()) return {};
  if (auto done = seal(open_page_); !done) return done;
  short_page_ = open_page_.size() < kPagePayloadBytes;
  open_page_.clear();
  return {};
}

Result<void> PageFileWriter::seal(BytesView payload) {
  if (number_ == 0) {
    const Bytes salt = crypto::random_bytes(kPageSaltBytes);
    sealer_.emplace(crypto::page_file_key(owner_.key, salt));
    sealed_ = encode_page_zero(owner_.store_uuid, salt);
    number_ = 1;
  }
  sealed_.resize(sealed_.size() + kPageBytes);
  sealer_->seal(number_, synced_, payload, MutableBytes(sealed_).last(kPageBytes));
  ++number_;
  CHECK(number_ != 0);
  return sealed_.size() < kWriteBytesMax ? Result<void>() : write_sealed();
}

Result<void> PageFileWriter::write_sealed() {
  if (sealed_.empty()) return {};
  const std::uint64_t first = number_ - sealed_.size() / kPageBytes;
  if (auto done = write_with_room(wait_for_room_, [&] { return file_->write(first * kPageBytes, sealed_); }); !done) return done;
  sealed_.clear();
  return {};
}

}  // namespace beffroi::storage
