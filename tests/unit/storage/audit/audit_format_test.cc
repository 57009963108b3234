// SPDX-License-Identifier: EUPL-1.2
#include "storage/audit/audit_format.h"

#include <gtest/gtest.h>

#include "crypto/errors.h"
#include "storage/audit/audit_codec.h"
#include "tests/unit/storage/audit/audit_fixture.h"

namespace beffroi::storage {
namespace {

TEST(AuditLeaf, IsWhatTheFormatSays) {
  const Bytes salt = "0123456789abcdef", body = "{}";
  EXPECT_EQ(audit_leaf_hash(CollectivityId{16}, 7, 1'234'567, crypto::hmac_sha256(salt, body)),
            naive_leaf(16, 7, 1'234'567, salt, body));
}

TEST(AuditBlock, SplitsAndRefuses) {
  const Bytes kept =
      Bytes("\x05\0\0\0\0\0\0\0", 8) + Bytes(32, 'm') + Bytes("\x06\0\0\0\0\0\0\0", 8) + Bytes(32, 'n');
  const Bytes head = encode_audit_block_head(AuditCodec::Zstd, 2, kept);
  EXPECT_EQ(head, Bytes("\x01\x01\x02\0\0\0", 6) + kept);
  const Bytes row = head + "sealed";
  const auto block = decode_audit_block(row);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->codec, AuditCodec::Zstd);
  EXPECT_EQ(block->count, 2u);
  EXPECT_EQ(block->ms(1), 6u);
  EXPECT_EQ(block->mac(0), Bytes(32, 'm'));
  EXPECT_EQ(block->sealed, "sealed");
  for (std::size_t n = 0; n <= head.size(); ++n)
    EXPECT_FALSE(decode_audit_block(BytesView(row).substr(0, n))) << n;
  Bytes purged = encode_audit_block_head(AuditCodec::Purged, 2, kept);
  EXPECT_TRUE(decode_audit_block(purged));
  EXPECT_EQ(decode_audit_block(purged + "x").error(), crypto::Errc::BadFormat);
  EXPECT_EQ(decode_audit_block(encode_audit_block_head(AuditCodec::Raw, 0, "") + "x").error(),
            crypto::Errc::BadFormat);
  Bytes later = row;
  later[0] = 2;
  EXPECT_EQ(decode_audit_block(later).error(), crypto::Errc::NewerFormat);
  later = row;
  later[1] = 3;
  EXPECT_EQ(decode_audit_block(later).error(), crypto::Errc::NewerFormat);
}

TEST(AuditPayload, HoldsExactlyItsEntries) {
  Bytes payload;
  append_audit_payload(payload, Bytes(16, 's'), "");
  append_audit_payload(payload, Bytes(16, 't'), Bytes(300, 'b'));
  const auto entries = split_audit_payload(payload, 2);
  ASSERT_TRUE(entries);
  EXPECT_EQ((*entries)[0].body, "");
  EXPECT_EQ((*entries)[1].salt, Bytes(16, 't'));
  EXPECT_EQ((*entries)[1].body, Bytes(300, 'b'));
  EXPECT_FALSE(split_audit_payload(payload, 1));
  EXPECT_FALSE(split_audit_payload(payload, 3));
  EXPECT_FALSE(split_audit_payload(payload + "x", 2));
  for (std::size_t n = 0; n < payload.size(); ++n)
    EXPECT_FALSE(split_audit_payload(BytesView(payload).substr(0, n), 2));
}

TEST(StateLeaf, StandsInItsBytesAsDocumented) {
  StateLeaf leaf;
  leaf.collectivity = CollectivityId{16};
  leaf.size = 2;
  leaf.root.fill('r');
  leaf.previous = 3;
  leaf.rows = 4;
  leaf.digest.fill('d');
  leaf.sequence = Sequence{5};
  leaf.epoch = 6;
  const auto u64 = [](char c) { return Bytes(1, c) + Bytes(7, '\0'); };
  const Bytes expected = Bytes("\x01\x10\0\0\0", 5) + u64(2) + Bytes(32, 'r') + u64(3) + u64(4) +
                         Bytes(32, 'd') + u64(5) + u64(6);
  EXPECT_EQ(encode(leaf), expected);
  const auto decoded = decode_state_leaf(expected);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, leaf);
  EXPECT_FALSE(decode_state_leaf(expected + "x"));
  EXPECT_FALSE(decode_state_leaf(""));
  EXPECT_EQ(decode_state_leaves(expected + expected)->size(), 2u);
  EXPECT_FALSE(decode_state_leaves(""));
  EXPECT_FALSE(decode_state_leaves(expected + "x"));
  EXPECT_EQ(decode_state_leaves("\x02" + expected.substr(1)).error(), crypto::Errc::NewerFormat);
}

TEST(AuditFrontier, ComesBackAtEverySize) {
  AuditFrontier f;
  for (std::uint64_t size = 0; size < 70; ++size) {
    const Bytes bytes = encode(f);
    EXPECT_EQ(bytes.size(), kAuditFrontierHeaderBytes + 32 * std::popcount(size));
    const auto decoded = decode_audit_frontier(bytes);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode(*decoded), bytes);
    EXPECT_EQ(decoded->frontier.root(), f.frontier.root());
    EXPECT_FALSE(decode_audit_frontier(bytes + "x"));
    EXPECT_FALSE(decode_audit_frontier(BytesView(bytes).substr(0, bytes.size() - 1)));
    f.frontier.append(crypto::leaf_hash(std::to_string(size)));
    f.last_state_leaf = size;
  }
}

TEST(AuditCodec, ComesBackAndRefusesBombsAndTails) {
  AuditCompressor compressor;
  AuditDecompressor decompressor;
  for (const Bytes& plain : {Bytes(), Bytes("x"), Bytes(100'000, 'x')}) {
    const Bytes packed = compressor.compress(plain);
    const auto back = decompressor.decompress(packed);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, plain);
    EXPECT_FALSE(decompressor.decompress(packed + "x"));
    EXPECT_FALSE(decompressor.decompress(packed + packed));
    EXPECT_FALSE(decompressor.decompress(BytesView(packed).substr(0, packed.size() - 1)));
  }
  EXPECT_TRUE(decompressor.decompress(compressor.compress(Bytes(kAuditPayloadBytesMax, 'x'))));
  EXPECT_FALSE(decompressor.decompress(compressor.compress(Bytes(kAuditPayloadBytesMax + 1, 'x'))));
  EXPECT_FALSE(decompressor.decompress("not zstd"));
}

}  // namespace
}  // namespace beffroi::storage
