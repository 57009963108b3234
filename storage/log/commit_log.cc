// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/commit_log.h"

#include <algorithm>

#include "crypto/check.h"
#include "crypto/errors.h"
#include "crypto/random.h"
#include "storage/log/log_file.h"
#include "storage/log/log_format.h"
#include "storage/log/log_scan.h"
#include "storage/log/spare_files.h"
#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

class LogCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "log"; }
  std::string message(int value) const override {
    switch (static_cast<LogErrc>(value)) {
      case LogErrc::Lost:
        return "an acknowledged frame of the commit log is missing or damaged";
      case LogErrc::BadHeader:
        return "the header of a log file does not authenticate";
      case LogErrc::TooLarge:
        return "the frame is too large";
    }
    return "unknown";
  }
};

enum class Phase { New, Scanned, Begun };

}  // namespace

const boost::system::error_category& log_category() {
  static const LogCategory category;
  return category;
}

struct CommitLog::Impl {
  Impl(Files& all_files, CommitLogOptions chosen, Bytes uuid, const crypto::LogKey& log_key)
      : files(all_files),
        options(std::move(chosen)),
        store_uuid(std::move(uuid)),
        key(log_key.clone()),
        spares(files, options.directory, options.file_bytes, options.prepare_ahead) {}

  Result<void> roll(Sequence first, const LogTag& before);
  Result<void> write_frame(Sequence sequence, const LogTag& before, BytesView body);
  Result<void> remove(std::vector<std::unique_ptr<LogFile>> gone, bool keep_as_spare);
  Result<void> sync_directory() { return files.sync_dir(options.directory); }

  Files& files;
  const CommitLogOptions options;
  const Bytes store_uuid;
  const crypto::LogKey key;
  SpareFiles spares;

  Phase phase = Phase::New;
  bool broken = false;  // an outcome is unknown
  std::string closed_reason;
  std::optional<LogLoss> loss;
  Sequence ceiling{0};
  std::vector<std::string> lost_files, unreadable;  // names, with a loss; the latter have no LogFile
  std::uint64_t epoch = 0;
  Sequence last{0};
  LogTag tag{};                        // of the last good frame
  std::optional<LastFrame> to_repeat;  // until begin_epoch()
  std::vector<std::unique_ptr<LogFile>>
      files_;  // oldest first; begin_epoch() and append() write to the last one
  Bytes buffer;
};

// Opens the file whose first frame will be `first`. Each step leaves a directory that a start understands:
Result<void> CommitLog::Impl::roll(Sequence first, const LogTag& before) {
  LogHeader header;
  std::copy(store_uuid.begin(), store_uuid.end(), header.store_uuid.begin());
  header.epoch = epoch;
  header.first = first;
  header.previous = before;
  crypto::random_fill(header.salt);
  const std::string name = log_file_name({epoch, first});
  // 1 a spare: nobody reads it.
  Result<SpareFiles::Taken> spare = spares.take();
  if (!spare) return spare.error();
  // 2 the header, durable before the name says that there is one. Crash: a spare with another content.
  if (const auto r = spare->file->write(0, encode_log_header(header)); !r) return r;
  if (const auto r = spare->file->sync(); !r) return r;
  // 3 the name, durable before a frame rests on it. Crash: a log file without a frame, which continues the one before.
  const std::string from = options.directory + "/" + spare->name;
  if (const auto r = files.rename(from, options.directory + "/" + name); !r) return r;
  if (const auto r = sync_directory(); !r) return r;
  files_.push_back(std::make_unique<LogFile>(name, header, std::move(spare->file), key));
  return {};
}

Result<void> CommitLog::Impl::write_frame(Sequence sequence, const LogTag& before, BytesView body) {
  LogFile& file = *files_.back();
  const auto sealed =
      seal_frame(file, {sequence, static_cast<std::uint32_t>(body.size()), before}, body, buffer);
  if (const auto r = file.file->write(file.end, buffer); !r) return r;
  if (const auto r = file.file->sync(); !r) return r;
  file.end += buffer.size();
  file.last = sequence;
  last = sequence;
  tag = sealed;
  return {};
}

