// SPDX-License-Identifier: EUPL-1.2
#include "admin/verify/note.h"

#include <sodium.h>

#include <charconv>

namespace beffroi::verify {
namespace {

constexpr char kEd25519 = '\x01';
constexpr std::size_t kKeyIdDigits = 8, kKeyIdBytes = 4;
constexpr std::size_t kProofHashesMax = 64;
constexpr std::string_view kDash = "\u2014 ";

const unsigned char* bytes_of(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

std::uint32_t number_of(std::string_view four) {
  std::uint32_t n = 0;
  for (const char c : four) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

// The line at the front of `text`, which loses it and its newline; nothing when there is no newline.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text), size = take_line(text), root = take_line(text);
  if (!root || origin->empty() || !text.empty()) return std::nullopt;
  const auto number = parse_number(*size);
  const auto hash = hash_from_base64(*root);
  if (!number || !hash) return std::nullopt;
  return Checkpoint{std::string(*origin), *number, *hash};
}

std::optional<Consistency> parse_consistency(std::string_view& text) {
  const auto old = take_line(text);
  const auto from = old ? parse_number(old->substr(4)) : std::nullopt;
  if (!from) return std::nullopt;
  Consistency consistency{*from, {}};
  for (auto line = take_line(text);; line = take_line(text)) {
    if (!line) return std::nullopt;
    if (line->empty()) return consistency;
    const auto hash = hash_from_base64(*line);
    if (!hash || consistency.proof.size() == kProofHashesMax) return std::nullopt;
    consistency.proof.push_back(*hash);
  }
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the zero at its end
  return out;
}

std::string from_hash(const Hash& hash) { return to_base64({reinterpret_cast<const char*>(hash.data()), hash.size()}); }

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(size);
  // libsodium 1.0.18 takes some bytes above ASCII for letters: what was read is compared with what should stand there.
  if (to_base64(out) != text) return std::nullopt;
  return out;
}

std::optional<Hash> hash_from_base64(std::string_view text) {
  Hash hash;
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  return n;
}

std::optional<Key> parse_key(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == text.npos || plus == 0 || text.size() < plus + 2 + kKeyIdDigits || text[plus + 1 + kKeyIdDigits] != '+') return std::nullopt;
  const auto bytes = from_base64(text.substr(plus + 2 + kKeyIdDigits));
  if (!bytes || bytes->size() != 1 + crypto_sign_PUBLICKEYBYTES || bytes->front() != kEd25519) return std::nullopt;
  Key key{std::string(text), std::string(text.substr(0, plus)), bytes->substr(1), 0};
  const std::string named = key.name + "\n" + *bytes;
  Hash digest;
  crypto_hash_sha256(digest.data(), bytes_of(named), named.size());
  char digits[2 * kKeyIdBytes + 1];
  sodium_bin2hex(digits, sizeof digits, digest.data(), kKeyIdBytes);
  if (text.substr(plus + 1, kKeyIdDigits) != digits) return std::nullopt;
  key.id = number_of({reinterpret_cast<const char*>(digest.data()), kKeyIdBytes});
  return key;
}

Signed check_signatures(std::string_view text, std::string_view lines, const Key& key) {
  Signed outcome = Signed::NotByThisKey;
  if (lines.empty()) return Signed::Malformed;
  while (!lines.empty()) {
    const auto line = take_line(lines);
    if (!line || !line->starts_with(kDash)) return Signed::Malformed;
    const std::string_view rest = line->substr(kDash.size());
    const std::size_t space = rest.find(' ');
    if (space == rest.npos || space == 0) return Signed::Malformed;
    const auto bytes = from_base64(rest.substr(space + 1));
    if (!bytes || bytes->size() <= kKeyIdBytes) return Signed::Malformed;
    if (rest.substr(0, space) != key.name || number_of(std::string_view(*bytes).substr(0, kKeyIdBytes)) != key.id) continue;
    if (bytes->size() != kKeyIdBytes + crypto_sign_BYTES ||
        crypto_sign_verify_detached(bytes_of(*bytes) + kKeyIdBytes, bytes_of(text), text.size(), bytes_of(key.public_key)) != 0) {
      return Signed::No;
    }
    outcome = Signed::Yes;
  }
  return outcome;
}

std::optional<CheckpointFile> parse_checkpoint_file(std::string_view in) {
  CheckpointFile file;
  if (in.starts_with("old ")) {
    file.consistency = parse_consistency(in);
    if (!file.consistency) return std::nullopt;
  }
  const std::size_t blank = in.find("\n\n");
  if (blank == in.npos) return std::nullopt;
  file.text = in.substr(0, blank + 1);
  file.signatures = in.substr(blank + 2);
  const auto checkpoint = parse_checkpoint(file.text);
  if (!checkpoint) return std::nullopt;
  file.checkpoint = *checkpoint;
  return file;
}

}  // namespace beffroi::verify
