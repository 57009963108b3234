// SPDX-License-Identifier: EUPL-1.2
// beffroictl: what an operator asks of the appliance, over its Unix socket. With --output json it prints the appliance's own answer;
// otherwise a table, in French or English. Ends with 0; 1 refused; 2 usage; 3 unreachable; 4 the store is closed, damage was found.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "admin/cli/http_client.h"
#include "admin/cli/language.h"
#include "admin/cli/show.h"

namespace beffroi::cli {
namespace json = boost::json;
namespace {

constexpr std::chrono::milliseconds kCheckPoll{500};
constexpr int kExitDone = 0, kExitRefused = 1, kExitUsage = 2, kExitUnreachable = 3, kExitDamage = 4;

// What the command line said.
struct Arguments {
  std::string socket = "/run/beffroi/admin.sock";
  std::string output = "table";
  std::string slug, siren, name, kind, user, role, key, loss, bucket;
  std::vector<std::string> key_place;  // [SLUG] ID
  std::optional<std::uint64_t> pace;
  std::optional<std::uint64_t> quota_bytes, quota_objects, from, to;
  std::string from_place, to_place, out;  // of an export: numbers or dates
  std::vector<std::string> since;         // sizes, or files that hold a checkpoint
};

struct Request {
  std::string method, target;
  json::object body;
  void (*show)(std::ostream&, const json::object&);
  std::string out = {};  // an answer of any length goes to this file; empty: to standard output
};

// What is wrong with the command line beyond its grammar.
struct UsageError {
  std::string what;
};

int unreachable(const Arguments& arguments, const std::string& problem) {
  std::cerr << "beffroictl: " << tr("l’appliance ne répond pas sur ", "the appliance does not answer at ")
            << arguments.socket << tr(" : ", ": ") << problem << "\n  "
            << tr("vérifier que beffroid tourne, et donner son socket : --socket ou $BEFFROI_SOCKET",
                  "check that beffroid runs, and give its socket: --socket or $BEFFROI_SOCKET")
            << "\n";
  return kExitUnreachable;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(std::string_view(value->get_string()))
                                                : std::string();
}

// In French where the catalogue has it; what the appliance says otherwise.
int refused(const Arguments& arguments, const Reply& reply) {
  if (arguments.output == "json") {
    std::cerr << reply.body << "\n";
    return kExitRefused;
  }
  boost::system::error_code bad;
  const json::value document = json::parse(reply.body, bad);
  const json::value* error =
      !bad && document.is_object() ? document.get_object().if_contains("error") : nullptr;
  if (error == nullptr || !error->is_object()) {
    std::cerr << "beffroictl: " << tr("réponse incomprise", "the answer is not understood") << " (HTTP "
              << reply.status << ")\n";
    return kExitRefused;
  }
  const json::object& said = error->get_object();
  const std::string field = text_of(said, "field");
  std::string message = text_of(said, "message"), remedy = text_of(said, "remedy");
  if (in_french()) {
    const Explanation french = explain_in_french(text_of(said, "code"), field);
    if (!french.message.empty()) message = french.message, remedy = french.remedy;
  }
  std::cerr << "beffroictl: " << (field.empty() ? "" : field + tr(" : ", ": ")) << message << "\n";
  if (!remedy.empty()) std::cerr << "  " << tr("que faire : ", "what to do: ") << remedy << "\n";
  return kExitRefused;
}

// A closed store is damage, or the loss of something: a script must see it.
int exit_code_of(const json::object& answer) {
  const json::value* findings = answer.if_contains("findings");
  const bool found = findings != nullptr && findings->is_array() && !findings->get_array().empty();
  return found || text_of(answer, "phase") == "closed" ? kExitDamage : kExitDone;
}

int run(const Arguments& arguments, const Request& request) {
  std::string problem;
  const std::string body = request.body.empty() ? std::string() : json::serialize(request.body);
  const auto reply = ask(arguments.socket, request.method, request.target, body, problem);
  if (!reply) return unreachable(arguments, problem);
  if (reply->status < 200 || reply->status > 299) return refused(arguments, *reply);
  boost::system::error_code bad;
  const json::value document = json::parse(reply->body, bad);
  if (bad || !document.is_object()) return unreachable(arguments, "JSON");
  if (arguments.output == "json") {
    std::cout << reply->body << "\n";
  } else {
    request.show(std::cout, document.get_object());
  }
  return exit_code_of(document.get_object());
}

// Starts a check, or joins the one that runs, and follows it. Ended or out of reach, this command leaves it running.
int run_check(const Arguments& arguments) {
  json::object body;
  if (arguments.pace) body["bytes_per_second"] = *arguments.pace;
  std::string problem, method = "POST", text = body.empty() ? std::string() : json::serialize(body);
  for (;; method = "GET", text.clear()) {
    const auto reply = ask(arguments.socket, method, "/v1/check", text, problem);
    if (!reply) return unreachable(arguments, problem);
    if (reply->status < 200 || reply->status > 299) return refused(arguments, *reply);
    boost::system::error_code bad;
    const json::value document = json::parse(reply->body, bad);
    if (bad || !document.is_object()) return unreachable(arguments, "JSON");
    const json::object& answer = document.get_object();
    const json::value* running = answer.if_contains("running");
    const bool more = running != nullptr && running->is_bool() && running->get_bool();
    if (arguments.output == "json") std::cout << reply->body << std::endl;
    else if (more) show_check_progress(std::cerr, answer);
    if (more) {
      std::this_thread::sleep_for(kCheckPoll);
      continue;
    }
    if (arguments.output != "json") show_check(std::cout, answer);
    return exit_code_of(answer);
  }
}

int unwritable(const std::string& path) {
  std::cerr << "beffroictl: " << tr("impossible d’écrire ", "cannot write ") << path << "\n";
  return kExitRefused;
}

// A file takes its name only when it is whole.
int run_download(const Arguments& arguments, const Request& request) {
  const std::string partial = request.out + ".part";
  std::ofstream file;
  if (!request.out.empty()) {
    file.open(partial, std::ios::binary | std::ios::trunc);
    if (!file) return unwritable(partial);
  }
  std::ostream& out = request.out.empty() ? std::cout : file;
  std::string problem;
  const auto reply = download(
      arguments.socket, request.target, [&out](std::string_view piece) { return bool(out.write(piece.data(), static_cast<std::streamsize>(piece.size()))); }, problem);
  const bool written = bool(out.flush());
  std::error_code renamed;
  if (!request.out.empty()) {
    file.close();
    if (reply && reply->status == 200 && written) std::filesystem::rename(partial, request.out, renamed);
    else std::filesystem::remove(partial, renamed);
  }
  if (!written || (reply && reply->status == 200 && renamed)) return unwritable(request.out.empty() ? "-" : request.out);
  if (!reply) return unreachable(arguments, problem);
  return reply->status == 200 ? kExitDone : refused(arguments, *reply);
}

std::string collectivity_path(const Arguments& a) {
  return "/v1/collectivities/" + escape(a.slug);
}

json::object quota_body(const Arguments& a) {
  json::object body;
  if (a.quota_bytes) body["quota_bytes"] = *a.quota_bytes;
  if (a.quota_objects) body["quota_objects"] = *a.quota_objects;
  return body;
}

Request add_collectivity(const Arguments& a) {
  json::object body = quota_body(a);
  body["slug"] = a.slug;
  body["siren"] = a.siren;
  body["name"] = a.name;
  if (!a.kind.empty()) body["kind"] = a.kind;
  return {"POST", "/v1/collectivities", std::move(body), show_collectivity};
}

Request revoke_key(const Arguments& a) {
  std::string target = "/v1/keys/" + escape(a.key_place.back());
  if (a.key_place.size() == 2) target += "?collectivity=" + escape(a.key_place.front());
  return {"DELETE", std::move(target), {}, show_revoked};
}

Request show_audit_of(const Arguments& a) {
  std::string target = a.slug.empty() ? "/v1/audit" : collectivity_path(a) + "/audit";
  std::string query;
  if (a.from) query += "&from=" + std::to_string(*a.from);
  if (a.to) query += "&to=" + std::to_string(*a.to);
  if (!query.empty()) target += "?" + query.substr(1);
  return {"GET", std::move(target), {}, show_audit};
}

// A number, or the second line of a checkpoint: the size of its tree.
std::string size_of_checkpoint(const std::string& given) {
  const auto is_number = [](std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; };
  if (is_number(given)) return given;
  std::ifstream in(given);
  std::string line, size;
  std::getline(in, line);
  if (line.starts_with("old ")) {  // the note stands behind its proof
    while (std::getline(in, line) && !line.empty()) {
    }
    std::getline(in, line);
  }
  if (!std::getline(in, size) || !is_number(size)) {
    throw UsageError{"--since " + given + tr(" : ni un nombre, ni un fichier de point de contrôle", ": neither a number nor the file of a checkpoint")};
  }
  return size;
}

std::string checked_place(const std::string& name, const std::string& given) {
  if (given.find_first_not_of("0123456789-:TZ") != given.npos) {
    throw UsageError{name + " " + given + tr(" : donner un numéro, 2026-11-24 ou 2026-11-24T08:20:00Z", ": give a record's number, 2026-11-24 or 2026-11-24T08:20:00Z")};
  }
  return given;
}

Request export_audit(const Arguments& a) {
  std::string target = a.slug.empty() ? "/v1/audit" : collectivity_path(a) + "/audit";
  std::string query;
  if (!a.from_place.empty()) query += "&from=" + checked_place("--from", a.from_place);
  if (!a.to_place.empty()) query += "&to=" + checked_place("--to", a.to_place);
  for (const std::string& since : a.since) query += "&since=" + size_of_checkpoint(since);
  target += "/extract";
  if (!query.empty()) target += "?" + query.substr(1);
  return {"GET", std::move(target), {}, nullptr, a.out};
}

Request checkpoint(const Arguments& a) {
  std::string target = "/v1/audit/checkpoint";
  if (!a.since.empty()) target += "?since=" + size_of_checkpoint(a.since.front());
  return {"GET", std::move(target), {}, show_checkpoint};
}

// The commands, what they take, and the request that each becomes.
class CommandLine {
 public:
  CommandLine()
      : app_(tr("beffroictl : l’outil des exploitants de Beffroi.",
                "beffroictl: the operators' tool of Beffroi."),
             "beffroictl") {
    app_.set_version_flag("--version", "beffroictl " BEFFROI_VERSION);
    app_.fallthrough();  // --socket and --output may stand anywhere
    app_.require_subcommand(1);
    app_.add_option("--socket", a_.socket, tr("socket d’administration", "admin socket"))
        ->envname("BEFFROI_SOCKET")
        ->type_name("PATH");
    app_.add_option("--output", a_.output, tr("table ou json", "table or json"))
        ->check(CLI::IsMember({"table", "json"}))
        ->type_name("FORM");
    app_.footer(
        tr("Codes de fin : 0 ; 1 refusé ; 2 usage ; 3 injoignable ; 4 entrepôt fermé, dommage constaté.",
           "Ends with 0; 1 refused; 2 usage; 3 unreachable; 4 the store is closed, damage was found."));
    appliance_commands();
    lifecycle_commands();
    collectivity_commands();
    user_commands();
    key_commands();
    audit_commands();
  }

