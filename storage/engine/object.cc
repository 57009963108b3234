// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/object.h"

#include "crypto/customer_cipher.h"
#include "storage/index/record.h"

namespace beffroi::storage {
namespace {

enum Tag : std::uint8_t {
  kVersionId = 1,
  kSequence,
  kVersioned,
  kSize,
  kEtag,
  kChecksumAlgorithm,
  kChecksumType,
  kChecksum,
  kModified,
  kFields,
  kBlob,
  kInlineKey,
  kDeleteMarker,
  kNullSequence,
};

enum FieldTag : std::uint8_t {
  kOwner = 1,
  kHeaders,
  kTags,
  kAcl,
  kRetentionMode,
  kRetainUntil,
  kLegalHold,
  kCustomerCheck,
};

enum HeaderTag : std::uint8_t {
  kContentType = 1,
  kContentEncoding,
  kContentDisposition,
  kContentLanguage,
  kCacheControl,
  kExpires,
  kMetadata,
  kWebsiteRedirect,
};

}  // namespace

Bytes encode_pairs(const Pairs& pairs) {
  Bytes out;
  for (const auto& [name, value] : pairs) {
    append_varint(out, name.size());
    out += name;
    append_varint(out, value.size());
    out += value;
  }
  return out;
}

bool decode_pairs(BytesView in, Pairs& out) {
  ByteReader r(in);
  while (r.ok() && !r.at_end()) {
    std::string name(r.take(r.varint()));
    std::string value(r.take(r.varint()));
    out.emplace_back(std::move(name), std::move(value));
  }
  return r.ok() && !out.empty();
}

Bytes encode(const ObjectHeaders& h) {
  RecordWriter w;
  w.text(kContentType, h.content_type);
  w.text(kContentEncoding, h.content_encoding);
  w.text(kContentDisposition, h.content_disposition);
  w.text(kContentLanguage, h.content_language);
  w.text(kCacheControl, h.cache_control);
  w.text(kExpires, h.expires);
  if (!h.metadata.empty()) w.field(kMetadata, encode_pairs(h.metadata));
  w.text(kWebsiteRedirect, h.website_redirect);
  return w.take();
}

Result<ObjectHeaders> decode_object_headers(BytesView in) {
  ObjectHeaders h;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kContentType: h.content_type = r.text(); break;
      case kContentEncoding: h.content_encoding = r.text(); break;
      case kContentDisposition: h.content_disposition = r.text(); break;
      case kContentLanguage: h.content_language = r.text(); break;
      case kCacheControl: h.cache_control = r.text(); break;
      case kExpires: h.expires = r.text(); break;
      case kMetadata:
        if (!decode_pairs(r.bytes(), h.metadata)) r.fail(crypto::Errc::BadFormat);
        break;
      case kWebsiteRedirect: h.website_redirect = r.text(); break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  return h;
}

Bytes encode(const ObjectFields& f) {
  RecordWriter w;
  w.text(kOwner, f.owner);
  if (Bytes headers = encode(f.headers); headers.size() > 1) w.field(kHeaders, headers);
  if (!f.tags.empty()) w.field(kTags, encode_pairs(f.tags));
  if (f.acl) w.field(kAcl, encode(*f.acl));
  w.field(kRetentionMode, static_cast<std::uint8_t>(f.retention.mode));
  w.field(kRetainUntil, f.retention.until_ms);
  w.field(kLegalHold, static_cast<std::uint8_t>(f.legal_hold));
  w.text(kCustomerCheck, f.customer_check);
  return w.take();
}

Result<ObjectFields> decode_object_fields(BytesView in) {
  ObjectFields f;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kOwner: f.owner = r.text(); break;
      case kHeaders: {
        auto headers = decode_object_headers(r.bytes());
        if (!headers || r.bytes().size() == 1) {
          r.fail(headers ? crypto::Errc::BadFormat : crypto::Errc::NewerFormat);
          break;
        }
        f.headers = std::move(*headers);
        break;
      }
      case kTags:
        if (!decode_pairs(r.bytes(), f.tags)) r.fail(crypto::Errc::BadFormat);
        break;
      case kAcl: {
        auto acl = decode_acl(r.bytes());
        if (acl) f.acl = std::move(*acl);
        else r.fail(crypto::Errc::BadFormat);
        break;
      }
      case kRetentionMode: {
        const auto mode = r.integer<std::uint8_t>();
        if (mode > static_cast<std::uint8_t>(LockMode::Compliance)) r.fail(crypto::Errc::NewerFormat);
        f.retention.mode = LockMode{mode};
        break;
      }
      case kRetainUntil: f.retention.until_ms = r.integer<std::int64_t>(); break;
      case kLegalHold: {
        const auto hold = r.integer<std::uint8_t>();
        if (hold > static_cast<std::uint8_t>(LegalHold::Off)) r.fail(crypto::Errc::NewerFormat);
        f.legal_hold = LegalHold{hold};
        break;
      }
      case kCustomerCheck:
        if (r.bytes().size() != crypto::kCustomerCheckBytes) r.fail(crypto::Errc::BadFormat);
        f.customer_check = r.bytes();
        break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  if ((f.retention.mode == LockMode::None) != (f.retention.until_ms == 0)) return crypto::Errc::BadFormat;
  return f;
}

Bytes encode(const Object& o) {
  RecordWriter w;
  w.text(kVersionId, o.version_id);
  w.field(kSequence, raw(o.sequence));
  w.field(kVersioned, static_cast<std::uint8_t>(!o.null_version));
  w.field(kSize, o.size);
  w.text(kEtag, o.etag);
  w.field(kChecksumAlgorithm, static_cast<std::uint8_t>(o.checksum.algorithm));
  w.field(kChecksumType, static_cast<std::uint8_t>(o.checksum.type));
  w.text(kChecksum, o.checksum.value);
  w.field(kModified, o.modified_ms);
  if (Bytes fields = encode(static_cast<const ObjectFields&>(o)); fields.size() > 1) w.field(kFields, fields);
  w.field(kBlob, raw(o.blob));
  if (o.inline_key) w.field(kInlineKey, o.inline_key->reveal());
  w.field(kDeleteMarker, static_cast<std::uint8_t>(o.delete_marker));
  w.field(kNullSequence, raw(o.null_sequence));
  return w.take();
}

Result<Object> decode_object(BytesView in) {
  Object o;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kVersionId: o.version_id = r.text(); break;
      case kSequence: o.sequence = Sequence{r.integer<std::uint64_t>()}; break;
      case kVersioned:
        o.null_version = !r.flag();
        break;
      case kSize: o.size = r.integer<std::uint64_t>(); break;
      case kEtag: o.etag = r.text(); break;
      case kChecksumAlgorithm: {
        const auto algorithm = r.integer<std::uint8_t>();
        if (algorithm > static_cast<std::uint8_t>(kLastChecksumAlgorithm)) r.fail(crypto::Errc::NewerFormat);
        o.checksum.algorithm = ChecksumAlgorithm{algorithm};
        break;
      }
      case kChecksumType:
        if (r.integer<std::uint8_t>() != 1) r.fail(crypto::Errc::BadFormat);
        o.checksum.type = ChecksumType::Composite;
        break;
      case kChecksum: o.checksum.value = r.text(); break;
      case kModified: o.modified_ms = r.integer<std::int64_t>(); break;
      case kFields: {
        auto fields = decode_object_fields(r.bytes());
        if (!fields || r.bytes().size() == 1) {
          r.fail(fields ? crypto::Errc::BadFormat : crypto::Errc::NewerFormat);
          break;
        }
        static_cast<ObjectFields&>(o) = std::move(*fields);
        break;
      }
      case kBlob: o.blob = BlobId{r.integer<std::uint64_t>()}; break;
      case kInlineKey:
        if (r.bytes().size() != crypto::kKeyBytes) {
          r.fail(crypto::Errc::BadFormat);
          break;
        }
        o.inline_key.emplace(r.bytes());
        break;
      case kDeleteMarker: o.delete_marker = r.flag(); break;
      case kNullSequence: o.null_sequence = Sequence{r.integer<std::uint64_t>()}; break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  return o;
}

}  // namespace beffroi::storage
