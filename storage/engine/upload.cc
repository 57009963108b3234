// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/upload.h"

#include <initializer_list>

#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t {
  kBlob = 1,
  kStarted,
  kFields,
  kAlgorithm,
  kType,
  kPartsDigest,
  kVersionId,
  kEtag,
  kChecksumAlgorithm,
  kChecksumType,
  kChecksum,
  kCompleted,
  kVersioned,
  kNullVersion,
};

constexpr std::uint32_t bits(std::initializer_list<Tag> tags) {
  std::uint32_t all = 0;
  for (const Tag tag : tags) all |= 1u << tag;
  return all;
}
// What the writer never leaves out: of every upload, and of every outcome.
constexpr std::uint32_t kAlways = bits({kFields});
constexpr std::uint32_t kOutcome = bits({kPartsDigest, kVersionId, kEtag});
constexpr std::uint32_t kOnlyOutcome = kOutcome | bits({kChecksumAlgorithm, kChecksumType, kChecksum, kCompleted, kVersioned, kNullVersion});

bool known(ChecksumAlgorithm algorithm, ChecksumType type) {
  return algorithm <= kLastChecksumAlgorithm && type <= ChecksumType::Composite;
}

}  // namespace

Bytes encode(const Upload& u) {
  RecordWriter w;
  w.field(kBlob, raw(u.blob));
  w.field(kStarted, u.started_ms);
  w.field(kFields, encode(u.fields));
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
    w.field(kVersioned, static_cast<std::uint8_t>(u.outcome->versioned));
    w.field(kNullVersion, static_cast<std::uint8_t>(u.outcome->null_version));
  }
  return w.take();
}

Result<Upload> decode_upload(BytesView in) {
  Upload u;
  UploadOutcome o;
  std::uint32_t seen = 0;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kBlob: u.blob = BlobId{r.integer<std::uint64_t>()}; break;
      case kStarted: u.started_ms = r.integer<std::int64_t>(); break;
      case kFields: {
        auto fields = decode_object_fields(r.bytes());
        if (fields) u.fields = std::move(*fields);
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
      case kChecksum:
        if (r.bytes().empty()) r.fail(crypto::Errc::BadFormat);
        o.checksum.value = r.bytes();
        break;
      case kCompleted: o.completed_ms = r.integer<std::int64_t>(); break;
      case kVersioned: o.versioned = r.flag(); break;
      case kNullVersion: o.null_version = r.flag(); break;
      default: r.unknown();
    }
    if (r.tag() <= kNullVersion) seen |= 1u << r.tag();
  }
  if (auto s = r.status(); !s) return s.error();
  if (!known(u.checksum_algorithm, u.checksum_type) || !known(o.checksum.algorithm, o.checksum.type)) {
    return crypto::Errc::NewerFormat;
  }
  if ((seen & kAlways) != kAlways) return crypto::Errc::BadFormat;
  if ((seen & kOnlyOutcome) == 0) return u;
  if ((seen & kOutcome) != kOutcome) return crypto::Errc::BadFormat;
  u.outcome = std::move(o);
  return u;
}

}  // namespace beffroi::storage