  int main(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? kExitDone : kExitUsage;
    }
    if (following_check_) return run_check(a_);
    try {
      const Request request = make_(a_);
      return request.show == nullptr ? run_download(a_, request) : run(a_, request);
    } catch (const UsageError& error) {
      std::cerr << "beffroictl: " << error.what << "\n";
      return kExitUsage;
    }
  }

 private:
  using Make = Request (*)(const Arguments&);

  CLI::App* command(CLI::App& parent, const char* name, const std::string& help, Make make) {
    CLI::App* made = parent.add_subcommand(name, help);
    made->callback([this, make] { make_ = make; });
    return made;
  }
  CLI::App& group(const char* name, const std::string& help) {
    CLI::App* made = app_.add_subcommand(name, help);
    made->require_subcommand(1);
    return *made;
  }
  void take_slug(CLI::App* to, bool required = true) {
    to->add_option("SLUG", a_.slug, tr("nom court de la collectivité", "the collectivity's short name"))
        ->required(required)
        ->type_name("");
  }
  void take_size(CLI::App* to, const std::string& names, std::optional<std::uint64_t>& into) {
    const auto parse = [&into](const CLI::results_t& given) {
      into = parse_size(given.front());
      return into.has_value();
    };
    to->add_option(names, parse, tr("quota en octets, par exemple 1GiB", "quota in bytes, for example 1GiB"))
        ->type_name("N");
  }
  void take_count(CLI::App* to, const std::string& names, std::optional<std::uint64_t>& into,
                  const std::string& help) {
    to->add_option(names, into, help)->type_name("N");
  }

