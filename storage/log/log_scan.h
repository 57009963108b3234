// SPDX-License-Identifier: EUPL-1.2
// The judgement of a start over the log's files: which frames are good, whether what follows them is torn (ignored) or lost
// (closed). Rules in docs/formats.md "Commit log", **Start**; commit_log acts on the result. One use, one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/log/commit_log.h"
#include "storage/log/log_file.h"

namespace beffroi::storage {

struct LastFrame {
  FrameHeader header;
  Bytes body;
};

class LogScan {
 public:
  LogScan(Files&, std::string directory, BytesView store_uuid, const crypto::LogKey&);

  // Lost, BadHeader, crypto::Errc::NewerFormat (all with a closed_reason()), or the I/O error.
  Result<ScanResult> run(const LogExpectation&);
  const std::string& closed_reason() const { return closed_reason_; }
  const std::optional<LogLoss>& loss() const { return loss_; }
  // With a loss: the names of the files from the gap on, and of those among them whose header does not authenticate.
  const std::vector<std::string>& lost_files() const { return lost_files_; }
  const std::vector<std::string>& unreadable() const { return unreadable_; }

  const std::vector<std::uint64_t>& spares() const { return spares_; }
  std::vector<std::unique_ptr<LogFile>> take_files() { return std::move(files_); }
  // nullopt when no frame is good.
  std::optional<LastFrame> take_last_frame() { return std::move(last_frame_); }
  const LogTag& last_tag() const { return tag_; }

 private:
  Result<void> open_files();
  Result<ScanResult> follow_all(const LogExpectation&);
  Result<ScanResult> give_up(const LogExpectation&);
  Result<void> follow(LogFile& file, bool first_file, FrameReader& reader);
  Result<void> judge_end(LogFile& file, FrameReader& reader);
  bool continues(const LogFile& file, const LogFile& before) const;
  bool is_next(const Frame& frame) const;
  bool is_repeat(const Frame& frame) const;
  error_code closed(LogErrc, std::string reason);
  error_code lost(Sequence from, Sequence to, const std::string& proof);

  Files& disk_;
  const std::string directory_;
  const Bytes store_uuid_;
  const crypto::LogKey& key_;
  std::string closed_reason_;
  std::optional<LogLoss> loss_;
  std::size_t first_lost_ = 0;  // of files_: the one with the gap, and those after it
  std::vector<std::string> lost_files_, unreadable_;
  std::vector<std::uint64_t> spares_;
  std::vector<std::unique_ptr<LogFile>> files_;
  ScanResult result_;
  LogTag tag_{};                         // of the last good frame
  std::optional<LastFrame> last_frame_;  // the good frame at result_.last
};

}  // namespace beffroi::storage
