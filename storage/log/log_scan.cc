// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/log_scan.h"

#include <algorithm>

#include "crypto/errors.h"
#include "storage/mutants.h"

namespace beffroi::storage {
namespace {

std::string number(Sequence s) {
  return std::to_string(raw(s));
}

std::string range(Sequence from, Sequence to) {
  return from >= to ? "frame " + number(from) : "frames " + number(from) + "-" + number(to);
}

Sequence before(Sequence s) {
  return Sequence{raw(s) - 1};
}

}  // namespace

LogScan::LogScan(Files& disk, std::string directory, BytesView store_uuid, const crypto::LogKey& key)
    : disk_(disk), directory_(std::move(directory)), store_uuid_(store_uuid), key_(key) {}

error_code LogScan::closed(LogErrc error, std::string reason) {
  closed_reason_ = std::move(reason);
  return error;
}

error_code LogScan::lost(Sequence from, Sequence to, const std::string& proof) {
  loss_ = LogLoss{from, std::max(from, to), range(from, to) + " of the commit log: missing or damaged; " + proof};
  return closed(LogErrc::Lost, loss_->reason);
}

Result<void> LogScan::open_files() {
  const Result<std::vector<DirectoryEntry>> entries = disk_.list(directory_);
  if (!entries) return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    if (const auto spare = parse_spare_file_name(entry.name)) spares_.push_back(*spare);
    if (!parse_log_file_name(entry.name)) continue;
    auto file = open_log_file(disk_, directory_, entry.name, store_uuid_, key_);
    if (!file && file.error().category() != crypto::category()) return file.error();
    if (!file && file.error() == crypto::Errc::NewerFormat) {
      closed_reason_ = entry.name + ": written by a later version";
      return file.error();
    }
    if (!file) {
      const Sequence first = parse_log_file_name(entry.name)->first;
      if (!loss_) loss_ = LogLoss{first, first, entry.name + ": its header is damaged or not of this store; it began with frame " + number(first)};
      unreadable_.push_back(entry.name);
      continue;
    }
    result_.epoch = std::max(result_.epoch, (*file)->header.epoch);
    files_.push_back(std::move(*file));
  }
  return {};
}

Result<ScanResult> LogScan::run(const LogExpectation& expected) {
  Result<ScanResult> followed = follow_all(expected);
  if (!expected.accept_loss || !loss_) return followed;
  if (!followed && followed.error() != LogErrc::Lost) return followed;
  return give_up(expected);
}

// The log ends where its first gap begins. Everything from the file of the gap on is evidence.
Result<ScanResult> LogScan::give_up(const LogExpectation& expected) {
  std::vector<std::string> names = unreadable_;
  for (std::size_t i = first_lost_; i < files_.size(); ++i) names.push_back(files_[i]->name);
  std::uint64_t ceiling = std::max({raw(result_.last), raw(expected.flushed), raw(expected.applied), raw(expected.high_water), raw(loss_->to)});
  for (const std::string& name : names) {
    const auto file = disk_.open(directory_ + "/" + name);
    if (!file) return file.error();
    const Result<std::uint64_t> bytes = (*file)->size();
    if (!bytes) return bytes.error();
    ceiling = std::max(ceiling, raw(parse_log_file_name(name)->first) + *bytes / kLogBlockBytes);  // a frame is a block or more
  }
  lost_files_ = std::move(names);
  result_.loss = loss_;
  result_.ceiling = Sequence{ceiling};
  return result_;
}

