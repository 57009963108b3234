// SPDX-License-Identifier: EUPL-1.2
#include "admin/cli/show.h"

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "admin/cli/language.h"
#include "admin/cli/table.h"

namespace beffroi::cli {
namespace json = boost::json;
namespace {

std::string text(const json::object& o, std::string_view name) {
  const json::value* value = o.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(std::string_view(value->get_string()))
                                                : std::string();
}

std::uint64_t count(const json::object& o, std::string_view name) {
  const json::value* value = o.if_contains(name);
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->get_uint64();
  return value->is_int64() && value->get_int64() > 0 ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

bool flag(const json::object& o, std::string_view name) {
  const json::value* value = o.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

template <class Visit>
void each(const json::object& o, std::string_view name, Visit visit) {
  const json::value* value = o.if_contains(name);
  if (value == nullptr || !value->is_array()) return;
  for (const json::value& element : value->get_array()) {
    if (element.is_object()) visit(element.get_object());
  }
}

std::string phase_text(const std::string& phase) {
  if (phase == "serving") return tr("en service", "serving");
  if (phase == "sealed") return tr("scellée, sans clé racine", "sealed, without a root key");
  if (phase == "uninitialised") return tr("pas encore initialisée", "not initialised yet");
  if (phase == "opening") return tr("en cours d’ouverture", "opening");
  if (phase == "closed") return tr("fermée", "closed");
  if (phase == "stopping") return tr("en cours d’arrêt", "stopping");
  return phase;
}

std::string role_text(const std::string& role) {
  if (role == "admin") return tr("administrateur", "admin");
  if (role == "member") return tr("membre", "member");
  if (role == "reader") return tr("lecteur", "reader");
  return role;
}

std::string outcome_text(const std::string& outcome) {
  if (outcome == "allowed") return tr("fait", "allowed");
  if (outcome == "denied") return tr("refusé", "denied");
  if (outcome == "failed") return tr("échoué", "failed");
  return outcome;
}

std::pair<std::string, std::string> disk_line(const json::object& system) {
  const bool data = text(system, "use") == "data";
  std::string value = size(count(system, "available_bytes")) + " / " + size(count(system, "size_bytes"));
  const std::string state = text(system, "state");
  if (state == "warn") value += tr(", bientôt plein", ", nearly full");
  if (state == "refuse") value += tr(", plein : les dépôts sont refusés", ", full: writes are refused");
  return {data ? tr("disque libre", "disk left") : tr("disque libre, trousseau", "disk left, keyring"), value};
}

std::string duration(std::uint64_t seconds) {
  const std::uint64_t days = seconds / 86'400, hours = seconds / 3'600 % 24, minutes = seconds / 60 % 60;
  std::string out;
  if (days != 0) out += std::to_string(days) + tr(" j ", " d ");
  if (days != 0 || hours != 0) out += std::to_string(hours) + " h ";
  return out + std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
}

std::string state_text(const std::string& state) {
  if (state == "active") return tr("active", "active");
  if (state == "suspended") return tr("suspendue", "suspended");
  if (state == "closing") return tr("en clôture", "closing");
  if (state == "shredded") return tr("détruite", "shredded");
  return state;
}

}  // namespace

void show_status(std::ostream& out, const json::object& o) {
  std::vector<std::pair<std::string, std::string>> lines = {
      {tr("état", "state"), phase_text(text(o, "phase"))},
      {tr("version", "version"), text(o, "version")},
      {tr("en marche depuis", "up for"), duration(count(o, "uptime_seconds"))}};
  if (!text(o, "reason").empty()) lines.push_back({tr("raison", "reason"), text(o, "reason")});
  if (const std::string loss = text(o, "loss_id"); !loss.empty()) {
    lines.push_back({tr("que faire", "what to do"),
                     tr("restaurer une sauvegarde, ou accepter la perte : beffroictl recover --accept-loss ",
                        "restore a backup, or accept the loss: beffroictl recover --accept-loss ") +
                         loss});
  }
  if (o.contains("sequence")) {
    lines.push_back({tr("collectivités", "collectivities"), number(count(o, "collectivities"))});
    lines.push_back({tr("dernière écriture", "last frame"), number(count(o, "sequence"))});
    lines.push_back({tr("démarrages", "starts"), number(count(o, "epoch"))});
    lines.push_back({tr("journal à rejouer", "log to replay"), size(count(o, "log_bytes"))});
    lines.push_back({tr("éléments à libérer", "pieces to free"), number(count(o, "gc_rows"))});
    lines.push_back(
        {tr("feuilles de l’arbre d’audit", "leaves of the audit tree"), number(count(o, "audit_tree_size"))});
    each(o, "file_systems", [&](const json::object& system) { lines.push_back(disk_line(system)); });
  }
  print_pairs(out, lines);
}

void show_check_progress(std::ostream& out, const json::object& o) {
  const std::string stage = text(o, "stage");
  std::string what = stage;
  if (stage == "tables") what = tr("tables", "tables");
  if (stage == "rows") what = tr("lignes", "rows");
  if (stage == "audit") what = tr("journaux d’audit", "audit logs");
  if (stage == "bodies") what = tr("contenus", "bodies");
  const std::uint64_t done = count(o, "done_bytes"), total = count(o, "total_bytes");
  out << "\r\x1b[K" << what << "  " << (total == 0 ? size(done) : percent(std::min(done, total), total) + ", " + size(done) + " / " + size(total)) << std::flush;
}

void show_check(std::ostream& out, const json::object& o) {
  std::size_t findings = 0;
  if (const json::value* list = o.if_contains("findings"); list != nullptr && list->is_array()) {
    for (const json::value& finding : list->get_array()) {
      if (finding.is_string()) out << std::string_view(finding.get_string()) << "\n";
      ++findings;
    }
  }
  if (findings == 0) out << tr("rien d’endommagé : l’entrepôt est entier\n", "nothing is damaged: the store is whole\n");
  else out << number(findings) << tr(" dommage(s) constaté(s)\n", " found\n");
}

void show_recovered(std::ostream& out, const json::object& o) {
  out << tr("perdu : ", "lost: ") << text(o, "lost") << "\n";
  const json::value* findings = o.if_contains("findings");
  if (findings == nullptr || !findings->is_array() || findings->get_array().empty()) {
    out << tr("la vérification n’a rien trouvé d’autre ; l’appliance est de nouveau en service\n",
              "the check found nothing else; the appliance serves again\n");
    return;
  }
  out << tr("la vérification a trouvé :\n", "the check found:\n");
  for (const json::value& finding : findings->get_array()) {
    if (finding.is_string()) out << "  " << std::string_view(finding.get_string()) << "\n";
  }
  out << tr("l’appliance est de nouveau en service\n", "the appliance serves again\n");
}

void show_collectivity(std::ostream& out, const json::object& o) {
  print_pairs(out, {{tr("collectivité", "collectivity"), text(o, "name")},
                    {tr("nom court", "short name"), text(o, "slug")},
                    {"SIREN", siren(text(o, "siren"))},
                    {tr("catégorie", "kind"), text(o, "kind")},
                    {tr("état", "state"), state_text(text(o, "state"))},
                    {tr("inscrite le", "registered"), instant(text(o, "created"))},
                    {tr("octets", "bytes"), size(count(o, "bytes")) + " / " + size(count(o, "quota_bytes"))},
                    {tr("objets", "objects"),
                     number(count(o, "objects")) + " / " + number(count(o, "quota_objects"))}});
}

void show_collectivities(std::ostream& out, const json::object& o) {
  Table table({{tr("nom court", "short name")},
               {"SIREN"},
               {tr("nom", "name")},
               {tr("état", "state")},
               {tr("octets", "bytes"), true},
               {"quota", true},
               {"%", true},
               {tr("objets", "objects"), true}});
  each(o, "collectivities", [&table](const json::object& c) {
    table.add({text(c, "slug"), siren(text(c, "siren")), text(c, "name"), state_text(text(c, "state")),
               size(count(c, "bytes")), size(count(c, "quota_bytes")),
               percent(count(c, "bytes"), count(c, "quota_bytes")), number(count(c, "objects"))});
  });
  table.print(out);
}

void show_usage(std::ostream& out, const json::object& o) {
  const std::uint64_t bytes = count(o, "bytes"), objects = count(o, "objects");
  print_pairs(out, {{tr("collectivité", "collectivity"), text(o, "collectivity")},
                    {tr("octets", "bytes"), size(bytes) + " / " + size(count(o, "quota_bytes")) + " (" +
                                                percent(bytes, count(o, "quota_bytes")) + ")"},
                    {tr("objets", "objects"), number(objects) + " / " + number(count(o, "quota_objects")) +
                                                  " (" + percent(objects, count(o, "quota_objects")) + ")"},
                    {tr("dépôts en cours", "uploads under way"),
                     size(count(o, "reserved_bytes")) + ", " + number(count(o, "reserved_objects"))},
                    {tr("sur le disque", "on the disk"), size(count(o, "physical_bytes"))},
                    {tr("seaux", "buckets"), number(count(o, "buckets"))}});
}

void show_lifecycle(std::ostream& out, const json::object& o) {
  Table table({{tr("ce qui est dû", "what is due")}, {tr("clé", "key")}, {"version"}, {tr("règle", "rule")}});
  each(o, "due", [&table](const json::object& a) {
    const std::string action = text(a, "action");
    table.add({action == "expire"           ? tr("expire", "expires")
               : action == "remove-version" ? tr("version retirée", "version removed")
                                            : tr("dépôt abandonné", "upload aborted"),
               text(a, "key"), text(a, "version"), text(a, "rule")});
  });
  table.print(out);
}

void show_user(std::ostream& out, const json::object& o) {
  print_pairs(out, {{tr("collectivité", "collectivity"), text(o, "collectivity")},
                    {tr("utilisateur", "user"), text(o, "user")},
                    {tr("rôle", "role"), role_text(text(o, "role"))},
                    {tr("identifiant S3", "S3 id"), text(o, "user_id")}});
}

void show_users(std::ostream& out, const json::object& o) {
  Table table({{tr("utilisateur", "user")},
               {tr("rôle", "role")},
               {tr("créé le", "created")},
               {tr("identifiant S3", "S3 id")}});
  each(o, "users", [&table](const json::object& u) {
    table.add({text(u, "user"), role_text(text(u, "role")), instant(text(u, "created")), text(u, "user_id")});
  });
  table.print(out);
}

void show_new_key(std::ostream& out, const json::object& o) {
  print_pairs(out, {{tr("collectivité", "collectivity"), text(o, "collectivity")},
                    {tr("utilisateur", "user"), text(o, "user")},
                    {tr("clé d’accès", "access key"), text(o, "access_key_id")},
                    {tr("clé secrète", "secret key"), text(o, "secret_access_key")}});
  out << tr("La clé secrète n’est montrée qu’une fois : la garder en lieu sûr.",
            "The secret key is shown once: keep it safe.")
      << "\n";
}

void show_keys(std::ostream& out, const json::object& o) {
  Table table({{tr("clé d’accès", "access key")},
               {tr("utilisateur", "user")},
               {tr("état", "state")},
               {tr("créée le", "created")}});
  each(o, "keys", [&table](const json::object& k) {
    table.add({text(k, "access_key_id"), text(k, "user"),
               flag(k, "revoked") ? tr("révoquée", "revoked") : tr("valide", "valid"),
               instant(text(k, "created"))});
  });
  table.print(out);
}

void show_revoked(std::ostream& out, const json::object& o) {
  out << tr("clé révoquée : ", "revoked: ") << text(o, "access_key_id") << " (" << text(o, "user") << ", "
      << text(o, "collectivity") << ")\n";
}

void show_audit(std::ostream& out, const json::object& o) {
  Table table({{"n°", true},
               {tr("instant", "time")},
               {tr("qui", "who")},
               {tr("opération", "operation")},
               {tr("issue", "outcome")},
               {tr("objet", "object")}});
  each(o, "records", [&table](const json::object& r) {
    if (flag(r, "purged")) {
      table.add({number(count(r, "seq")), instant(text(r, "time")), tr("(purgé)", "(purged)"), "", "", ""});
      return;
    }
    std::string who = text(r, "user");
    if (who.empty()) who = text(r, "operator");
    std::string place = text(r, "bucket");
    if (!text(r, "key").empty()) place += "/" + text(r, "key");
    std::string outcome = outcome_text(text(r, "outcome"));
    if (!text(r, "error").empty()) outcome += " (" + text(r, "error") + ")";
    table.add({number(count(r, "seq")), instant(text(r, "time")), who, text(r, "operation"), outcome, place});
  });
  table.print(out);
  if (count(o, "from") != 0 || count(o, "to") != count(o, "size")) {
    out << tr("numéros ", "numbers ") << number(count(o, "from")) << tr(" à ", " to ")
        << number(count(o, "to")) << tr(" sur ", " of ") << number(count(o, "size"))
        << tr(" ; pour les autres : --from et --to", "; for others: --from and --to") << "\n";
  }
}

void show_checkpoint(std::ostream& out, const json::object& o) { out << text(o, "checkpoint"); }

void show_audit_key(std::ostream& out, const json::object& o) { out << text(o, "key") << "\n"; }

}  // namespace beffroi::cli