  CLI::Option* take_since(CLI::App* to, const std::string& help) {
    return to->add_option("--since", a_.since, help)->type_name("N|FILE")->allow_extra_args(false);
  }

  void appliance_commands() {
    command(app_, "init", tr("créer l’entrepôt et ses clés", "make the store and its keys"),
            [](const Arguments&) {
              return Request{"POST", "/v1/init", {}, show_status};
            });
    command(app_, "status", tr("état de l’appliance", "state of the appliance"), [](const Arguments&) {
      return Request{"GET", "/v1/status", {}, show_status};
    });
    CLI::App* check = app_.add_subcommand(
        "check", tr("vérifier tout l’entrepôt en service, en nommant ce qui est endommagé ; reprend après une interruption",
                    "check the whole store while it serves, and name what is damaged; goes on after an interruption"));
    check->callback([this] { following_check_ = true; });
    const auto parse_pace = [this](const CLI::results_t& given) {
      a_.pace = parse_size(given.front());
      return a_.pace.has_value();
    };
    check->add_option("--rate", parse_pace, tr("octets lus par seconde, au plus (64MiB)", "bytes read a second, at most (64MiB)"))
        ->type_name("N");
    CLI::App* recover = command(
        app_, "recover",
        tr("rouvrir un entrepôt fermé en acceptant une perte : le journal est rejoué jusqu’à elle, ce qui suit est mis de côté",
           "open a closed store again by accepting a loss: the log is replayed up to it, what follows is set aside"),
        [](const Arguments& a) {
          return Request{"POST", "/v1/recover", {{"accept_loss", a.loss}}, show_recovered};
        });
    recover
        ->add_option("--accept-loss", a_.loss,
                     tr("la perte acceptée, telle que beffroictl status la nomme", "the loss, as beffroictl status names it"))
        ->required()
        ->type_name("ID");
    take_slug(command(app_, "usage", tr("usage d’une collectivité", "usage of a collectivity"),
                      [](const Arguments& a) {
                        return Request{"GET", collectivity_path(a) + "/usage", {}, show_usage};
                      }));
  }

