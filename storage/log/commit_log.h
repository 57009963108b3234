// SPDX-License-Identifier: EUPL-1.2
// The commit log: one fdatasync makes a group of rows true (docs/formats.md, "Commit log"; layout in log_format.h).
// Owned by the committer; one thread at a time. A start goes through scan(), begin_epoch(), replay(), remove_older_files(), in
// that order, and only then append() is allowed; nothing is served before.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/key_hierarchy.h"
#include "crypto/result.h"
#include "storage/ids.h"
#include "storage/io/files.h"

namespace beffroi::storage {

enum class LogErrc {
  Lost = 1,       // an acknowledged frame is missing or damaged: the appliance stays closed; scan() names the range
  BadHeader,      // a log file's header does not authenticate: closed
  TooLarge,       // a frame's body is over kFrameBodyBytesMax
};
const boost::system::error_category& log_category();
inline error_code make_error_code(LogErrc e) { return {static_cast<int>(e), log_category()}; }

// What the other rooms remember, which the log's files must agree with.
struct LogExpectation {
  Sequence flushed{0};             // `meta` "flushed": every table's files hold it
  Sequence applied{0};             // `meta` "state": a belt; no frame above the last good one may be in the tables
  std::uint64_t epoch = 0;         // max of `meta` and the high-water mark
  Sequence high_water{0};          // the highest sequence that a mark proves was published; 0 without one
  bool accept_loss = false;        // an operator gives up what is missing: the log ends where its first gap begins
};

// Frames that are missing, or that cannot be tied to those before.
struct LogLoss {
  Sequence from{0}, to{0};         // the last may be higher: nothing says where the log ended
  std::string reason;              // for people: the range, and what proves that it was there
};

struct ScanResult {
  Sequence last{0};                // of the last good frame (or `flushed` when there is no log)
  std::uint64_t epoch = 0;         // the highest epoch seen
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  bool torn = false;               // bytes of a frame in flight were ignored
  std::optional<LogLoss> loss;     // only with accept_loss
  Sequence ceiling{0};             // with a loss: no frame of this log can have had a higher sequence
};

struct CommitLogOptions {
  std::string directory;           // .../log
  std::uint64_t file_bytes = 64u << 20;
  std::size_t spares_max = 2;      // reclaimed files kept for reuse
  // Whether a thread zero-fills a spare when there is none; else a new file is only allocated. Off where a test counts operations.
  bool prepare_ahead = true;
};

class CommitLog {
 public:
  // `key` is copied into locked memory. Files are not touched before scan().
  CommitLog(Files&, CommitLogOptions, Bytes store_uuid, const crypto::LogKey& key);
  ~CommitLog();
  CommitLog(const CommitLog&) = delete;

  // Reads every file in name order and decides: good, torn (ignored) or lost. Lost and BadHeader: closed_reason() says which
  // file and range, for people, loss() which frames. crypto::Errc::NewerFormat: a later version wrote a header. Makes the
  // directory's names durable first (a killed process may have left its renames in the cache only) and writes nothing.
  Result<ScanResult> scan(const LogExpectation&);
  const std::string& closed_reason() const;
  const std::optional<LogLoss>& loss() const;

  // Opens the first file of epoch 1 + max(all seen) and repeats the last good frame in it, synced, before anything rests on it.
  Result<std::uint64_t> begin_epoch();
  // The same after a loss was accepted. Every file from the gap on gets a second name, lost-<name>, durable first; the epoch's
  // file begins above the ceiling of what was lost, so that no sequence is ever used twice, and repeats nothing. last() is then
  // the ceiling. Until remove_older_files() a crash leaves a log that is closed as before.
  Result<std::uint64_t> begin_epoch_after_loss();

  // Calls `visit` with each good frame above `after`, oldest first. The body view dies with the call.
  using Visit = std::function<Result<void>(Sequence, BytesView body)>;
  Result<void> replay(Sequence after, const Visit& visit);

  // Unlinks every file older than this epoch's, oldest first, sync_dir after each. After the tables were flushed; after a loss
  // only when this epoch's first frame, the record of it, is durable too.
  Result<void> remove_older_files();

  // Writes the next frame and waits for its fdatasync: the commit point. NoSpace: a new file was needed and there is no room for
  // it; nothing was written, call again when there is. Any other error but TooLarge is fatal for the process: the outcome is
  // unknown, and every later call answers Io.
  Result<Sequence> append(BytesView body);

  // Turns files whose every frame is <= `upto` into spares, oldest first, sync_dir after each. After `flushed` is durable.
  Result<void> reclaim(Sequence upto);

  Sequence last() const;                   // of the last durable frame
  std::uint64_t epoch() const;
  std::uint64_t bytes_since_reclaim() const;  // frames in the files that a start would replay

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What a body holds is append_row()'s and decode_rows()'s (log_format.h): the log itself carries any bytes.

}  // namespace beffroi::storage

template <>
struct boost::system::is_error_code_enum<beffroi::storage::LogErrc> : std::true_type {};
