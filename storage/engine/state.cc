// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/state.h"

#include "storage/index/record.h"

namespace beffroi::storage {

Bytes encode(const StoreState& s) {
  Bytes out(1, static_cast<char>(kRecordVersion));
  append_le(out, raw(s.applied));
  append_le(out, static_cast<std::uint64_t>(s.time_ms));
  append_le(out, raw(s.next_collectivity));
  append_le(out, raw(s.next_bucket));
  append_le(out, raw(s.next_user));
  append_le(out, raw(s.next_extent));
  append_le(out, s.next_job);
  append_le(out, s.blob_lease);
  append_le(out, s.epoch);
  return out;
}

Result<StoreState> decode_state(BytesView in) {
  ByteReader r(in);
  if (r.le<std::uint8_t>() != kRecordVersion) return crypto::Errc::NewerFormat;
  StoreState s;
  s.applied = Sequence{r.le<std::uint64_t>()};
  s.time_ms = static_cast<std::int64_t>(r.le<std::uint64_t>());
  s.next_collectivity = CollectivityId{r.le<std::uint32_t>()};
  s.next_bucket = BucketId{r.le<std::uint32_t>()};
  s.next_user = UserId{r.le<std::uint32_t>()};
  s.next_extent = ExtentId{r.le<std::uint32_t>()};
  s.next_job = r.le<std::uint64_t>();
  s.blob_lease = r.le<std::uint64_t>();
  s.epoch = r.le<std::uint64_t>();
  if (!r.at_end()) return crypto::Errc::BadFormat;
  return s;
}

Bytes encode(const StoreFormat& f) {
  Bytes out(1, static_cast<char>(kRecordVersion));
  out += f.uuid;
  out.push_back(static_cast<char>(f.min_reader));
  out.push_back(static_cast<char>(f.high_water));
  return out;
}

Result<StoreFormat> decode_format(BytesView in) {
  ByteReader r(in);
  if (r.le<std::uint8_t>() != kRecordVersion) return crypto::Errc::NewerFormat;
  StoreFormat f;
  f.uuid = r.take(16);
  f.min_reader = r.le<std::uint8_t>();
  const auto high_water = r.le<std::uint8_t>();
  if (!r.at_end() || high_water > 1) return crypto::Errc::BadFormat;
  f.high_water = high_water == 1;
  return f;
}

Bytes encode_flushed(Sequence s) {
  Bytes out(1, static_cast<char>(kRecordVersion));
  append_le(out, raw(s));
  return out;
}

Result<Sequence> decode_flushed(BytesView in) {
  ByteReader r(in);
  if (r.le<std::uint8_t>() != kRecordVersion) return crypto::Errc::NewerFormat;
  const Sequence s{r.le<std::uint64_t>()};
  if (!r.at_end()) return crypto::Errc::BadFormat;
  return s;
}

}  // namespace beffroi::storage