// Oldest first, each one durable before the next: two removals that a power cut could keep in another order would leave a log
// that begins before its hole.
Result<void> CommitLog::Impl::remove(std::vector<std::unique_ptr<LogFile>> gone, bool keep_as_spare) {
  std::vector<std::uint64_t> adopted;
  for (const std::unique_ptr<LogFile>& file : gone) {
    const std::string path = options.directory + "/" + file->name;
    file->file.reset();
    if (keep_as_spare && spares.ready() < options.spares_max) {
      const std::uint64_t number = spares.next_number();
      if (const auto r = files.rename(path, options.directory + "/" + spare_file_name(number)); !r) return r;
      adopted.push_back(number);
    } else if (const auto r = files.unlink(path); !r) {
      return r;
    }
    if (mutant("one_sync_dir") && file != gone.back()) continue;
    if (const auto r = sync_directory(); !r) return r;
    for (const std::uint64_t number : adopted) spares.adopt(number);
    adopted.clear();
  }
  return {};
}

CommitLog::CommitLog(Files& files, CommitLogOptions options, Bytes store_uuid, const crypto::LogKey& key)
    : impl_(std::make_unique<Impl>(files, std::move(options), std::move(store_uuid), key)) {
  CHECK(impl_->store_uuid.size() == kLogUuidBytes);
  CHECK(impl_->options.file_bytes >= 2 * kLogBlockBytes);
}

CommitLog::~CommitLog() = default;

Result<ScanResult> CommitLog::scan(const LogExpectation& expected) {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::New);
  if (const auto r = log.sync_directory(); !r) return r.error();
  LogScan scan(log.files, log.options.directory, log.store_uuid, log.key);
  const Result<ScanResult> result = scan.run(expected);
  log.closed_reason = scan.closed_reason();
  log.loss = scan.loss();
  if (!result) return result.error();
  log.ceiling = result->ceiling;
  log.lost_files = scan.lost_files();
  log.unreadable = scan.unreadable();
  for (const std::uint64_t number : scan.spares()) log.spares.adopt(number);
  log.files_ = scan.take_files();
  log.to_repeat = scan.take_last_frame();
  log.last = result->last;
  log.tag = scan.last_tag();
  log.epoch = std::max(result->epoch, expected.epoch);
  log.phase = Phase::Scanned;
  return result;
}

const std::string& CommitLog::closed_reason() const {
  return impl_->closed_reason;
}

const std::optional<LogLoss>& CommitLog::loss() const {
  return impl_->loss;
}

Result<std::uint64_t> CommitLog::begin_epoch_after_loss() {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::Scanned && !log.broken && log.loss);
  log.broken = true;
  for (const std::string& name : log.lost_files) {
    const auto kept = log.files.link(log.options.directory + "/" + name, log.options.directory + "/lost-" + name);
    if (!kept && kept.error() != IoErrc::Exists) return kept.error();  // there already: an attempt before this one
  }
  if (const auto r = log.sync_directory(); !r) return r.error();
  ++log.epoch;
  log.last = log.ceiling;
  log.to_repeat.reset();
  if (const auto r = log.roll(next(log.last), LogTag{}); !r) return r.error();
  log.tag = LogTag{};
  log.broken = false;
  log.phase = Phase::Begun;
  return log.epoch;
}

