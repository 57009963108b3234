// SPDX-License-Identifier: EUPL-1.2
// What the audit room's tests share: seals for a few collectivities, records, and RFC 6962 §2.1 written down as it stands there,
// slow and without the frontier that it checks.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/key_hierarchy.h"
#include "crypto/row_seal.h"
#include "storage/audit/audit_format.h"
#include "storage/audit/audit_log.h"
#include "storage/audit/audit_reader.h"
#include "tests/fakes/memory_index.h"

namespace beffroi::storage {

// Keys for T = 1 and 16 to 31.
class FixedSealers final : public AuditSealers {
 public:
  FixedSealers() {
    add(kAppliance);
    for (std::uint32_t t = 16; t < 32; ++t) add(CollectivityId{t});
  }
  std::shared_ptr<const crypto::RowSealer> sealer(CollectivityId t) const override {
    const auto it = sealers_.find(t);
    return it == sealers_.end() ? nullptr : it->second;
  }
  void remove(CollectivityId t) { sealers_.erase(t); }

 private:
  void add(CollectivityId t) {
    const crypto::AuditKey key(Bytes(crypto::kKeyBytes, static_cast<char>(raw(t))));
    sealers_[t] = std::make_shared<crypto::RowSealer>(crypto::audit_row_key(key), std::uint16_t{1});
  }
  std::map<CollectivityId, std::shared_ptr<const crypto::RowSealer>> sealers_;
};

inline AuditRecord record_of(std::uint32_t t, std::string key = "a.pdf") {
  AuditRecord r;
  r.ms = 1'795'507'200'000;
  r.collectivity = CollectivityId{t};
  r.user = "marie";
  r.operation = "PutObject";
  r.bucket = "deliberations";
  r.key = std::move(key);
  return r;
}

inline crypto::Hash to_hash(const Bytes& bytes) {
  crypto::Hash h{};
  EXPECT_EQ(bytes.size(), h.size());
  std::memcpy(h.data(), bytes.data(), h.size());
  return h;
}

// MTH(D[begin:end]) over leaf hashes, by the definition.
inline crypto::Hash naive_root(const std::vector<crypto::Hash>& leaves, std::size_t begin, std::size_t end) {
  if (begin == end) return to_hash(crypto::sha256(""));
  if (end - begin == 1) return leaves[begin];
  std::size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  Bytes node = "\x01";
  node += crypto::view(naive_root(leaves, begin, begin + k));
  node += crypto::view(naive_root(leaves, begin + k, end));
  return to_hash(crypto::sha256(node));
}
inline crypto::Hash naive_root(const std::vector<crypto::Hash>& leaves) {
  return naive_root(leaves, 0, leaves.size());
}

// The leaf of a record, by the words of docs/formats.md.
inline crypto::Hash naive_leaf(std::uint32_t t, std::uint64_t sequence, std::uint64_t ms, BytesView salt,
                               BytesView body) {
  Bytes leaf(1, '\0');
  leaf += '\x01';
  append_le(leaf, t);
  append_le(leaf, sequence);
  append_le(leaf, ms);
  leaf += crypto::hmac_sha256(salt, body);
  return to_hash(crypto::sha256(leaf));
}

// An index, the seals and the log on it; commit() is what the committer does, restart() a new process.
struct AuditStore {
  MemoryIndex index;
  FixedSealers sealers;
  std::unique_ptr<AuditLog> log;

  AuditStore() { restart(); }
  void restart() {
    log.reset();
    auto opened = AuditLog::open(index, sealers);
    ASSERT_TRUE(opened) << opened.error().message();
    log = std::move(*opened);
  }
  void commit() {
    Batch batch;
    log->finish(batch);
    ASSERT_TRUE(index.apply(batch));
    log->publish();
  }
  void add(std::uint32_t t, int count = 1) {
    for (int i = 0; i < count; ++i) {
      AuditRecord r = record_of(t, "key " + std::to_string(i));
      ASSERT_TRUE(log->add(r));
    }
  }
};

}  // namespace beffroi::storage