  void lifecycle_commands() {
    CLI::App* preview = command(app_, "lifecycle",
                                tr("ce que les règles de cycle de vie d’un seau feraient maintenant (rien n’est changé)",
                                   "what a bucket's lifecycle rules would do now (nothing is changed)"),
                                [](const Arguments& a) {
                                  return Request{"GET", collectivity_path(a) + "/buckets/" + a.bucket + "/lifecycle", {}, show_lifecycle};
                                });
    take_slug(preview);
    preview->add_option("BUCKET", a_.bucket, tr("nom du seau", "name of the bucket"))->required();
  }

  void collectivity_commands() {
    CLI::App& parent = group("collectivity", tr("collectivités", "collectivities"));
    CLI::App* add =
        command(parent, "add", tr("inscrire une collectivité", "register a collectivity"), add_collectivity);
    take_slug(add);
    add->add_option("--siren", a_.siren, tr("SIREN, 9 chiffres", "SIREN, 9 digits"))
        ->required()
        ->type_name("N");
    add->add_option("--name", a_.name, tr("nom officiel", "official name"))->required()->type_name("TEXT");
    add->add_option("--kind", a_.kind, tr("catégorie (commune)", "kind (commune)"))->type_name("K");
    take_size(add, "--quota-bytes", a_.quota_bytes);
    take_count(add, "--quota-objects", a_.quota_objects, tr("quota en objets", "quota in objects"));
    command(parent, "list", tr("les lister", "list them"), [](const Arguments&) {
      return Request{"GET", "/v1/collectivities", {}, show_collectivities};
    });
    take_slug(command(parent, "show", tr("en montrer une", "show one"), [](const Arguments& a) {
      return Request{"GET", collectivity_path(a), {}, show_collectivity};
    }));
    CLI::App* quota =
        command(parent, "quota", tr("changer son quota", "change its quota"), [](const Arguments& a) {
          return Request{"PUT", collectivity_path(a) + "/quota", quota_body(a), show_collectivity};
        });
    take_slug(quota);
    take_size(quota, "--quota-bytes,--bytes", a_.quota_bytes);
    take_count(quota, "--quota-objects,--objects", a_.quota_objects,
               tr("quota en objets", "quota in objects"));
    suspension_commands(parent);
  }

  void suspension_commands(CLI::App& parent) {
    take_slug(command(parent, "suspend",
                      tr("en suspendre une : ses requêtes sont refusées aussitôt, rien n’est effacé",
                         "suspend one: its requests are refused at once, nothing is deleted"),
                      [](const Arguments& a) {
                        return Request{"POST", collectivity_path(a) + "/suspend", {}, show_collectivity};
                      }));
    take_slug(command(parent, "resume", tr("lever la suspension", "end the suspension"), [](const Arguments& a) {
      return Request{"POST", collectivity_path(a) + "/resume", {}, show_collectivity};
    }));
  }

