// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/metering.h"

#include "crypto/check.h"
#include "crypto/errors.h"

namespace beffroi::storage {

void Usage::advance(std::int64_t now_ms) {
  CHECK(now_ms >= since_ms);
  integral += static_cast<unsigned __int128>(bytes) * static_cast<std::uint64_t>(now_ms - since_ms);
  since_ms = now_ms;
}

Bytes encode(const Usage& usage) {
  Bytes out;
  out.reserve(kUsageBytes);
  append_le(out, kUsageVersion);
  append_le(out, usage.bytes);
  append_le(out, usage.objects);
  append_le(out, usage.physical);
  append_le(out, usage.since_ms);
  append_le(out, usage.integral);
  append_le(out, usage.rows);
  out += usage.digest.bytes();
  return out;
}

Result<Usage> decode_usage(BytesView in) {
  if (in.empty()) return crypto::Errc::BadFormat;
  if (static_cast<std::uint8_t>(in[0]) > kUsageVersion) return crypto::Errc::NewerFormat;
  if (static_cast<std::uint8_t>(in[0]) != kUsageVersion || in.size() != kUsageBytes)
    return crypto::Errc::BadFormat;
  ByteReader reader(in.substr(1));
  Usage usage;
  usage.bytes = reader.le<std::uint64_t>();
  usage.objects = reader.le<std::uint64_t>();
  usage.physical = reader.le<std::uint64_t>();
  usage.since_ms = reader.le<std::int64_t>();
  usage.integral = reader.le<unsigned __int128>();
  usage.rows = reader.le<std::uint64_t>();
  auto digest = crypto::DigestSum::from_bytes(reader.rest());
  if (!digest) return digest.error();
  if (usage.since_ms < 0) return crypto::Errc::BadFormat;
  usage.digest = *digest;
  return usage;
}

}  // namespace beffroi::storage
