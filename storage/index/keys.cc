// SPDX-License-Identifier: EUPL-1.2
#include "storage/index/keys.h"

#include "crypto/check.h"

namespace beffroi::storage::keys {
namespace {

Bytes meta(Meta kind) {
  return Bytes(1, static_cast<char>(kind));
}

// Appends a strong integer; order of bytes = order of numbers.
template <class Id>
void append_id(Bytes& out, Id id) {
  append_be(out, raw(id));
}

Bytes tenant_blob(CollectivityId t, BlobId i) {
  Bytes out;
  append_id(out, t);
  append_id(out, i);
  return out;
}

// First byte of a key of the audit table.
enum class Audit : std::uint8_t { Block = 0x01, Tile = 0x02, Checkpoint = 0x03, Frontier = 0x04 };
Bytes audit(Audit kind) {
  return Bytes(1, static_cast<char>(kind));
}

constexpr char kEscapedZero = '\xFF';  // after 00: the key held a zero byte
constexpr char kEnd = '\x01';          // after 00: the key ends

}  // namespace

Bytes store_row(std::string_view name) {
  return meta(Meta::Store).append(name);
}

Bytes collectivity(CollectivityId t) {
  Bytes out = meta(Meta::Collectivity);
  append_id(out, t);
  return out;
}

Bytes siren(std::string_view siren) {
  return meta(Meta::Siren).append(siren);
}
Bytes slug(std::string_view slug) {
  return meta(Meta::Slug).append(slug);
}

Bytes bucket_name(CollectivityId t, std::string_view name) {
  Bytes out = meta(Meta::BucketName);
  append_id(out, t);
  return out.append(name);
}

Bytes bucket(CollectivityId t, BucketId b) {
  Bytes out = meta(Meta::Bucket);
  append_id(out, t);
  append_id(out, b);
  return out;
}

Bytes user(CollectivityId t, UserId u) {
  Bytes out = meta(Meta::User);
  append_id(out, t);
  append_id(out, u);
  return out;
}

Bytes access_key(std::string_view id) {
  return meta(Meta::AccessKey).append(id);
}

Bytes job(std::uint64_t id) {
  Bytes out = meta(Meta::Job);
  append_be(out, id);
  return out;
}

Bytes extent(ExtentId id) {
  Bytes out = meta(Meta::Extent);
  append_id(out, id);
  return out;
}

Bytes usage(CollectivityId t, BucketId b) {
  Bytes out = meta(Meta::Usage);
  append_id(out, t);
  append_id(out, b);
  return out;
}

Bytes current(CollectivityId t, BucketId b, BytesView key) {
  return bucket_prefix(t, b).append(key);
}

Bytes bucket_prefix(CollectivityId t, BucketId b) {
  Bytes out;
  append_id(out, t);
  append_id(out, b);
  return out;
}

// The end mark 00 01 sorts below 00 FF and below every other byte, so that a key sorts before its own
// extensions, as it does unescaped; and no escaped key is a prefix of another, so that what follows it never
// mixes with a longer key.
Bytes escape(BytesView key) {
  Bytes out;
  out.reserve(key.size() + 2);
  for (char c : key) {
    out.push_back(c);
    if (c == '\0') out.push_back(kEscapedZero);
  }
  out.push_back('\0');
  out.push_back(kEnd);
  return out;
}

bool unescape(BytesView in, Bytes& key, std::size_t& taken) {
  key.clear();
  for (std::size_t at = 0; at < in.size(); ++at) {
    if (in[at] != '\0') {
      key.push_back(in[at]);
      continue;
    }
    if (++at == in.size()) return false;
    if (in[at] == kEnd) {
      taken = at + 1;
      return true;
    }
    if (in[at] != kEscapedZero) return false;
    key.push_back('\0');
  }
  return false;
}

Bytes version(CollectivityId t, BucketId b, BytesView key, Sequence s) {
  Bytes out = bucket_prefix(t, b).append(escape(key));
  append_be(out, ~raw(s));  // the newest first
  return out;
}

Bytes blob(CollectivityId t, BlobId i, std::uint16_t part) {
  Bytes out = tenant_blob(t, i);
  append_be(out, part);
  return out;
}

Bytes blob_prefix(CollectivityId t, BlobId i) {
  return tenant_blob(t, i);
}
Bytes inline_payload(CollectivityId t, BlobId i) {
  return tenant_blob(t, i);
}

Bytes run(ExtentId extent, std::uint64_t offset) {
  Bytes out;
  append_id(out, extent);
  append_be(out, offset);
  return out;
}

Bytes upload(CollectivityId t, BucketId b, BytesView key, BytesView upload_id16) {
  CHECK(upload_id16.size() == 16);
  return upload_prefix(t, b, key).append(upload_id16);
}

Bytes upload_prefix(CollectivityId t, BucketId b, BytesView key) {
  return bucket_prefix(t, b).append(escape(key));
}

Bytes audit_block(CollectivityId t, std::uint64_t own_sequence_of_first) {
  Bytes out = audit(Audit::Block);
  append_id(out, t);
  append_be(out, own_sequence_of_first);
  return out;
}

Bytes audit_tile(CollectivityId t, std::uint8_t level, std::uint64_t tile) {
  CHECK(tile < std::uint64_t{1} << 40);
  Bytes out = audit(Audit::Tile);
  append_id(out, t);
  append_be(out, level);
  append_be(out, static_cast<std::uint8_t>(tile >> 32));
  append_be(out, static_cast<std::uint32_t>(tile));
  return out;
}

Bytes audit_checkpoint(std::uint64_t tree_size) {
  Bytes out = audit(Audit::Checkpoint);
  append_be(out, tree_size);
  return out;
}

Bytes audit_frontier(CollectivityId t) {
  Bytes out = audit(Audit::Frontier);
  append_id(out, t);
  return out;
}

Bytes gc(Sequence s, std::uint32_t n) {
  Bytes out;
  append_id(out, s);
  append_be(out, n);
  return out;
}

Bytes after_prefix(BytesView prefix) {
  while (prefix.ends_with('\xFF')) prefix.remove_suffix(1);
  Bytes out(prefix);
  if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

}  // namespace beffroi::storage::keys