  void user_commands() {
    CLI::App& parent = group("user", tr("utilisateurs", "users"));
    CLI::App* add =
        command(parent, "add", tr("ajouter un utilisateur", "add a user"), [](const Arguments& a) {
          return Request{
              "POST", collectivity_path(a) + "/users", {{"user", a.user}, {"role", a.role}}, show_user};
        });
    take_slug(add);
    add->add_option("NAME", a_.user, tr("son nom", "its name"))->required()->type_name("");
    add->add_option("--role", a_.role, "admin, member, reader")
        ->required()
        ->check(CLI::IsMember({"admin", "member", "reader"}))
        ->type_name("ROLE");
    take_slug(command(parent, "list", tr("les lister", "list them"), [](const Arguments& a) {
      return Request{"GET", collectivity_path(a) + "/users", {}, show_users};
    }));
  }

  void key_commands() {
    CLI::App& parent = group("key", tr("clés d’accès", "access keys"));
    CLI::App* add = command(
        parent, "add",
        tr("en créer une ; son secret n’est montré qu’une fois", "make one; its secret is shown once"),
        [](const Arguments& a) {
          return Request{
              "POST", collectivity_path(a) + "/users/" + escape(a.user) + "/keys", {}, show_new_key};
        });
    take_slug(add);
    add->add_option("USER", a_.user, tr("à qui elle est", "whose it is"))->required()->type_name("");
    take_slug(command(parent, "list", tr("les lister", "list them"), [](const Arguments& a) {
      return Request{"GET", collectivity_path(a) + "/keys", {}, show_keys};
    }));
    CLI::App* revoke =
        command(parent, "revoke", tr("en révoquer une : elle ne sert plus, aussitôt", "revoke one, at once"),
                revoke_key);
    revoke
        ->add_option("[SLUG] ID", a_.key_place,
                     tr("la clé, et sa collectivité pour éviter une méprise",
                        "the key, and its collectivity against a slip"))
        ->required()
        ->expected(1, 2)
        ->type_name("");
  }

  void audit_commands() {
    CLI::App& parent = group("audit", tr("journal d’audit", "audit records"));
    CLI::App* show =
        command(parent, "show",
                tr("celui d’une collectivité, ou sans nom celui de l’appliance ; les 1 000 derniers",
                   "a collectivity's or, without a name, the appliance's; the latest 1 000"),
                show_audit_of);
    take_slug(show, false);
    take_count(show, "--from", a_.from, tr("premier numéro", "first number"));
    take_count(show, "--to", a_.to, tr("numéro où s’arrêter, non compris", "number to stop before"));
    CLI::App* extract = command(parent, "export",
                                tr("extrait à vérifier avec beffroi-verify ; sans nom, journal de l’appliance",
                                   "an extract to be verified with beffroi-verify; without a name, of the appliance's log"),
                                export_audit);
    take_slug(extract, false);
    extract->add_option("--from", a_.from_place, tr("premier numéro, ou date (UTC)", "first number, or date (UTC)"))->type_name("N|DATE");
    extract->add_option("--to", a_.to_place, tr("numéro ou date où s’arrêter, non compris", "number or date to stop before"))->type_name("N|DATE");
    extract->add_option("--out", a_.out, tr("fichier à écrire", "file to write"))->type_name("FILE");
    take_since(extract, tr("joindre la preuve que rien n’a changé depuis ce point de contrôle ; peut se répéter",
                           "add the proof that nothing changed since this checkpoint; may be repeated"));
    CLI::App* note = command(parent, "checkpoint", tr("point de contrôle signé, à garder hors de l’appliance", "signed checkpoint, to be held outside the appliance"), checkpoint);
    take_since(note, tr("précédé de la preuve qu’il prolonge celui-ci", "behind the proof that it continues this one"))->expected(1);
    command(parent, "key", tr("clé avec laquelle vérifier points de contrôle et extraits", "the key that verifies checkpoints and extracts"),
            [](const Arguments&) {
              return Request{"GET", "/v1/audit/checkpoint", {}, show_audit_key};
            });
  }

  Arguments a_;
  CLI::App app_;
  Make make_ = nullptr;
  bool following_check_ = false;
};

}  // namespace
}  // namespace beffroi::cli

int main(int argc, char** argv) {
  try {
    return beffroi::cli::CommandLine().main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "beffroictl: " << error.what() << "\n";
    return 1;
  }
}