Result<ScanResult> LogScan::follow_all(const LogExpectation& expected) {
  if (const auto r = open_files(); !r) return r.error();
  if (!unreadable_.empty() && !expected.accept_loss) return closed(LogErrc::BadHeader, loss_->reason);
  const Sequence floor = mutant("ignore_flushed") ? expected.applied : expected.flushed;
  result_.last = floor;
  if (!files_.empty()) {
    if (expected.epoch > result_.epoch) {
      loss_ = LogLoss{{}, {}, "the log ends in epoch " + std::to_string(result_.epoch) + ", but epoch " +
                           std::to_string(expected.epoch) + " had begun: its files are missing"};
      if (!expected.accept_loss) return closed(LogErrc::Lost, loss_->reason);
    }
    const LogHeader& first = files_.front()->header;
    if (floor < before(first.first))
      return lost(next(floor), before(first.first), "the tables are older than the log");
    result_.last = before(first.first);
    tag_ = first.previous;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      LogFile& file = *files_[i];
      first_lost_ = i;
      if (i > 0 && !continues(file, *files_[i - 1])) {
        return lost(next(result_.last), std::max(next(result_.last), before(file.header.first)),
                    file.name + " comes after, and does not continue " + files_[i - 1]->name);
      }
      Result<FrameReader> reader = FrameReader::of(file);
      if (!reader) return reader.error();
      if (const auto r = follow(file, i == 0, *reader); !r) return r.error();
      if (const auto r = judge_end(file, *reader); !r) return r.error();
      first_lost_ = i + 1;
    }
  }
  if (result_.last < expected.high_water) {
    return lost(next(result_.last), expected.high_water,
                "the high-water mark proves that they were published");
  }
  const Sequence in_tables = std::max(expected.applied, expected.flushed);
  if (result_.last < in_tables) return lost(next(result_.last), in_tables, "the tables hold rows of them");
  return result_;
}

// A later file goes on where the good frames ended, or repeats the last of them in a later epoch.
bool LogScan::continues(const LogFile& file, const LogFile& earlier) const {
  if (file.header.first == next(result_.last) && file.header.previous == tag_) return true;
  if (file.header.epoch <= earlier.header.epoch || file.header.first != result_.last) return false;
  return !last_frame_ || file.header.previous == last_frame_->header.previous;
}

bool LogScan::is_next(const Frame& frame) const {
  return frame.header.sequence == next(result_.last) && frame.header.previous == tag_;
}

bool LogScan::is_repeat(const Frame& frame) const {
  if (frame.header.sequence != result_.last) return false;
  return !last_frame_ || frame.header.previous == last_frame_->header.previous;
}

// Takes the good frames of a file, up to the first place where the next one does not stand.
Result<void> LogScan::follow(LogFile& file, bool first_file, FrameReader& reader) {
  while (true) {
    const Result<std::optional<Frame>> frame = reader.at(file.end);
    if (!frame) return frame.error();
    if (!*frame) return {};
    const bool opens_file = file.end == kLogHeaderBytes;
    if (!is_next(**frame) && !(opens_file && !first_file && is_repeat(**frame))) return {};
    if ((*frame)->header.sequence > result_.last) ++result_.frames;
    result_.last = file.last = (*frame)->header.sequence;
    result_.bytes += (*frame)->bytes();
    tag_ = (*frame)->tag;
    file.end += (*frame)->bytes();
    last_frame_ = LastFrame{(*frame)->header, Bytes((*frame)->body)};
  }
}

// No good frame stands at file.end. Nothing was ever written after a frame that was not synced, so an authentic frame further on
// proves that what is missing here was acknowledged.
Result<void> LogScan::judge_end(LogFile& file, FrameReader& reader) {
  const Result<std::optional<FrameHeader>> claim = reader.claim(file.end);
  if (!claim) return claim.error();
  if (*claim && (*claim)->sequence == next(result_.last) && (*claim)->previous == tag_) result_.torn = true;
  const Result<std::optional<Frame>> stray = reader.find(file.end);
  if (!stray) return stray.error();
  if (!*stray) return {};
  const Sequence found = (*stray)->header.sequence;
  // A later epoch's file whose repeated frame is damaged: the frames after it cannot be tied to the earlier files.
  const bool repeat_missing = file.end == kLogHeaderBytes && file.header.first == result_.last;
  const Sequence from = repeat_missing ? result_.last : next(result_.last);
  return lost(from, std::max(from, before(found)),
              "frame " + number(found) + " stands after, in " + file.name);
}

}  // namespace beffroi::storage
