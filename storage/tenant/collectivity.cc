// SPDX-License-Identifier: EUPL-1.2
#include "storage/tenant/collectivity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/utf8.h"
#include "storage/index/record.h"
#include "storage/tenant/text_list.h"

namespace beffroi::storage {
namespace {

constexpr std::pair<CollectivityKind, std::string_view> kKindNames[] = {
    {CollectivityKind::Commune, "commune"},
    {CollectivityKind::NewCommune, "new_commune"},
    {CollectivityKind::Cc, "cc"},
    {CollectivityKind::Ca, "ca"},
    {CollectivityKind::Cu, "cu"},
    {CollectivityKind::Metropole, "metropole"},
    {CollectivityKind::Sivu, "sivu"},
    {CollectivityKind::Sivom, "sivom"},
    {CollectivityKind::MixteFerme, "mixte_ferme"},
    {CollectivityKind::MixteOuvert, "mixte_ouvert"},
    {CollectivityKind::Departement, "departement"},
    {CollectivityKind::RegionAdmin, "region_admin"},
    {CollectivityKind::PublicBody, "public_body"},
    {CollectivityKind::Association, "association"},
};

constexpr std::pair<CollectivityState, std::string_view> kStateNames[] = {
    {CollectivityState::Active, "active"},
    {CollectivityState::Suspended, "suspended"},
    {CollectivityState::Closing, "closing"},
    {CollectivityState::Shredded, "shredded"},
};

// Names that the appliance answers to itself, or that a reader would take for its operator's.
constexpr std::string_view kReservedSlugs[] = {
    "admin",     "api",     "appliance", "auth",    "autoconfig", "autodiscover", "beffroi",
    "console",   "default", "docs",      "ftp",     "health",     "imap",         "internal",
    "localhost", "login",   "mail",      "metrics", "mta-sts",    "ns1",          "ns2",
    "pop",       "public",  "root",      "s3",      "smtp",       "sso",          "static",
    "status",    "support", "webmail",   "wpad",    "www",
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_digits(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, is_digit);
}

// Every second digit from the right is doubled, nines cast out; the sum is a multiple of ten.
bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return sum % 10 == 0;
}

bool is_departement_start(std::string_view two) {
  return all_digits(two) || two == "2A" || two == "2B";
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool valid_contact(std::string_view mail) {
  const std::size_t at = mail.find('@');
  return mail.size() <= kContactBytesMax && valid_utf8(mail) && !has_control_character(mail) &&
         mail.find(' ') == mail.npos && at != mail.npos && at > 0 && at + 1 < mail.size() &&
         mail.find('@', at + 1) == mail.npos;
}

bool decode_sirets(BytesView in, std::vector<std::string>& out) {
  if (in.size() % 14 != 0) return false;
  for (; !in.empty(); in.remove_prefix(14)) out.emplace_back(in.substr(0, 14));
  return true;
}

}  // namespace

bool valid_siren(std::string_view s) {
  return s.size() == 9 && all_digits(s) && passes_luhn(s);
}

bool valid_siret(std::string_view s) {
  if (s.size() != 14 || !all_digits(s)) return false;
  if (passes_luhn(s)) return true;
  int sum = 0;
  for (char c : s) sum += c - '0';
  return s.starts_with("356000000") && sum % 5 == 0;
}

bool valid_slug(std::string_view s) {
  if (s.size() < kSlugCharactersMin || s.size() > kSlugCharactersMax) return false;
  const auto inner = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  if (!std::ranges::all_of(s, inner) || s.front() == '-' || s.back() == '-') return false;
  if (s.substr(2).starts_with("--")) return false;  // "xn--": a name in another alphabet
  return !all_digits(s) && std::ranges::find(kReservedSlugs, s) == std::end(kReservedSlugs);
}

bool valid_cog_code(CollectivityKind kind, std::string_view code) {
  if (code.empty()) return true;
  if (kind == CollectivityKind::RegionAdmin) return code.size() == 2 && all_digits(code);
  if (code.size() < 2 || !is_departement_start(code.substr(0, 2))) return false;
  if (kind == CollectivityKind::Departement) {
    return code.size() == 2 || (code.size() == 3 && all_digits(code) && code.starts_with("97"));
  }
  return code.size() == 5 && all_digits(code.substr(2));
}

std::string_view kind_name(CollectivityKind kind) {
  for (const auto& [value, name] : kKindNames) {
    if (value == kind) return name;
  }
  return {};
}

std::optional<CollectivityKind> kind_from_name(std::string_view text) {
  for (const auto& [value, name] : kKindNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::string_view state_name(CollectivityState state) {
  for (const auto& [value, name] : kStateNames) {
    if (value == state) return name;
  }
  return {};
}

std::optional<CollectivityState> state_from_name(std::string_view text) {
  for (const auto& [value, name] : kStateNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::optional<FieldError> check(const Collectivity& c) {
  if (!valid_siren(c.siren)) return FieldError{"siren", "give the 9 digits of the SIREN, without spaces"};
  if (!valid_slug(c.slug)) {
    return FieldError{
        "slug",
        "give 3 to 40 of a-z, 0-9 and -, neither first nor last a -, not only digits, not a reserved name"};
  }
  if (c.name.empty() || c.name.size() > kCollectivityNameBytesMax || !valid_utf8(c.name) ||
      has_control_character(c.name)) {
    return FieldError{"name", "give 1 to 200 bytes of UTF-8 without control characters"};
  }
  if (kind_name(c.kind).empty())
    return FieldError{"kind", "give one of the known kinds, such as commune or cc"};
  if (!valid_cog_code(c.kind, c.cog_code)) {
    return FieldError{"cog_code",
                      "leave it empty or give the code of the kind: commune 60057 or 2A004, departement 60 "
                      "or 971, region 32"};
  }
  if (c.parent && *c.parent == c.id) return FieldError{"parent", "a collectivity cannot be its own parent"};
  if (c.accepted_sirets.size() > kAcceptedSiretsMax || !std::ranges::all_of(c.accepted_sirets, valid_siret)) {
    return FieldError{"accepted_sirets", "give at most 64 SIRETs of 14 digits, without spaces"};
  }
  if (c.contacts.size() > kContactsMax || !std::ranges::all_of(c.contacts, valid_contact)) {
    return FieldError{"contacts", "give at most 16 mail addresses"};
  }
  if (state_name(c.state).empty()) return FieldError{"state", "give active, suspended, closing or shredded"};
  return std::nullopt;
}

Bytes encode(const Collectivity& c) {
  RecordWriter w;
  w.field(1, BytesView(c.siren));
  w.field(2, BytesView(c.slug));
  w.field(3, BytesView(c.name));
  w.field(4, static_cast<std::uint8_t>(c.kind));
  if (!c.cog_code.empty()) w.field(5, BytesView(c.cog_code));
  w.field(6, c.population);
  if (c.parent) w.field(7, raw(*c.parent));
  Bytes sirets;
  for (const std::string& siret : c.accepted_sirets) sirets += siret;
  if (!sirets.empty()) w.field(8, BytesView(sirets));
  if (!c.contacts.empty()) w.field(9, BytesView(encode_texts(c.contacts)));
  w.field(10, c.quota_bytes);
  w.field(11, c.quota_objects);
  w.field(12, static_cast<std::uint8_t>(c.state));
  w.field(13, c.created_ms);
  return w.take();
}

Result<Collectivity> decode_collectivity(CollectivityId id, BytesView record) {
  Collectivity c;
  c.id = id;
  RecordReader r(record);
  while (r.next()) {
    switch (r.tag()) {
      case 1:
        c.siren = r.bytes();
        break;
      case 2:
        c.slug = r.bytes();
        break;
      case 3:
        c.name = r.bytes();
        break;
      case 4:
        c.kind = CollectivityKind{r.integer<std::uint8_t>()};
        break;
      case 5:
        c.cog_code = r.bytes();
        break;
      case 6:
        c.population = r.integer<std::uint32_t>();
        break;
      case 7:
        c.parent = CollectivityId{r.integer<std::uint32_t>()};
        break;
      case 8:
        if (!decode_sirets(r.bytes(), c.accepted_sirets)) r.fail(crypto::Errc::BadFormat);
        break;
      case 9:
        if (!decode_texts(r.bytes(), c.contacts)) r.fail(crypto::Errc::BadFormat);
        break;
      case 10:
        c.quota_bytes = r.integer<std::uint64_t>();
        break;
      case 11:
        c.quota_objects = r.integer<std::uint64_t>();
        break;
      case 12:
        c.state = CollectivityState{r.integer<std::uint8_t>()};
        break;
      case 13:
        c.created_ms = r.integer<std::int64_t>();
        break;
      default:
        r.unknown();
    }
  }
  if (auto status = r.status(); !status) return status.error();
  if (kind_name(c.kind).empty() || state_name(c.state).empty()) return crypto::Errc::NewerFormat;
  // One value, one encoding: an explicit default or an empty list is not what encode() writes.
  if (encode(c) != record) return crypto::Errc::BadFormat;
  return c;
}

}  // namespace beffroi::storage
