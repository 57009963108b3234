// SPDX-License-Identifier: EUPL-1.2
// What others signed, read by a program that shares no code with the appliance: base64, verifier keys, signed notes (C2SP signed-note,
// Ed25519) and checkpoints (C2SP tlog-checkpoint). Pure; a malformed input is an absent value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beffroi::verify {

using Hash = std::array<unsigned char, 32>;

std::string to_base64(std::string_view bytes);
std::string from_hash(const Hash&);                       // base64
std::optional<std::string> from_base64(std::string_view);  // canonical, with padding
std::optional<Hash> hash_from_base64(std::string_view);

// <name>+<8 hex digits>+<base64(01 | public key)>
struct Key {
  std::string text, name, public_key;
  std::uint32_t id = 0;
};
std::optional<Key> parse_key(std::string_view);

enum class Signed { Yes, No, NotByThisKey, Malformed };
// `text` without its empty line, and the signature lines below it. No: a line that names the key does not verify.
Signed check_signatures(std::string_view text, std::string_view lines, const Key&);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};
struct Consistency {
  std::uint64_t from = 0;
  std::vector<Hash> proof;
};
// A file that holds a note, alone or behind "old N", the hashes of a consistency proof and an empty line (C2SP tlog-witness).
struct CheckpointFile {
  std::optional<Consistency> consistency;
  std::string text, signatures;  // of the note
  Checkpoint checkpoint;
};
std::optional<CheckpointFile> parse_checkpoint_file(std::string_view);

// Digits only, no zero in front.
std::optional<std::uint64_t> parse_number(std::string_view);

}  // namespace beffroi::verify
