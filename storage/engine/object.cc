// SPDX-License-Identifier: EUPL-1.2
#include "storage/engine/object.h"

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

void text(RecordWriter& w, std::uint8_t tag, const std::string& value) {
  if (!value.empty()) w.field(tag, value);
}

// A present field is never empty or zero: one form for each value.
std::string text(RecordReader& r) {
  if (r.bytes().empty()) r.fail(crypto::Errc::BadFormat);
  return std::string(r.bytes());
}

template <class T>
T number(RecordReader& r) {
  const T value = r.integer<T>();
  if (value == T{}) r.fail(crypto::Errc::BadFormat);
  return value;
}

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
  text(w, kContentType, h.content_type);
  text(w, kContentEncoding, h.content_encoding);
  text(w, kContentDisposition, h.content_disposition);
  text(w, kContentLanguage, h.content_language);
  text(w, kCacheControl, h.cache_control);
  text(w, kExpires, h.expires);
  if (!h.metadata.empty()) w.field(kMetadata, encode_pairs(h.metadata));
  text(w, kWebsiteRedirect, h.website_redirect);
  return w.take();
}

Result<ObjectHeaders> decode_object_headers(BytesView in) {
  ObjectHeaders h;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kContentType: h.content_type = text(r); break;
      case kContentEncoding: h.content_encoding = text(r); break;
      case kContentDisposition: h.content_disposition = text(r); break;
      case kContentLanguage: h.content_language = text(r); break;
      case kCacheControl: h.cache_control = text(r); break;
      case kExpires: h.expires = text(r); break;
      case kMetadata:
        if (!decode_pairs(r.bytes(), h.metadata)) r.fail(crypto::Errc::BadFormat);
        break;
      case kWebsiteRedirect: h.website_redirect = text(r); break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  return h;
}

Bytes encode(const ObjectFields& f) {
  RecordWriter w;
  text(w, kOwner, f.owner);
  if (Bytes headers = encode(f.headers); headers.size() > 1) w.field(kHeaders, headers);
  if (!f.tags.empty()) w.field(kTags, encode_pairs(f.tags));
  if (f.acl) w.field(kAcl, encode(*f.acl));
  w.field(kRetentionMode, static_cast<std::uint8_t>(f.retention.mode));
  w.field(kRetainUntil, f.retention.until_ms);
  w.field(kLegalHold, static_cast<std::uint8_t>(f.legal_hold));
  return w.take();
}

Result<ObjectFields> decode_object_fields(BytesView in) {
  ObjectFields f;
  RecordReader r(in);
  while (r.next()) {
    switch (r.tag()) {
      case kOwner: f.owner = text(r); break;
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
      case kLegalHold: f.legal_hold = r.flag(); break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  if ((f.retention.mode == LockMode::None) != (f.retention.until_ms == 0)) return crypto::Errc::BadFormat;
  return f;
}

Bytes encode(const Object& o) {
  RecordWriter w;
  text(w, kVersionId, o.version_id);
  w.field(kSequence, raw(o.sequence));
  w.field(kVersioned, static_cast<std::uint8_t>(!o.null_version));
  w.field(kSize, o.size);
  text(w, kEtag, o.etag);
  w.field(kChecksumAlgorithm, static_cast<std::uint8_t>(o.checksum.algorithm));
  w.field(kChecksumType, static_cast<std::uint8_t>(o.checksum.type));
  text(w, kChecksum, o.checksum.value);
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
      case kVersionId: o.version_id = text(r); break;
      case kSequence: o.sequence = Sequence{number<std::uint64_t>(r)}; break;
      case kVersioned:
        o.null_version = !r.flag();
        break;
      case kSize: o.size = number<std::uint64_t>(r); break;
      case kEtag: o.etag = text(r); break;
      case kChecksumAlgorithm: {
        const auto algorithm = number<std::uint8_t>(r);
        if (algorithm > static_cast<std::uint8_t>(kLastChecksumAlgorithm)) r.fail(crypto::Errc::NewerFormat);
        o.checksum.algorithm = ChecksumAlgorithm{algorithm};
        break;
      }
      case kChecksumType:
        if (number<std::uint8_t>(r) != 1) r.fail(crypto::Errc::BadFormat);
        o.checksum.type = ChecksumType::Composite;
        break;
      case kChecksum: o.checksum.value = text(r); break;
      case kModified: o.modified_ms = number<std::int64_t>(r); break;
      case kFields: {
        auto fields = decode_object_fields(r.bytes());
        if (!fields || r.bytes().size() == 1) {
          r.fail(fields ? crypto::Errc::BadFormat : crypto::Errc::NewerFormat);
          break;
        }
        static_cast<ObjectFields&>(o) = std::move(*fields);
        break;
      }
      case kBlob: o.blob = BlobId{number<std::uint64_t>(r)}; break;
      case kInlineKey:
        if (r.bytes().size() != crypto::kKeyBytes) {
          r.fail(crypto::Errc::BadFormat);
          break;
        }
        o.inline_key.emplace(r.bytes());
        break;
      case kDeleteMarker: o.delete_marker = r.flag(); break;
      case kNullSequence: o.null_sequence = Sequence{number<std::uint64_t>(r)}; break;
      default: r.unknown();
    }
  }
  if (auto s = r.status(); !s) return s.error();
  return o;
}

}  // namespace beffroi::storage