Result<std::uint64_t> CommitLog::begin_epoch() {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::Scanned && !log.broken && !log.loss);
  log.broken = true;
  ++log.epoch;
  if (log.to_repeat && !mutant("no_repeat_last_frame")) {
    // The last good frame may stand only in the page cache: its process was killed, or told of an error, before its fdatasync
    // ended. It is made true here, in a file of ours, before any row of it reaches a table.
    const LastFrame frame = std::move(*log.to_repeat);
    if (const auto r = log.roll(frame.header.sequence, frame.header.previous); !r) return r.error();
    const auto written = log.write_frame(frame.header.sequence, frame.header.previous, frame.body);
    if (!written) return written.error();
  } else {
    if (const auto r = log.roll(next(log.last), log.tag); !r) return r.error();
  }
  log.to_repeat.reset();
  log.broken = false;
  log.phase = Phase::Begun;
  return log.epoch;
}

Result<void> CommitLog::replay(Sequence after, const Visit& visit) {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::Begun);
  for (const std::unique_ptr<LogFile>& file : log.files_) {
    if (file->header.epoch == log.epoch || file->last <= after) continue;
    Result<FrameReader> reader = FrameReader::of(*file);
    if (!reader) return reader.error();
    for (std::uint64_t at = kLogHeaderBytes; at < file->end;) {
      const Result<std::optional<Frame>> frame = reader->at(at);
      if (!frame) return frame.error();
      if (!*frame) {
        log.closed_reason = file->name + ": a frame that was read before no longer authenticates";
        return LogErrc::Lost;
      }
      at += (*frame)->bytes();
      // A later epoch's first frame repeats one that was visited.
      if ((*frame)->header.sequence <= after) continue;
      after = (*frame)->header.sequence;
      if (const auto r = visit(after, (*frame)->body); !r) return r;
    }
  }
  return {};
}

Result<void> CommitLog::remove_older_files() {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::Begun);
  const auto ours = std::find_if(log.files_.begin(), log.files_.end(),
                                 [&](const auto& file) { return file->header.epoch == log.epoch; });
  std::vector<std::unique_ptr<LogFile>> gone(std::make_move_iterator(log.files_.begin()),
                                             std::make_move_iterator(ours));
  log.files_.erase(log.files_.begin(), ours);
  for (const std::string& name : std::exchange(log.unreadable, {})) {
    if (const auto r = log.files.unlink(log.options.directory + "/" + name); !r) return r;
  }
  return log.remove(std::move(gone), false);
}

Result<Sequence> CommitLog::append(BytesView body) {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::Begun);
  if (log.broken) return IoErrc::Io;
  if (body.size() > kFrameBodyBytesMax) return LogErrc::TooLarge;
  log.broken = true;
  const LogFile& current = *log.files_.back();
  const bool fits = current.end + frame_bytes(body.size()) <= log.options.file_bytes;
  if (!fits && current.end > kLogHeaderBytes) {
    if (const auto r = log.roll(next(log.last), log.tag); !r) {
      // Without room no file was begun: nothing is in doubt.
      log.broken = r.error() != IoErrc::NoSpace;
      return r.error();
    }
  }
  if (const auto r = log.write_frame(next(log.last), log.tag, body); !r) return r.error();
  log.broken = false;
  return log.last;
}

Result<void> CommitLog::reclaim(Sequence upto) {
  Impl& log = *impl_;
  CHECK(log.phase == Phase::Begun);
  if (log.broken) return IoErrc::Io;
  auto keep = log.files_.begin();
  while (keep + 1 != log.files_.end() && (*keep)->last <= upto) ++keep;
  std::vector<std::unique_ptr<LogFile>> gone(std::make_move_iterator(log.files_.begin()),
                                             std::make_move_iterator(keep));
  log.files_.erase(log.files_.begin(), keep);
  const Result<void> removed = log.remove(std::move(gone), true);
  log.broken = !removed;
  return removed;
}

Sequence CommitLog::last() const {
  return impl_->last;
}

std::uint64_t CommitLog::epoch() const {
  return impl_->epoch;
}

std::uint64_t CommitLog::bytes_since_reclaim() const {
  std::uint64_t sum = 0;
  for (const auto& file : impl_->files_) sum += file->end - kLogHeaderBytes;
  return sum;
}

}  // namespace beffroi::storage
