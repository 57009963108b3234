// SPDX-License-Identifier: EUPL-1.2
#include "storage/log/log_format.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/errors.h"

namespace beffroi::storage {
namespace {

LogHeader sample_header() {
  LogHeader header;
  header.store_uuid.fill('\x11');
  header.epoch = 0x0102030405060708;
  header.first = Sequence{0x1112131415161718};
  header.previous.fill('\x22');
  header.salt.fill('\x33');
  return header;
}

// Written from the layout in docs/formats.md; the checksum was computed bit by bit (reflected polynomial 82F63B78)
// by another program.
TEST(LogHeader, HasTheDocumentedLayout) {
  const Bytes block = encode_log_header(sample_header());
  ASSERT_EQ(block.size(), 4096u);
  const Bytes want = Bytes("BFLG\x01") + Bytes(16, '\x11') + "\x08\x07\x06\x05\x04\x03\x02\x01" +
                     "\x18\x17\x16\x15\x14\x13\x12\x11" + Bytes(16, '\x22') + Bytes(32, '\x33');
  EXPECT_EQ(to_hex(block.substr(0, 85)), to_hex(want));
  EXPECT_EQ(load_le<std::uint32_t>(block.data() + 85), 0x06394B13u);
  EXPECT_EQ(block.substr(89), Bytes(4096 - 89, '\0'));
}

TEST(LogHeader, ComesBack) {
  const auto back = decode_log_header(encode_log_header(sample_header()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->epoch, sample_header().epoch);
  EXPECT_EQ(back->first, sample_header().first);
  EXPECT_EQ(back->previous, sample_header().previous);
  EXPECT_EQ(back->salt, sample_header().salt);
  EXPECT_EQ(back->store_uuid, sample_header().store_uuid);
}

TEST(LogHeader, EveryFlippedBitIsSeen) {
  const Bytes good = encode_log_header(sample_header());
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    ASSERT_FALSE(decode_log_header(bad)) << "byte " << i;
  }
  EXPECT_FALSE(decode_log_header(BytesView(good).substr(1)));
  EXPECT_FALSE(decode_log_header(""));
}

TEST(FrameHeader, HasTheDocumentedLayout) {
  FrameHeader header{Sequence{0x0102030405060708}, 0x00112233, {}};
  header.previous.fill('\x44');
  const auto bytes = encode_frame_header(header);
  const Bytes want = Bytes("BFFR\x01\x00\x00\x00", 8) + "\x08\x07\x06\x05\x04\x03\x02\x01" +
                     Bytes("\x33\x22\x11\x00", 4) + Bytes(16, '\x44');
  EXPECT_EQ(to_hex({bytes.data(), bytes.size()}), to_hex(want));
  const auto back = decode_frame_header({bytes.data(), bytes.size()});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sequence, header.sequence);
  EXPECT_EQ(back->body_bytes, header.body_bytes);
  EXPECT_EQ(back->previous, header.previous);
  const auto nonce = frame_nonce(header.sequence);
  EXPECT_EQ(to_hex({nonce.data(), nonce.size()}), "000000000807060504030201");
}

TEST(FrameHeader, RefusesWhatNoFrameBeginsWith) {
  const auto good = encode_frame_header({Sequence{1}, 10, {}});
  const Bytes bytes(good.data(), good.size());
  for (std::size_t i = 0; i < 8; ++i) {
    Bytes bad = bytes;
    bad[i] ^= 1;
    EXPECT_FALSE(decode_frame_header(bad)) << "byte " << i;
  }
  EXPECT_FALSE(decode_frame_header(BytesView(bytes).substr(0, 35)));
  const auto large = encode_frame_header({Sequence{1}, kFrameBodyBytesMax, {}});
  EXPECT_TRUE(decode_frame_header({large.data(), large.size()}));
  const auto larger = encode_frame_header({Sequence{1}, kFrameBodyBytesMax + 1, {}});
  EXPECT_FALSE(decode_frame_header({larger.data(), larger.size()}));
}

TEST(LogName, OneSpellingOnly) {
  EXPECT_EQ(log_file_name({0x1a, Sequence{0xbeef}}), "0000001a-000000000000beef.log");
  EXPECT_EQ(parse_log_file_name("0000001a-000000000000beef.log"), (LogName{0x1a, Sequence{0xbeef}}));
  for (const char* other :
       {"0000001A-000000000000beef.log", "1a-beef.log", "0000001a-000000000000beef.log~",
        "0000001a_000000000000beef.log", "+000001a-000000000000beef.log", "spare-1", ""}) {
    EXPECT_FALSE(parse_log_file_name(other)) << other;
  }
  EXPECT_EQ(spare_file_name(12), "spare-12");
  EXPECT_EQ(parse_spare_file_name("spare-12"), 12u);
  for (const char* other : {"spare-", "spare--1", "spare-1x", "spare"})
    EXPECT_FALSE(parse_spare_file_name(other));
}

TEST(LogRows, HaveTheDocumentedLayoutAndComeBack) {
  Bytes body;
  append_row(body, {3, false, "key", Bytes(130, 'v')});
  append_row(body, {5, true, "gone", ""});
  append_row(body, {1, false, "", ""});
  EXPECT_EQ(to_hex(body), to_hex(Bytes("\x03\x01\x03key\x82\x01", 8) + Bytes(130, 'v') +
                                 Bytes("\x05\x02\x04gone\x00", 8) + Bytes("\x01\x01\x00\x00", 4)));
  const auto rows = decode_rows(body);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].table, 3);
  EXPECT_EQ((*rows)[0].key, "key");
  EXPECT_EQ((*rows)[0].value, Bytes(130, 'v'));
  EXPECT_FALSE((*rows)[0].is_delete);
  EXPECT_TRUE((*rows)[1].is_delete);
  EXPECT_EQ((*rows)[1].key, "gone");
  EXPECT_EQ((*rows)[2].value, "");
  EXPECT_TRUE(decode_rows("")->empty());
}

TEST(LogRows, RefuseEveryTruncationAndNonsense) {
  Bytes body;
  append_row(body, {3, false, "key", "value"});
  for (std::size_t n = 1; n < body.size(); ++n)
    EXPECT_EQ(decode_rows(body.substr(0, n)).error(), crypto::Errc::BadFormat);
  EXPECT_FALSE(decode_rows(Bytes("\x03\x03\x00\x00", 4))) << "no such operation";
  EXPECT_FALSE(decode_rows(Bytes("\x03\x02\x00\x01x", 5))) << "a delete with a value";
  EXPECT_FALSE(decode_rows(Bytes("\x03\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12)))
      << "a key longer than memory";
  EXPECT_FALSE(decode_rows(Bytes("\x03\x01\x80\x00\x00", 5))) << "a varint longer than needed";
}

}  // namespace
}  // namespace beffroi::storage
