// SPDX-License-Identifier: EUPL-1.2
#include "admin/verify/extract.h"

#include <sodium.h>

#include <boost/json.hpp>
#include <cstring>

#include "admin/verify/tree.h"

namespace beffroi::verify {
namespace json = boost::json;
namespace {

constexpr std::size_t kStateLeafBytes = 109, kSaltBytes = 16;
constexpr char kVersion = '\x01';  // of leaves
constexpr std::size_t kHashesMax = 128;

template <class T>
T little_endian(std::string_view bytes, std::size_t at) {
  T n = 0;
  for (std::size_t i = sizeof n; i-- > 0;) n = static_cast<T>(n << 8 | static_cast<unsigned char>(bytes[at + i]));
  return n;
}

template <class T>
void append_little_endian(std::string& out, T n) {
  for (std::size_t i = 0; i < sizeof n; ++i) out += static_cast<char>(n >> (8 * i) & 0xFF);
}

// version u8 | T u32 | own size u64 | own root 32 | what this program does not need
std::optional<StateLeaf> parse_state(std::string_view bytes) {
  if (bytes.size() != kStateLeafBytes || bytes[0] != kVersion) return std::nullopt;
  StateLeaf leaf;
  leaf.collectivity = little_endian<std::uint32_t>(bytes, 1);
  leaf.size = little_endian<std::uint64_t>(bytes, 5);
  std::memcpy(leaf.root.data(), bytes.data() + 13, leaf.root.size());
  return leaf;
}

// The members of an object by name; the first that is absent or of another type makes the whole `bad`.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}
  std::string text(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr || !value->is_string()) return bad_ = true, std::string();
    return std::string(std::string_view(value->get_string()));
  }
  std::uint64_t number(std::string_view name) {
    const json::value* value = find(name);
    if (value != nullptr && value->is_uint64()) return value->get_uint64();
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return bad_ = true, 0;
    return static_cast<std::uint64_t>(value->get_int64());
  }
  std::vector<Hash> hashes(std::string_view name) {
    std::vector<Hash> all;
    for (const json::value& value : array(name)) {
      const auto hash = value.is_string() ? hash_from_base64(value.get_string()) : std::nullopt;
      if (!hash || all.size() == kHashesMax) return bad_ = true, all;
      all.push_back(*hash);
    }
    return all;
  }
  json::array array(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr || !value->is_array()) return bad_ = true, json::array();
    return value->get_array();
  }
  bool bad() const { return bad_; }

 private:
  const json::value* find(std::string_view name) const { return object_.if_contains(name); }
  const json::object& object_;
  bool bad_ = false;
};

std::optional<json::object> parse_object(std::string_view line) {
  boost::system::error_code error;
  json::value value = json::parse(line, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

// Reads a line that is written in exactly one way.
class Cursor {
 public:
  explicit Cursor(std::string_view in) : rest_(in) {}
  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool number(std::uint64_t& n) {
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto parsed = parse_number(rest_.substr(0, end));
    if (parsed) n = *parsed;
    rest_.remove_prefix(end);
    return parsed.has_value();
  }
  std::string_view until(char c) {
    const std::size_t end = std::min(rest_.find(c), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }
  bool hash(Hash& into) {
    const auto read = hash_from_base64(until('"'));
    if (read) into = *read;
    return read.has_value();
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

Hash hmac(std::string_view key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  Hash out;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  return out;
}

}  // namespace

Lines::Got Lines::next() {
  in_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  const auto taken = static_cast<std::size_t>(in_.gcount());
  if (taken == 0 && in_.eof()) return Got::End;
  ++number_;
  if (!in_.good()) return Got::Broken;
  size_ = taken - 1;  // the newline
  return Got::Line;
}

std::optional<Head> parse_head(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return std::nullopt;
  Members m(*object);
  if (m.text("format") != "beffroi-extract/1") return std::nullopt;
  Head head;
  head.siren = m.text("siren"), head.slug = m.text("slug"), head.made = m.text("made");
  head.from = m.number("from"), head.to = m.number("to"), head.size = m.number("size");
  head.left = m.hashes("left"), head.right = m.hashes("right");
  const auto state_bytes = from_base64(m.text("state_leaf"));
  head.state_index = m.number("state_index");
  head.inclusion = m.hashes("inclusion");
  const auto checkpoint = parse_checkpoint_file(m.text("checkpoint"));
  for (const json::value& value : m.array("consistency")) {
    if (!value.is_object()) return std::nullopt;
    Members inner(value.get_object());
    head.consistency.push_back({inner.number("from"), inner.hashes("proof")});
    if (inner.bad()) return std::nullopt;
  }
  const auto state = state_bytes ? parse_state(*state_bytes) : std::nullopt;
  if (m.bad() || !state || !checkpoint) return std::nullopt;
  head.state_bytes = *state_bytes, head.state = *state, head.checkpoint = *checkpoint;
  return head;
}

std::optional<HeadSignature> parse_signature(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return std::nullopt;
  Members m(*object);
  HeadSignature signature{m.text("key"), m.text("signature")};
  // Nothing signs this line: it is written in one way, or not at all.
  if (m.bad() || line != "{\"key\":\"" + signature.key + "\",\"signature\":\"" + signature.line + "\"}") return std::nullopt;
  return signature;
}

std::optional<Record> parse_record(std::string_view line) {
  Record record;
  Cursor at(line);
  if (!at.literal("{\"seq\":") || !at.number(record.seq) || !at.literal(",\"ms\":") || !at.number(record.ms)) return std::nullopt;
  if (!at.literal(",\"leaf\":\"") || !at.hash(record.leaf)) return std::nullopt;
  if (at.literal("\",\"mac\":\"")) {
    record.purged = true;
    if (!at.hash(record.mac) || !at.literal("\"}") || !at.rest().empty()) return std::nullopt;
    return record;
  }
  if (!at.literal("\",\"salt\":\"")) return std::nullopt;
  const auto salt = from_base64(at.until('"'));
  if (!salt || salt->size() != kSaltBytes || !at.literal("\",\"record\":")) return std::nullopt;
  std::string_view body = at.rest();
  if (!body.ends_with('}')) return std::nullopt;
  body.remove_suffix(1);
  record.mac = hmac(*salt, body);
  return record;
}

Hash record_leaf(std::uint32_t collectivity, const Record& record) {
  std::string leaf(1, kVersion);
  append_little_endian(leaf, collectivity);
  append_little_endian(leaf, record.seq);
  append_little_endian(leaf, record.ms);
  leaf.append(reinterpret_cast<const char*>(record.mac.data()), record.mac.size());
  return leaf_hash(leaf);
}

}  // namespace beffroi::verify
