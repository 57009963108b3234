// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/record.h"

#include "crypto/check.h"

namespace beffroi::storage {

void RecordWriter::field(std::uint8_t tag, BytesView value) {
  CHECK(tag > last_);  // also: tag 0 does not exist
  last_ = tag;
  out_.push_back(static_cast<char>(tag));
  append_varint(out_, value.size());
  out_.append(value);
}

RecordReader::RecordReader(BytesView record) : in_(record) {
  const auto version = in_.le<std::uint8_t>();
  if (version > kRecordVersion) fail(crypto::Errc::NewerFormat);
  if (version != kRecordVersion) fail(crypto::Errc::BadFormat);  // also an empty record
}

bool RecordReader::next() {
  if (error_ || in_.at_end()) return false;
  const auto tag = in_.le<std::uint8_t>();
  const std::uint64_t length = in_.varint();
  value_ = in_.take(length);
  if (!in_.ok() || tag <= tag_) {
    fail(crypto::Errc::BadFormat);
    return false;
  }
  tag_ = tag;
  return true;
}

Result<void> RecordReader::status() const {
  if (error_) return error_;
  return {};
}

}  // namespace beffroi::storage
