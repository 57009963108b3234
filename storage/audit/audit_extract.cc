// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_extract.h"

#include "crypto/errors.h"
#include "storage/audit/audit_proof.h"

namespace beffroi::storage {
namespace {

using Hashes = std::vector<crypto::Hash>;

// Of texts whose only character to be escaped is the newline: notes, names of this store's own making.
void append_text(Bytes& out, BytesView text) {
  out += '"';
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else out += c;
  }
  out += '"';
}

void append_number(Bytes& out, std::uint64_t n) { out += std::to_string(n); }

void append_base64(Bytes& out, BytesView bytes) {
  out += '"';
  out += to_base64(bytes);
  out += '"';
}

void append_hashes(Bytes& out, const Hashes& hashes) {
  out += '[';
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (i > 0) out += ',';
    append_base64(out, crypto::view(hashes[i]));
  }
  out += ']';
}

struct LastState {
  std::uint64_t index = 0;
  StateLeaf leaf;
};

// BadFormat: none yet.
Result<LastState> last_state(const AuditReader& reader, CollectivityId t) {
  const auto frontier = reader.frontier(t);
  if (!frontier) return frontier.error();
  LastState last{frontier->last_state_leaf, {}};
  if (last.index == kNoStateLeaf) return crypto::Errc::BadFormat;
  const auto read = reader.state_leaves(last.index, last.index + 1, [&](std::uint64_t, const StateLeaf& leaf) -> Result<void> {
    last.leaf = leaf;
    return {};
  });
  if (!read) return read.error();
  if (last.leaf.collectivity != t) return AuditErrc::Damaged;
  return last;
}

Result<void> append_consistency(Bytes& out, AuditProver& global, const std::vector<std::uint64_t>& since) {
  out += ",\"consistency\":[";
  for (std::size_t i = 0; i < since.size(); ++i) {
    const auto proof = global.consistency(since[i]);
    if (!proof) return proof.error();
    out += i == 0 ? "{\"from\":" : ",{\"from\":";
    append_number(out, since[i]);
    out += ",\"proof\":";
    append_hashes(out, *proof);
    out += '}';
  }
  out += ']';
  return {};
}

}  // namespace

crypto::Checkpoint global_checkpoint(const std::string& origin, const crypto::Frontier& global) {
  return {origin, global.size(), global.root()};
}

Result<std::uint64_t> attested_size(const AuditReader& reader, CollectivityId t) {
  const auto last = last_state(reader, t);
  if (last) return last->leaf.size;
  if (last.error() == crypto::Errc::BadFormat) return 0u;
  return last.error();
}

Result<Bytes> extract_head(const Snapshot& snapshot, const AuditReader& reader, const crypto::NoteSigner& signer,
                           const ExtractRequest& request) {
  const auto last = last_state(reader, request.collectivity);
  if (!last) return last.error();
  const auto head = reader.frontier(kGlobal);
  if (!head) return head.error();
  AuditProver own(snapshot, request.collectivity, last->leaf.size);
  AuditProver global(snapshot, kGlobal, head->frontier.size());
  const auto left = own.range(0, request.from), right = own.range(request.to, last->leaf.size);
  if (request.from > request.to || request.since.size() > kExtractProofsMax) return crypto::Errc::BadFormat;
  if (!left) return left.error();
  if (!right) return right.error();
  const auto inclusion = global.inclusion(last->index);
  if (!inclusion) return inclusion.error();

  Bytes line = "{\"format\":\"beffroi-extract/1\",\"siren\":";
  append_text(line, request.siren);
  line += ",\"slug\":";
  append_text(line, request.slug);
  line += ",\"made\":";
  append_text(line, rfc3339(request.made_ms));
  for (const auto& [name, number] : {std::pair{"from", request.from}, {"to", request.to}, {"size", last->leaf.size}}) {
    line += std::string(",\"") + name + "\":";
    append_number(line, number);
  }
  line += ",\"left\":";
  append_hashes(line, *left);
  line += ",\"right\":";
  append_hashes(line, *right);
  line += ",\"state_leaf\":";
  append_base64(line, encode(last->leaf));
  line += ",\"state_index\":";
  append_number(line, last->index);
  line += ",\"inclusion\":";
  append_hashes(line, *inclusion);
  line += ",\"checkpoint\":";
  append_text(line, signer.sign(encode(global_checkpoint(signer.key().name, head->frontier))));
  if (auto added = append_consistency(line, global, request.since); !added) return added.error();
  line += "}\n";

  Bytes signature = signer.signature_line(line);
  signature.pop_back();
  line += "{\"key\":";
  append_text(line, signer.key().text());
  line += ",\"signature\":";
  append_text(line, signature);
  line += "}\n";
  return line;
}

Bytes extract_line(CollectivityId t, const AuditEntry& entry) {
  Bytes line = "{\"seq\":";
  append_number(line, entry.sequence);
  line += ",\"ms\":";
  append_number(line, entry.ms);
  line += ",\"leaf\":";
  append_base64(line, crypto::view(audit_leaf_hash(t, entry.sequence, entry.ms, entry.mac)));
  if (entry.purged) {
    line += ",\"mac\":";
    append_base64(line, entry.mac);
  } else {
    line += ",\"salt\":";
    append_base64(line, entry.salt);
    line += ",\"record\":";
    line += entry.body;
  }
  line += "}\n";
  return line;
}

Result<Bytes> checkpoint_text(const Snapshot& snapshot, const AuditReader& reader, const crypto::NoteSigner& signer,
                              std::optional<std::uint64_t> since) {
  const auto head = reader.frontier(kGlobal);
  if (!head) return head.error();
  Bytes text;
  if (since) {
    const auto proof = AuditProver(snapshot, kGlobal, head->frontier.size()).consistency(*since);
    if (!proof) return proof.error();
    text = "old " + std::to_string(*since) + "\n";
    for (const crypto::Hash& hash : *proof) text += to_base64(crypto::view(hash)) + "\n";
    text += "\n";
  }
  return text + signer.sign(encode(global_checkpoint(signer.key().name, head->frontier)));
}

}  // namespace beffroi::storage
