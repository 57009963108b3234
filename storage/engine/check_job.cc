// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/check_job.h"

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t { kStarted = 1, kEnded, kPace, kPlace, kFindings };

}  // namespace

Bytes encode(const CheckJob& job) {
  RecordWriter out;
  out.field(kStarted, static_cast<std::uint64_t>(job.started_ms));
  out.field(kEnded, static_cast<std::uint64_t>(job.ended_ms));
  out.field(kPace, job.bytes_per_second);
  if (job.place) {
    Bytes place;
    append_be(place, raw(job.place->collectivity));
    append_be(place, raw(job.place->blob));
    append_be(place, job.place->part);
    out.field(kPlace, place);
  }
  Bytes findings;  // each with its length before it
  for (const std::string& finding : job.findings) {
    append_le(findings, static_cast<std::uint32_t>(finding.size()));
    findings += finding;
  }
  if (!findings.empty()) out.field(kFindings, findings);
  return out.take();
}

Result<CheckJob> decode_check_job(BytesView record) {
  CheckJob job;
  RecordReader in(record);
  while (in.next()) {
    switch (in.tag()) {
      case kStarted: job.started_ms = static_cast<std::int64_t>(in.integer<std::uint64_t>()); break;
      case kEnded: job.ended_ms = static_cast<std::int64_t>(in.integer<std::uint64_t>()); break;
      case kPace: job.bytes_per_second = in.integer<std::uint64_t>(); break;
      case kPlace: {
        ByteReader r(in.bytes());
        BodyPlace place{CollectivityId{r.be<std::uint32_t>()}, BlobId{r.be<std::uint64_t>()}, r.be<std::uint16_t>()};
        if (!r.at_end()) in.fail(crypto::Errc::BadFormat);
        job.place = place;
        break;
      }
      case kFindings: {
        ByteReader r(in.bytes());
        while (r.ok() && !r.rest().empty()) {
          const auto size = r.le<std::uint32_t>();
          job.findings.emplace_back(r.take(size));
        }
        if (!r.at_end() || job.findings.empty()) in.fail(crypto::Errc::BadFormat);
        break;
      }
      default: in.unknown();
    }
  }
  if (auto status = in.status(); !status) return status.error();
  return job;
}

}  // namespace beffroi::storage
