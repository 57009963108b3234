// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/upload.h"

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t {
  kBlob = 1,
  kOwner,
  kStarted,
  kHeaders,
  kAlgorithm,
  kType,
  kPartsDigest,
  kVersionId,
  kEtag,
  kChecksumAlgorithm,
  kChecksumType,
  kChecksum,
  kCompleted,
};

}  // namespace

Bytes encode(const Upload& u) {
  RecordWriter w;
  w.field(kBlob, raw(u.blob));
  w.field(kOwner, u.owner);
  w.field(kStarted, u.started_ms);
  w.field(kHeaders, encode(u.headers));
  w.field(kAlgorithm, static_cast<std::uint8_t>(u.checksum_algorithm));
  w.field(kType, static_cast<std::uint8_t>(u.checksum_type));
  if (u.outcome) {
    w.field(kPartsDigest, u.outcome->parts_digest);
    w.field(kVersionId, u.outcome->version_id);
    w.field(kEtag, u.outcome->etag);
    w.field(kChecksumAlgorithm, static_cast<std::uint8_t>(u.outcome->checksum.algorithm));
    w.field(kChecksumType, static_cast<std::uint8_t>(u.outcome->checksum.type));
    if (!u.outcome->checksum.value.empty()) w.field(kChecksum, u.outcome->checksum.value);
    w.field(kCompleted, u.outcome->completed_ms);
  }
  return w.take();
}

Result<Upload> decode_upload(BytesView in) {
  Upload u;
  UploadOutcome o;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kBlob: u.blob = BlobId{r.integer<std::uint64_t>()}; break;
      case kOwner: u.owner = r.bytes(); break;
      case kStarted: u.started_ms = r.integer<std::int64_t>(); break;
      case kHeaders: {
        auto headers = decode_object_headers(r.bytes());
        if (headers) u.headers = std::move(*headers);
        else r.fail(crypto::Errc::BadFormat);
        break;
      }
      case kAlgorithm: u.checksum_algorithm = ChecksumAlgorithm{r.integer<std::uint8_t>()}; break;
      case kType: u.checksum_type = ChecksumType{r.integer<std::uint8_t>()}; break;
      case kPartsDigest: o.parts_digest = r.bytes(); break;
      case kVersionId: o.version_id = r.bytes(); break;
      case kEtag: o.etag = r.bytes(); break;
      case kChecksumAlgorithm: o.checksum.algorithm = ChecksumAlgorithm{r.integer<std::uint8_t>()}; break;
      case kChecksumType: o.checksum.type = ChecksumType{r.integer<std::uint8_t>()}; break;
      case kChecksum: o.checksum.value = r.bytes(); break;
      case kCompleted: o.completed_ms = r.integer<std::int64_t>(); break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  for (const auto algorithm : {u.checksum_algorithm, o.checksum.algorithm}) {
    if (algorithm > ChecksumAlgorithm::Sha256) return crypto::Errc::NewerFormat;
  }
  if (!o.etag.empty()) u.outcome = std::move(o);
  return u;
}

}  // namespace beffroi::storage
