// SPDX-License-Identifier: EUPL-1.2
// One file of the commit log, open: its header, its key and what is known of its frames; reading and sealing of single frames.
// The rules of the log as a whole are commit_log's. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crypto/aead.h"
#include "crypto/key_hierarchy.h"
#include "storage/io/files.h"
#include "storage/log/log_format.h"

namespace beffroi::storage {

struct LogFile {
  LogFile(std::string name, const LogHeader&, std::unique_ptr<File>, const crypto::LogKey&);

  std::string name;
  LogHeader header;
  std::unique_ptr<File> file;
  crypto::Aes256Gcm cipher;
  Sequence last;                        // of its last good frame; the one before `header.first` without any
  std::uint64_t end = kLogHeaderBytes;  // after its last good frame
};

// Opens `directory`/`name` and checks its header against the name and the store. BadFormat, NewerFormat; or the I/O error.
Result<std::unique_ptr<LogFile>> open_log_file(Files&, const std::string& directory, const std::string& name,
                                               BytesView store_uuid, const crypto::LogKey&);

// An authentic frame. The body is the reader's and is overwritten by its next call.
struct Frame {
  FrameHeader header;
  LogTag tag{};
  BytesView body;
  std::uint64_t bytes() const { return frame_bytes(body.size()); }
};

// Reads frames through a window, so that a file is never held whole.
class FrameReader {
 public:
  static Result<FrameReader> of(LogFile&);
  // The authentic frame at `position`, if there is one.
  Result<std::optional<Frame>> at(std::uint64_t position);
  // The first authentic frame at `position` or at any later multiple of kLogBlockBytes.
  Result<std::optional<Frame>> find(std::uint64_t position);
  // What stands there in clear, authentic or not.
  Result<std::optional<FrameHeader>> claim(std::uint64_t position);

 private:
  FrameReader(LogFile&, std::uint64_t file_bytes);
  Result<BytesView> view(std::uint64_t position, std::uint64_t length);

  LogFile* log_;
  std::uint64_t file_bytes_;
  Bytes window_;
  std::uint64_t window_at_ = 0;
  Bytes body_;
};

// Replaces `out` by the frame, zero-padded to frame_bytes(); returns its tag.
LogTag seal_frame(LogFile&, const FrameHeader&, BytesView body, Bytes& out);

}  // namespace beffroi::storage
