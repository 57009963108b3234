// SPDX-License-Identifier: EUPL-1.2
#include "admin/verify/words.h"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

namespace beffroi::verify {
namespace {

struct Pair {
  std::string_view french, english;
};
struct Row {
  std::string_view code;
  Pair what;    // # stands for the record's number, @ for its time, % for a file, * for the size of its tree, ^ for the extract's
  Pair advice;
};

// A total map: without a default arm the compiler asks for the row of a new fault.
Row row_of(Fault fault) {
  switch (fault) {
    case Fault::None:
      return {"none", {}, {}};
    case Fault::NotAnExtract:
      return {"not_an_extract",
              {"Ce fichier n’est pas un extrait, ou son début a été modifié.", "This file is not an extract, or its beginning was changed."},
              {"Donner le fichier tel que l’appliance l’a produit, sans l’ouvrir dans un éditeur.",
               "Give the file as the appliance wrote it, without opening it in an editor."}};
    case Fault::OtherKey:
      return {"other_key",
              {"L’extrait est signé par une autre clé que celle qui a été donnée.", "The extract is signed by another key than the one that was given."},
              {"Vérifier de quelle appliance il vient. Si c’est la bonne, il a été fabriqué.",
               "Check which appliance it comes from. If it is the right one, it was forged."}};
    case Fault::HeadChanged:
      return {"head_changed",
              {"L’en-tête de l’extrait a été modifié : sa signature ne correspond plus.", "The head of the extract was changed: its signature does not fit any more."},
              {"Redemander l’extrait, et dire à qui l’a transmis ce qui s’est passé.", "Ask for the extract again, and tell whoever passed it on."}};
    case Fault::CheckpointChanged:
      return {"checkpoint_changed",
              {"Le point de contrôle contenu dans l’extrait n’est pas signé par sa clé.", "The checkpoint in the extract is not signed by its key."},
              {"L’extrait ne prouve rien : le redemander.", "The extract proves nothing: ask for it again."}};
    case Fault::StateNotInTree:
      return {"state_not_in_tree",
              {"L’état de ce journal ne figure pas dans l’arbre que le point de contrôle signe.", "The state of this log is not in the tree that the checkpoint signs."},
              {"L’appliance a écrit une chose et signé une autre : prévenir l’exploitant et garder ce fichier.",
               "The appliance wrote one thing and signed another: tell the operator and keep this file."}};
    case Fault::BadRange:
      return {"bad_range",
              {"Les bornes de l’extrait ne correspondent pas au journal signé.", "The bounds of the extract do not fit the signed log."},
              {"Redemander l’extrait et garder celui-ci.", "Ask for the extract again and keep this one."}};
    case Fault::LineBroken:
      return {"line_broken",
              {"La ligne de l’enregistrement # est illisible ou coupée.", "The line of record # cannot be read, or is cut."},
              {"Le fichier a été abîmé ou modifié : redemander l’extrait.", "The file was damaged or changed: ask for the extract again."}};
    case Fault::RecordChanged:
      return {"record_changed",
              {"L’enregistrement # (@) n’est pas celui que l’appliance a écrit : il a été modifié, ou vient d’un autre journal.",
               "Record # (@) is not the one that the appliance wrote: it was changed, or comes from another log."},
              {"Redemander l’extrait : s’il est le même, prévenir l’exploitant.", "Ask for the extract again; if it is the same, tell the operator."}};
    case Fault::RecordMissing:
      return {"record_missing",
              {"L’enregistrement # manque, ou n’est pas à sa place (dernier lu avant lui : @).", "Record # is missing or not in its place (last one read before it: @)."},
              {"Un extrait est complet ou ne vaut rien : le redemander.", "An extract is whole or worth nothing: ask for it again."}};
    case Fault::RecordRepeated:
      return {"record_repeated",
              {"À la place de l’enregistrement # s’en trouve un plus ancien (dernier lu avant lui : @).", "An earlier record stands where record # should (last one read before it: @)."},
              {"L’ordre a été changé ou une ligne ajoutée : redemander l’extrait.", "The order was changed or a line added: ask for the extract again."}};
    case Fault::RecordsCut:
      return {"records_cut",
              {"La fin manque, à partir de l’enregistrement # (dernier lu : @).", "The end is missing, from record # on (last one read: @)."},
              {"Le transfert a pu s’interrompre : redemander l’extrait.", "The transfer may have broken off: ask for the extract again."}};
    case Fault::RecordsAdded:
      return {"records_added",
              {"Des lignes ont été ajoutées après le dernier enregistrement.", "Lines were added behind the last record."},
              {"Redemander l’extrait.", "Ask for the extract again."}};
    case Fault::RecordsReplaced:
      return {"records_replaced",
              {"Les enregistrements de cet extrait ne sont pas ceux du journal signé : au moins un a été refait avec son empreinte.",
               "The records of this extract are not those of the signed log: at least one was made anew together with its hash."},
              {"Garder ce fichier, redemander l’extrait, comparer.", "Keep this file, ask for the extract again, compare."}};
    case Fault::CheckpointOtherKey:
      return {"checkpoint_other_key",
              {"Le point de contrôle % n’est pas signé par la clé de l’extrait, ou il a été modifié.", "The checkpoint % is not signed by the key of the extract, or was changed."},
              {"Vérifier qu’il vient de la même appliance. Si oui, l’un des deux est faux.", "Check that it comes from the same appliance. If so, one of the two is false."}};
    case Fault::CheckpointContradicted:
      return {"checkpoint_contradicted",
              {"Le point de contrôle % (* états) contredit l’extrait : le passé a été réécrit.", "The checkpoint % (* states) contradicts the extract: the past was rewritten."},
              {"Garder les deux fichiers : ensemble ils le prouvent.", "Keep both files: together they prove it."}};
    case Fault::StoreShorter:
      return {"store_shorter",
              {"Le point de contrôle % atteste * états : plus que l’appliance n’en avait en produisant l’extrait. Si l’extrait est plus récent que lui, l’appliance est revenue en arrière.",
               "The checkpoint % attests * states: more than the appliance had when it made the extract. If the extract is the newer of the two, the appliance was rolled back."},
              {"Si l’extrait est le plus ancien, demander un point de contrôle qui le prolonge : beffroictl audit checkpoint --since ^.",
               "If the extract is the older one, ask for a checkpoint that continues it: beffroictl audit checkpoint --since ^."}};
    case Fault::CheckpointUnlinked:
      return {"checkpoint_unlinked",
              {"Rien ne prouve que l’extrait prolonge le point de contrôle % (* états).", "Nothing proves that the extract continues the checkpoint % (* states)."},
              {"Redemander l’extrait avec --since et ce fichier.", "Ask for the extract again with --since and this file."}};
  }
  return {};
}

std::string time_text(std::uint64_t ms) {
  using namespace std::chrono;
  constexpr std::uint64_t kYear10000Ms = 253'402'300'800'000;
  if (ms >= kYear10000Ms) return std::to_string(ms) + " ms";
  const sys_time<milliseconds> instant{milliseconds(ms)};
  const sys_days day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss time(instant - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::string pick(const Pair& pair, Language language) { return std::string(language == Language::French ? pair.french : pair.english); }

std::string fill(std::string text, const Report& report, Language language) {
  const std::string unknown = language == Language::French ? "aucun" : "none";
  std::string out;
  for (const char c : text) {
    if (c == '#') out += std::to_string(report.seq.value_or(0));
    else if (c == '@') out += report.ms ? time_text(*report.ms) : unknown;
    else if (c == '%') out += report.file;
    else if (c == '*') out += std::to_string(report.held_size);
    else if (c == '^') out += std::to_string(report.tree_size);
    else out += c;
  }
  return out;
}

std::string subject(const Report& r, Language language) {
  const bool french = language == Language::French;
  if (r.key.empty()) return "";
  std::string text = r.slug.empty() ? (french ? "Journal de l’appliance" : "The appliance's own log") : (french ? "Journal de " : "Log of ") + r.slug + " (SIREN " + r.siren + ")";
  text += french ? " : " : ": ";
  if (r.from == r.to) text += french ? "aucun enregistrement demandé" : "no record asked for";
  else text += (french ? "enregistrements " : "records ") + std::to_string(r.from) + (french ? " à " : " to ") + std::to_string(r.to - 1);
  text += (french ? " sur " : " of ") + std::to_string(r.size);
  if (r.fault == Fault::None && r.first_ms) text += (french ? ", du " : ", from ") + time_text(*r.first_ms) + (french ? " au " : " to ") + time_text(*r.last_ms);
  if (r.fault == Fault::None && r.purged > 0) text += (french ? ", dont purgés : " : ", of which purged: ") + std::to_string(r.purged);
  return text + ".\n";
}

std::string verdict_text(const Report& r, Language language) {
  const bool french = language == Language::French;
  switch (verdict_of(r)) {
    case Verdict::False:
      return french ? "REFUSÉ. " : "REFUSED. ";
    case Verdict::Proven:
      return (french ? "PROUVÉ. L’extrait est complet, dans l’ordre, inchangé, et l’appliance n’est pas revenue sur ce qu’elle avait attesté (" : "PROVEN. The extract is whole, in order, unchanged, and the appliance has not gone back on what it had attested (") +
             std::to_string(r.checkpoints) + (french ? " point(s) de contrôle extérieur(s), jusqu’à " : " checkpoint(s) held outside, up to ") + std::to_string(r.held_until) +
             (french ? " états ; l’extrait en a " : " states; the extract has ") + std::to_string(r.tree_size) + ").\n";
    case Verdict::Consistent:
      return french ? "COHÉRENT, mais pas prouvé : aucun point de contrôle gardé hors de l’appliance n’a été donné (--checkpoint). Une appliance revenue en arrière donnerait un extrait tout aussi cohérent.\n"
                    : "CONSISTENT, but not proven: no checkpoint held outside the appliance was given (--checkpoint). An appliance that was rolled back would give an extract just as consistent.\n";
  }
  return "";
}

}  // namespace

Verdict verdict_of(const Report& report) {
  if (report.fault != Fault::None) return Verdict::False;
  return report.checkpoints > 0 ? Verdict::Proven : Verdict::Consistent;
}

std::string_view fault_code(Fault fault) { return row_of(fault).code; }

std::string in_words(const Report& report, Language language) {
  std::string text = subject(report, language) + verdict_text(report, language);
  if (report.fault == Fault::None) return text;
  const Row row = row_of(report.fault);
  text += fill(pick(row.what, language), report, language) + "\n";
  return text + (language == Language::French ? "Que faire : " : "What to do: ") + fill(pick(row.advice, language), report, language) + "\n";
}

std::string as_json(const Report& report, Language language) {
  static constexpr std::string_view kVerdicts[] = {"proven", "false", "consistent"};
  boost::json::object out{{"verdict", kVerdicts[static_cast<std::size_t>(verdict_of(report))]}};
  if (report.fault != Fault::None) {
    const Row row = row_of(report.fault);
    out["reason"] = row.code;
    out["message"] = fill(pick(row.what, language), report, language);
    out["line"] = report.line;
    if (report.seq) out["seq"] = *report.seq;
    if (report.ms) out["time"] = time_text(*report.ms);
    if (!report.file.empty()) out["checkpoint"] = report.file;
  }
  if (!report.key.empty()) {
    out["key"] = report.key, out["siren"] = report.siren, out["slug"] = report.slug, out["made"] = report.made;
    out["from"] = report.from, out["to"] = report.to, out["size"] = report.size;
    out["purged"] = report.purged, out["tree_size"] = report.tree_size, out["checkpoints"] = report.checkpoints;
  }
  return boost::json::serialize(out) + "\n";
}

}  // namespace beffroi::verify
