// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/log_file.h"

#include <algorithm>

#include "crypto/check.h"
#include "crypto/errors.h"

namespace beffroi::storage {
namespace {

constexpr std::uint64_t kWindowBytes = 1u << 20;

template <std::size_t n>
BytesView view_of(const std::array<char, n>& bytes) {
  return {bytes.data(), n};
}

}  // namespace

LogFile::LogFile(std::string name_of, const LogHeader& its_header, std::unique_ptr<File> open_file,
                 const crypto::LogKey& key)
    : name(std::move(name_of)),
      header(its_header),
      file(std::move(open_file)),
      cipher(crypto::log_file_key(key, view_of(header.salt)).reveal()),
      last(Sequence{raw(header.first) - 1}) {}

Result<std::unique_ptr<LogFile>> open_log_file(Files& files, const std::string& directory,
                                               const std::string& name, BytesView store_uuid,
                                               const crypto::LogKey& key) {
  Result<std::unique_ptr<File>> file = files.open(directory + "/" + name);
  if (!file) return file.error();
  Bytes block(kLogHeaderBytes, '\0');
  const Result<std::size_t> count = (*file)->read(0, block);
  if (!count) return count.error();
  if (*count != block.size()) return crypto::Errc::BadFormat;
  const Result<LogHeader> header = decode_log_header(block);
  if (!header) return header.error();
  if (parse_log_file_name(name) != LogName{header->epoch, header->first}) return crypto::Errc::BadFormat;
  if (view_of(header->store_uuid) != store_uuid || raw(header->first) == 0) return crypto::Errc::BadFormat;
  return std::make_unique<LogFile>(name, *header, std::move(*file), key);
}

FrameReader::FrameReader(LogFile& log, std::uint64_t file_bytes) : log_(&log), file_bytes_(file_bytes) {}

Result<FrameReader> FrameReader::of(LogFile& log) {
  const Result<std::uint64_t> size = log.file->size();
  if (!size) return size.error();
  return FrameReader(log, *size);
}

// The caller has made sure that the range lies inside the file.
Result<BytesView> FrameReader::view(std::uint64_t position, std::uint64_t length) {
  if (position < window_at_ || position + length > window_at_ + window_.size()) {
    window_.resize(std::min(std::max(length, kWindowBytes), file_bytes_ - position));
    window_at_ = position;
    const Result<std::size_t> count = log_->file->read(position, window_);
    if (!count) return count.error();
    if (*count != window_.size()) return IoErrc::Io;  // the file became shorter under us
  }
  return BytesView(window_).substr(position - window_at_, length);
}

Result<std::optional<FrameHeader>> FrameReader::claim(std::uint64_t position) {
  if (position + kFrameOverheadBytes > file_bytes_) return std::nullopt;
  const Result<BytesView> bytes = view(position, kFrameHeaderBytes);
  if (!bytes) return bytes.error();
  const Result<FrameHeader> header = decode_frame_header(*bytes);
  if (!header || position + kFrameOverheadBytes + header->body_bytes > file_bytes_) return std::nullopt;
  return std::optional<FrameHeader>(*header);
}

Result<std::optional<Frame>> FrameReader::at(std::uint64_t position) {
  const Result<std::optional<FrameHeader>> header = claim(position);
  if (!header) return header.error();
  if (!*header) return std::nullopt;
  const Result<BytesView> bytes = view(position, kFrameOverheadBytes + (*header)->body_bytes);
  if (!bytes) return bytes.error();
  const BytesView aad = bytes->substr(0, kFrameHeaderBytes);
  const BytesView sealed = bytes->substr(kFrameHeaderBytes);
  body_.resize((*header)->body_bytes);
  if (!log_->cipher.open(view_of(frame_nonce((*header)->sequence)), aad, sealed, body_)) return std::nullopt;
  Frame frame{**header, {}, body_};
  std::copy_n(sealed.end() - kLogTagBytes, kLogTagBytes, frame.tag.begin());
  return std::optional<Frame>(frame);
}

Result<std::optional<Frame>> FrameReader::find(std::uint64_t position) {
  for (; position + kFrameOverheadBytes <= file_bytes_; position += kLogBlockBytes) {
    Result<std::optional<Frame>> frame = at(position);
    if (!frame || *frame) return frame;
  }
  return std::nullopt;
}

LogTag seal_frame(LogFile& log, const FrameHeader& header, BytesView body, Bytes& out) {
  CHECK(header.body_bytes == body.size() && body.size() <= kFrameBodyBytesMax);
  const std::size_t used = kFrameOverheadBytes + body.size();
  out.resize(frame_bytes(body.size()));
  const auto clear = encode_frame_header(header);
  std::copy(clear.begin(), clear.end(), out.begin());
  const MutableBytes sealed(out.data() + kFrameHeaderBytes, body.size() + kLogTagBytes);
  log.cipher.seal(view_of(frame_nonce(header.sequence)), view_of(clear), body, sealed);
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(used), out.end(), '\0');
  LogTag tag;
  std::copy_n(sealed.end() - kLogTagBytes, kLogTagBytes, tag.begin());
  return tag;
}

}  // namespace beffroi::storage
