// SPDX-License-Identifier: EUPL-1.2
// Signed notes (C2SP signed-note, Ed25519 signatures only) and the checkpoints of a log that they carry (C2SP tlog-checkpoint): what
// leaves the appliance so that others can hold it to its word. Pure; thread-safe.
//
//   note          text, ending in a newline | empty line | one or more of "— <key name> <base64(key id u32 big-endian | signature 64)>\n"
//   key id        first 4 bytes of SHA-256(key name | 0A | 01 | public key 32)
//   verifier key  <key name>+<key id, 8 hex digits>+<base64(01 | public key 32)>          what others must hold
//   checkpoint    the text "<origin>\n<tree size, decimal>\n<base64(root hash)>\n"; the key's name is the origin
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/merkle.h"
#include "crypto/result.h"
#include "crypto/signature.h"

namespace beffroi::crypto {

// Longest note read: 16 signatures, of which a post-quantum one has 5 kB, and a short text.
inline constexpr std::size_t kNoteBytesMax = 128 * 1024;

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  bool operator==(const Checkpoint&) const = default;
};
Bytes encode(const Checkpoint&);
// BadFormat: not exactly what encode() writes. Extension lines, which C2SP discourages, are refused: this log writes none.
Result<Checkpoint> decode_checkpoint(BytesView text);

// Not empty, UTF-8, no Unicode space, no plus.
bool valid_note_key_name(std::string_view);

struct NoteKey {
  std::string name;
  Bytes public_key;
  std::uint32_t id() const;
  std::string text() const;  // the verifier key
};
Result<NoteKey> decode_note_key(std::string_view verifier_key);  // BadFormat

// Verifies the key's signature and gives the text, a view into the note. Signatures by other keys are ignored. BadFormat: not a
// note. UnknownKey: the key did not sign it. Unauthentic: a line claims to be the key's and is not.
Result<BytesView> open_note(BytesView note, const NoteKey&);

class NoteSigner {
 public:
  NoteSigner(std::string name, const CheckpointSeed&);  // CHECKs the name
  const NoteKey& key() const { return key_; }
  // The signature line, with its newline, under a text that ends in a newline and has no other control character (CHECK).
  Bytes signature_line(BytesView text) const;
  Bytes sign(BytesView text) const;  // the whole note

 private:
  Signer signer_;
  NoteKey key_;
};

}  // namespace beffroi::crypto
