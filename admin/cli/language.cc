// SPDX-License-Identifier: EUPL-1.2
#include "admin/cli/language.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace beffroi::cli {
namespace {

constexpr std::string_view kNarrowSpace = "\u202F";  // within a number: not broken at a line's end
constexpr std::string_view kNoBreakSpace = "\u00A0";

bool reads_french() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("fr");
  }
  return false;
}

std::string grouped(std::string_view digits, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string one_decimal(double value) {
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, 1).ptr;
  std::string out(buffer.data(), end);
  if (in_french()) std::replace(out.begin(), out.end(), '.', ',');
  return out;
}

}  // namespace

bool in_french() {
  static const bool french = reads_french();
  return french;
}

std::string tr(std::string_view french, std::string_view english) {
  return std::string(in_french() ? french : english);
}

std::string number(std::uint64_t n) {
  return grouped(std::to_string(n), in_french() ? kNarrowSpace : ",");
}

std::string size(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kFrench = {"o", "Kio", "Mio", "Gio", "Tio", "Pio"};
  static constexpr std::array<std::string_view, 6> kEnglish = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kFrench.size(); ++unit) value /= 1024;
  const std::string digits = unit == 0 ? number(bytes) : one_decimal(value);
  return digits + std::string(kNoBreakSpace) + std::string(in_french() ? kFrench[unit] : kEnglish[unit]);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double share = whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return one_decimal(share) + (in_french() ? std::string(kNoBreakSpace) + "%" : "%");
}

std::string siren(std::string_view digits) {
  return grouped(digits, kNoBreakSpace);
}

std::string instant(std::string_view rfc3339) {
  if (rfc3339.size() < 19) return std::string(rfc3339);
  return std::string(rfc3339.substr(0, 10)) + " " + std::string(rfc3339.substr(11, 8)) + " UTC";
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(value >= 0)) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty()) {  // exact, whatever its size
    std::uint64_t whole = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (read.ec != std::errc{} || read.ptr != end || whole > INT64_MAX) return std::nullopt;
    return whole;
  }
  static constexpr std::string_view kPowers = "KMGTP";
  const char first = unit.front() == 'k' ? 'K' : unit.front();
  const std::size_t power = kPowers.find(first);
  if (power == kPowers.npos) return std::nullopt;
  unit.remove_prefix(1);
  const bool binary = unit == "iB" || unit == "io";
  if (!binary && unit != "B" && unit != "o") return std::nullopt;
  const double bytes = value * std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1));
  if (bytes >= 9.2e18) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

Explanation explain_in_french(std::string_view code, std::string_view field) {
  struct Row {
    std::string_view code, field;
    Explanation explanation;
  };
  static constexpr Row kRows[] = {
      {"InvalidField",
       "siren",
       {"ce n’est pas un SIREN : neuf chiffres, le dernier étant une clé de contrôle",
        "donner les 9 chiffres du SIREN, sans espace"}},
      {"InvalidField",
       "slug",
       {"ce nom court ne convient pas",
        "donner 3 à 40 caractères parmi a-z, 0-9 et -, sans - au début ni à la fin, pas seulement des "
        "chiffres, et pas un nom réservé"}},
      {"InvalidField",
       "name",
       {"ce nom ne convient pas", "donner de 1 à 200 octets, sans caractère de contrôle"}},
      {"InvalidField",
       "kind",
       {"ce n’est pas une catégorie connue",
        "donner commune, new_commune, cc, ca, cu, metropole, sivu, sivom, mixte_ferme, mixte_ouvert, "
        "departement, region_admin, public_body ou association"}},
      {"InvalidField",
       "user",
       {"ce n’est pas un nom d’utilisateur", "donner 1 à 64 caractères parmi A-Z a-z 0-9 + = , . @ _ -"}},
      {"InvalidField", "role", {"ce n’est pas un rôle", "donner admin, member ou reader"}},
      {"InvalidField",
       "quota_bytes",
       {"ce quota ne convient pas", "donner un nombre entier d’octets, ou 500MB, 1GiB…"}},
      {"InvalidField",
       "from",
       {"cette borne est hors du journal, ou n’est ni un numéro ni une date",
        "donner le numéro d’un enregistrement, 2026-11-24 ou 2026-11-24T08:20:00Z"}},
      {"InvalidField",
       "to",
       {"cette borne est hors du journal, ou n’est ni un numéro ni une date",
        "donner le numéro d’un enregistrement, 2026-11-24 ou 2026-11-24T08:20:00Z"}},
      {"InvalidField",
       "since",
       {"ce point de contrôle atteste plus que l’entrepôt ne contient : l’entrepôt est plus ancien qu’il ne l’a été",
        "garder le point de contrôle, et chercher qui a remis en place une copie ancienne"}},
      {"InvalidField", "quota_objects", {"ce quota ne convient pas", "donner un nombre entier"}},
      {"InvalidField",
       "accept_loss",
       {"ce n’est pas la perte pour laquelle l’entrepôt est fermé",
        "donner l’identifiant que montre beffroictl status"}},
      {"AlreadyExists",
       "siren",
       {"une collectivité a déjà ce SIREN", "afficher celle qui l’a : beffroictl collectivity list"}},
      {"AlreadyExists",
       "slug",
       {"ce nom court est pris", "en choisir un autre : un nom court n’est jamais donné deux fois"}},
      {"AlreadyExists",
       "user",
       {"cet utilisateur existe déjà", "choisir un autre nom, ou utiliser celui-là"}},
      {"NotFound",
       "slug",
       {"cette collectivité n’existe pas", "beffroictl collectivity list donne celles qui existent"}},
      {"NotFound", "user", {"cet utilisateur n’existe pas", "beffroictl user list donne ceux qui existent"}},
      {"NotFound",
       "access_key_id",
       {"cette clé d’accès n’existe pas, ou elle est déjà révoquée",
        "beffroictl key list donne celles qui existent"}},
      {"NotAllowed",
       "slug",
       {"cette collectivité est en clôture ou détruite", "rien : cet état est définitif"}},
      {"AlreadyInitialised",
       "",
       {"l’appliance est déjà initialisée", "regarder son état : beffroictl status"}},
      {"Busy", "", {"l’appliance est occupée", "réessayer dans quelques secondes"}},
      {"NoSpace",
       "",
       {"le disque est plein",
        "faire de la place sur les systèmes de fichiers que beffroictl status montre pleins"}},
      {"Internal", "", {"l’appliance n’a pas pu le faire", "lire le journal du démon"}},
  };
  for (const Row& row : kRows) {
    if (row.code == code && row.field == field) return row.explanation;
  }
  return {};
}

}  // namespace beffroi::cli
