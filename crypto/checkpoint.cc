// SPDX-License-Identifier: EUPL-1.2
#include "crypto/checkpoint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "crypto/check.h"
#include "crypto/digest.h"
#include "crypto/errors.h"
#include "crypto/utf8.h"

namespace beffroi::crypto {
namespace {

constexpr char kEd25519 = '\x01';  // signature type
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kKeyIdDigits = 2 * kKeyIdBytes;
constexpr std::string_view kDash = "\u2014 ";  // begins a signature line
constexpr std::size_t kSignaturesMax = 100;

// White_Space of Unicode, beside the ASCII ones.
constexpr std::array<std::string_view, 19> kSpaces = {
    "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

bool valid_text(BytesView text) {
  return valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\n'; });
}

// The line at the front of `text`, without its newline, which both lose; nothing when no newline is left.
bool take_line(BytesView& text, BytesView& line) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

struct SignatureLine {
  BytesView name;
  std::uint32_t id = 0;
  Bytes signature;
};

Result<SignatureLine> parse_signature_line(BytesView line) {
  if (!line.starts_with(kDash)) return Errc::BadFormat;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos || !valid_note_key_name(line.substr(0, space))) return Errc::BadFormat;
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return Errc::BadFormat;
  return SignatureLine{line.substr(0, space), load_be<std::uint32_t>(bytes->data()), bytes->substr(kKeyIdBytes)};
}

}  // namespace

Bytes encode(const Checkpoint& c) {
  return c.origin + "\n" + std::to_string(c.size) + "\n" + to_base64(view(c.root)) + "\n";
}

Result<Checkpoint> decode_checkpoint(BytesView text) {
  Checkpoint c;
  BytesView rest = text, origin, size, root;
  if (!take_line(rest, origin) || !take_line(rest, size) || !take_line(rest, root) || !rest.empty()) return Errc::BadFormat;
  if (origin.empty() || !valid_text(origin)) return Errc::BadFormat;
  c.origin = origin;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), c.size);
  if (error != std::errc{} || end != size.data() + size.size()) return Errc::BadFormat;
  const auto hash = from_base64(root);
  if (!hash || hash->size() != c.root.size()) return Errc::BadFormat;
  std::memcpy(c.root.data(), hash->data(), c.root.size());
  if (encode(c) != text) return Errc::BadFormat;  // a size with zeros in front
  return c;
}

bool valid_note_key_name(std::string_view name) {
  if (name.empty() || !valid_utf8(name) || name.find('+') != name.npos) return false;
  if (std::any_of(name.begin(), name.end(), [](char c) { return is_control(c) || c == ' '; })) return false;
  return std::none_of(kSpaces.begin(), kSpaces.end(), [&](std::string_view s) { return name.find(s) != name.npos; });
}

std::uint32_t NoteKey::id() const { return load_be<std::uint32_t>(sha256(name + "\n" + kEd25519 + public_key).data()); }

std::string NoteKey::text() const {
  Bytes number;
  append_be(number, id());
  return name + "+" + to_hex(number) + "+" + to_base64(kEd25519 + public_key);
}

Result<NoteKey> decode_note_key(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == text.npos || text.size() < plus + 1 + kKeyIdDigits + 1) return Errc::BadFormat;
  const auto bytes = from_base64(text.substr(plus + 1 + kKeyIdDigits + 1));
  if (!bytes || bytes->size() != 1 + kPublicKeyBytes || bytes->front() != kEd25519) return Errc::BadFormat;
  NoteKey key{std::string(text.substr(0, plus)), bytes->substr(1)};
  if (!valid_note_key_name(key.name) || key.text() != text) return Errc::BadFormat;
  return key;
}

Result<BytesView> open_note(BytesView note, const NoteKey& key) {
  if (note.size() > kNoteBytesMax || !valid_text(note)) return Errc::BadFormat;
  const std::size_t blank = note.rfind("\n\n");
  if (blank == note.npos) return Errc::BadFormat;
  const BytesView text = note.substr(0, blank + 1);
  BytesView rest = note.substr(blank + 2), line;
  if (rest.empty()) return Errc::BadFormat;
  bool verified = false;
  for (std::size_t lines = 0; !rest.empty(); ++lines) {
    if (lines == kSignaturesMax || !take_line(rest, line)) return Errc::BadFormat;
    const auto signature = parse_signature_line(line);
    if (!signature) return signature.error();
    if (signature->name != key.name || signature->id != key.id()) continue;
    if (!verify(key.public_key, text, signature->signature)) return Errc::Unauthentic;
    verified = true;
  }
  if (!verified) return Errc::UnknownKey;
  return text;
}

NoteSigner::NoteSigner(std::string name, const CheckpointSeed& seed) : signer_(seed), key_{std::move(name), signer_.public_key()} {
  CHECK(valid_note_key_name(key_.name));
}

Bytes NoteSigner::signature_line(BytesView text) const {
  CHECK(text.ends_with('\n') && valid_text(text));
  Bytes bytes;
  append_be(bytes, key_.id());
  bytes += signer_.sign(text);
  return Bytes(kDash) + key_.name + " " + to_base64(bytes) + "\n";
}

Bytes NoteSigner::sign(BytesView text) const { return Bytes(text) + "\n" + signature_line(text); }

}  // namespace beffroi::crypto
