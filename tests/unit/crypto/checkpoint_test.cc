// SPDX-License-Identifier: EUPL-1.2
// Against published notes: the example of C2SP's signed-note, those of Go's golang.org/x/mod/sumdb/note (whose manglings are repeated
// here), and a checkpoint of Go's checksum database as sum.golang.org served it.
#include "crypto/checkpoint.h"

#include <gtest/gtest.h>

#include "crypto/errors.h"

namespace beffroi::crypto {
namespace {

constexpr std::string_view kSpecKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kSpecNote =
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
constexpr std::string_view kGoKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoSeed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";  // 01, then the seed
constexpr std::string_view kGoText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kGoLine =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
constexpr std::string_view kSumDbKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
constexpr std::string_view kSumDbNote =
    "go.sum database tree\n63096908\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n"
    "— sum.golang.org Az3gri/oVBN1jAhNZ/iS+W31psFAWRT20/GyrhpU6taFwulQGetBkH5S7wpGXdS935jiIGiUUAXBVHzT/P6fYhqAmAk=\n";

NoteKey key_of(std::string_view text) {
  const auto key = decode_note_key(text);
  EXPECT_TRUE(key) << text;
  return key.value();
}

NoteSigner go_signer() { return {"PeterNeumann", CheckpointSeed(from_base64(kGoSeed)->substr(1))}; }

Bytes go_note() { return Bytes(kGoText) + "\n" + Bytes(kGoLine); }

TEST(NoteKeys, ArePublishedOnes) {
  for (const auto text : {kSpecKey, kGoKey, kSumDbKey}) EXPECT_EQ(key_of(text).text(), text);
  EXPECT_EQ(key_of(kSpecKey).id(), 0x530d903aU);
  EXPECT_EQ(to_hex(key_of(kSpecKey).public_key), "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4");
}

TEST(NoteKeys, RefuseEveryManglingThatGoRefuses) {
  Bytes text(kGoKey);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t j = i + 1; j <= text.size(); ++j) {
      if (i == 0 && j == text.size()) continue;
      EXPECT_FALSE(decode_note_key(text.substr(i, j - i))) << i << " " << j;
    }
  }
  for (char& c : text) {
    ++c;
    EXPECT_FALSE(decode_note_key(text)) << text;
    --c;
  }
  EXPECT_FALSE(decode_note_key("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="));
  EXPECT_FALSE(decode_note_key("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
  EXPECT_FALSE(decode_note_key("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
}

TEST(NoteKeys, HaveNamesWithoutSpacesOrPlus) {
  EXPECT_TRUE(valid_note_key_name("beffroi/3b1f"));
  EXPECT_TRUE(valid_note_key_name("mairie.é"));
  for (const std::string name : {"", "a b", "a+b", "a\tb", "a\nb", "a\u00A0b", "a\u2003b", "a\u3000b", "a\u0085", "\xFF"}) {
    EXPECT_FALSE(valid_note_key_name(name)) << name;
  }
}

TEST(Notes, ThatArePublishedOpen) {
  EXPECT_EQ(open_note(kSpecNote, key_of(kSpecKey)).value(), "This is an example message.\n");
  EXPECT_EQ(open_note(go_note(), key_of(kGoKey)).value(), kGoText);
  EXPECT_EQ(open_note(kSumDbNote, key_of(kSumDbKey)).value(), kSumDbNote.substr(0, kSumDbNote.find("\n\n") + 1));
}

TEST(Notes, AreSignedAsGoSignsThem) {
  const NoteSigner signer = go_signer();
  EXPECT_EQ(signer.key().text(), kGoKey);
  EXPECT_EQ(signer.signature_line(kGoText), kGoLine);
  EXPECT_EQ(signer.sign(kGoText), go_note());
}

TEST(Notes, WithOneChangedByteDoNotOpen) {
  const NoteKey key = key_of(kGoKey);
  const Bytes note = go_note();
  for (std::size_t at = 0; at < note.size(); ++at) {
    for (const int flip : {1, 2, 0x20, 0x80}) {
      Bytes other = note;
      other[at] = static_cast<char>(other[at] ^ flip);
      EXPECT_FALSE(open_note(other, key)) << at;
    }
    Bytes shorter = note;
    shorter.erase(at, 1);
    EXPECT_FALSE(open_note(shorter, key)) << at;
  }
}

TEST(Notes, IgnoreOtherKeysAndNeedTheirOwn) {
  const NoteKey key = key_of(kGoKey);
  const Bytes other_line = NoteSigner("EnochRoot", random_key<CheckpointSeed>()).signature_line(kGoText);
  // The same name under another id is another key.
  const Bytes same_name = NoteSigner("PeterNeumann", random_key<CheckpointSeed>()).signature_line(kGoText);
  const Bytes text = Bytes(kGoText) + "\n";
  EXPECT_TRUE(open_note(text + other_line + Bytes(kGoLine) + same_name, key));
  EXPECT_EQ(open_note(text + other_line + same_name, key).error(), make_error_code(Errc::UnknownKey));
  EXPECT_EQ(open_note("Another text\n\n" + Bytes(kGoLine), key).error(), make_error_code(Errc::Unauthentic));
}

TEST(Notes, ThatAreMalformedAreRefused) {
  const NoteKey key = key_of(kGoKey);
  const Bytes text(kGoText), line(kGoLine);
  for (const Bytes& note : {Bytes(), text, text + line, text + "\n", text + "\n" + line.substr(0, line.size() - 1), text + "\n" + line + "\n",
                            text + "\n-" + line.substr(3), "\x01" + text + "\n" + line, text + "\n" + line + "— other \n",
                            text + "\n" + line + "— other AAAA\n", text + "\n" + line + "— oth+er AAAAAAA=\n",
                            "\xFF" + text + "\n" + line, text + "\r\n" + line}) {
    EXPECT_EQ(open_note(note, key).error(), make_error_code(Errc::BadFormat)) << note;
  }
  Bytes many = text + "\n" + line;
  for (int i = 0; i < 15; ++i) many += "— other AAAAAAA=\n";
  EXPECT_TRUE(open_note(many, key));  // C2SP: at least 16
  for (int i = 0; i < 100; ++i) many += "— other AAAAAAA=\n";
  EXPECT_FALSE(open_note(many, key));
}

TEST(Checkpoints, OfGoAreRead) {
  const auto text = open_note(kSumDbNote, key_of(kSumDbKey));
  const auto checkpoint = decode_checkpoint(text.value());
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "go.sum database tree");
  EXPECT_EQ(checkpoint->size, 63096908U);
  EXPECT_EQ(to_base64(view(checkpoint->root)), "8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=");
  EXPECT_EQ(encode(*checkpoint), *text);
}

TEST(Checkpoints, AreWrittenAsGoWritesATree) {  // TestFormatTree of golang.org/x/mod/sumdb/tlog
  const Checkpoint c{"go.sum database tree", 123456789012, leaf_hash("hello world")};
  EXPECT_EQ(encode(c), "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n");
  EXPECT_EQ(encode(Checkpoint{"o", 0, empty_root()}), "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
}

TEST(Checkpoints, InAnyOtherFormAreRefused) {
  const std::string root = "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=";
  EXPECT_TRUE(decode_checkpoint("o\n1\n" + root + "\n"));
  for (const std::string text : {"", "o\n", "\n1\n", "o\n01\n", "o\n+1\n", "o\n-1\n", "o\n\n", "o\n18446744073709551616\n", "o\n0x1\n", "o\n1 \n", "\xFF\n1\n"}) {
    EXPECT_FALSE(decode_checkpoint(text + root + "\n")) << text;
  }
  for (const std::string& tail : {root, root + "\n\n", root + "\nextension\n", root.substr(4) + "\n", root + root + "\n", root.substr(1) + "\n"}) {
    EXPECT_FALSE(decode_checkpoint("o\n1\n" + tail)) << tail;
  }
}

}  // namespace
}  // namespace beffroi::crypto
