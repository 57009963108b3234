// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_format.h"

#include <bit>

#include "crypto/check.h"
#include "crypto/errors.h"

namespace beffroi::storage {
namespace {

Result<void> check_version(BytesView in) {
  if (in.empty() || in[0] == 0) return crypto::Errc::BadFormat;
  if (static_cast<std::uint8_t>(in[0]) > kAuditVersion) return crypto::Errc::NewerFormat;
  return {};
}

crypto::Hash take_hash(ByteReader& reader) {
  crypto::Hash hash{};
  const BytesView bytes = reader.take(hash.size());
  if (reader.ok()) std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

}  // namespace

crypto::Hash audit_leaf_hash(CollectivityId t, std::uint64_t sequence, std::uint64_t ms, BytesView mac32) {
  CHECK(mac32.size() == kAuditMacBytes);
  Bytes leaf;
  leaf.reserve(kAuditLeafHeaderBytes + kAuditMacBytes);
  append_le(leaf, kAuditVersion);
  append_le(leaf, raw(t));
  append_le(leaf, sequence);
  append_le(leaf, ms);
  leaf += mac32;
  return crypto::leaf_hash(leaf);
}

Bytes encode_audit_block_head(AuditCodec codec, std::uint32_t count, BytesView kept) {
  CHECK(kept.size() == count * kAuditKeptBytes);
  Bytes out;
  append_le(out, kAuditVersion);
  append_le(out, static_cast<std::uint8_t>(codec));
  append_le(out, count);
  out += kept;
  return out;
}

Result<AuditBlock> decode_audit_block(BytesView value) {
  if (auto version = check_version(value); !version) return version.error();
  ByteReader reader(value.substr(1));
  AuditBlock block;
  const auto codec = reader.le<std::uint8_t>();
  block.codec = AuditCodec{codec};
  block.count = reader.le<std::uint32_t>();
  block.kept = reader.take(block.count * kAuditKeptBytes);
  if (!reader.ok() || block.count == 0) return crypto::Errc::BadFormat;
  if (codec > static_cast<std::uint8_t>(AuditCodec::Purged)) return crypto::Errc::NewerFormat;
  block.sealed = reader.rest();
  if ((block.codec == AuditCodec::Purged) != block.sealed.empty()) return crypto::Errc::BadFormat;
  return block;
}

void append_audit_payload(Bytes& payload, BytesView salt16, BytesView body) {
  CHECK(salt16.size() == kAuditSaltBytes);
  payload += salt16;
  append_varint(payload, body.size());
  payload += body;
}

Result<std::vector<AuditPayloadEntry>> split_audit_payload(BytesView payload, std::uint32_t count) {
  std::vector<AuditPayloadEntry> entries;
  ByteReader reader(payload);
  while (!reader.at_end()) {
    const BytesView salt = reader.take(kAuditSaltBytes);
    const std::uint64_t length = reader.varint();
    const BytesView body = reader.take(length);
    if (!reader.ok() || entries.size() == count) return crypto::Errc::BadFormat;
    entries.push_back({salt, body});
  }
  if (entries.size() != count) return crypto::Errc::BadFormat;
  return entries;
}

Bytes encode(const StateLeaf& leaf) {
  Bytes out;
  out.reserve(kStateLeafBytes);
  append_le(out, kAuditVersion);
  append_le(out, raw(leaf.collectivity));
  append_le(out, leaf.size);
  out += crypto::view(leaf.root);
  append_le(out, leaf.previous);
  append_le(out, leaf.rows);
  out += crypto::view(leaf.digest);
  append_le(out, raw(leaf.sequence));
  append_le(out, leaf.epoch);
  return out;
}

Result<StateLeaf> decode_state_leaf(BytesView bytes109) {
  if (auto version = check_version(bytes109); !version) return version.error();
  if (bytes109.size() != kStateLeafBytes) return crypto::Errc::BadFormat;
  ByteReader reader(bytes109.substr(1));
  StateLeaf leaf;
  leaf.collectivity = CollectivityId{reader.le<std::uint32_t>()};
  leaf.size = reader.le<std::uint64_t>();
  leaf.root = take_hash(reader);
  leaf.previous = reader.le<std::uint64_t>();
  leaf.rows = reader.le<std::uint64_t>();
  leaf.digest = take_hash(reader);
  leaf.sequence = Sequence{reader.le<std::uint64_t>()};
  leaf.epoch = reader.le<std::uint64_t>();
  return leaf;
}

Result<std::vector<StateLeaf>> decode_state_leaves(BytesView row_value) {
  if (row_value.empty() || row_value.size() % kStateLeafBytes != 0) return crypto::Errc::BadFormat;
  std::vector<StateLeaf> leaves;
  leaves.reserve(row_value.size() / kStateLeafBytes);
  for (; !row_value.empty(); row_value.remove_prefix(kStateLeafBytes)) {
    auto leaf = decode_state_leaf(row_value.substr(0, kStateLeafBytes));
    if (!leaf) return leaf.error();
    leaves.push_back(*leaf);
  }
  return leaves;
}

Bytes encode(const AuditFrontier& f) {
  Bytes out;
  append_le(out, kAuditVersion);
  append_le(out, f.frontier.size());
  append_le(out, f.last_state_leaf);
  for (const crypto::Hash& node : f.frontier.nodes()) out += crypto::view(node);
  return out;
}

Result<AuditFrontier> decode_audit_frontier(BytesView in) {
  if (auto version = check_version(in); !version) return version.error();
  ByteReader reader(in.substr(1));
  const auto size = reader.le<std::uint64_t>();
  const auto last_state_leaf = reader.le<std::uint64_t>();
  std::vector<crypto::Hash> nodes(std::popcount(size));
  for (crypto::Hash& node : nodes) node = take_hash(reader);
  if (!reader.at_end()) return crypto::Errc::BadFormat;
  auto frontier = crypto::Frontier::restore(size, std::move(nodes));
  if (!frontier) return frontier.error();
  return AuditFrontier{std::move(*frontier), last_state_leaf};
}

}  // namespace beffroi::storage
