// SPDX-License-Identifier: EUPL-1.2
// beffroi-verify: is this extract of an audit log what the appliance wrote? Needs neither the appliance nor a network, and shares no
// code with it. Ends with 0 proven; 1 false; 2 usage; 3 consistent in itself, but no checkpoint held outside was given.
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "admin/verify/verify.h"
#include "admin/verify/words.h"

namespace beffroi::verify {
namespace {

constexpr int kExitProven = 0, kExitFalse = 1, kExitUsage = 2, kExitConsistent = 3;
constexpr std::size_t kCheckpointBytesMax = 256 * 1024;

struct Arguments {
  std::string extract, key, language, output = "text";
  std::vector<std::string> checkpoints;
};

Language language_of(const std::string& wanted) {
  if (!wanted.empty()) return wanted == "fr" ? Language::French : Language::English;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("fr") ? Language::French : Language::English;
  }
  return Language::English;
}

int complain(Language language, std::string_view french, std::string_view english, const std::string& what) {
  std::cerr << "beffroi-verify: " << what << (language == Language::French ? " : " : ": ") << (language == Language::French ? french : english) << "\n";
  return kExitUsage;
}

std::optional<CheckpointFile> read_checkpoint(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kCheckpointBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.eof()) return std::nullopt;
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_checkpoint_file(text);
}

int run(const Arguments& arguments) {
  const Language language = language_of(arguments.language);
  std::optional<Key> key;
  if (!arguments.key.empty()) {
    key = parse_key(arguments.key);
    if (!key) {
      return complain(language, "ce n’est pas une clé de vérification ; donner celle que « beffroictl audit key » affiche",
                      "it is not a verifier key; give the one that `beffroictl audit key` shows", "--key");
    }
  }
  std::vector<HeldCheckpoint> held;
  for (const std::string& path : arguments.checkpoints) {
    auto content = read_checkpoint(path);
    if (!content) {
      return complain(language, "ce n’est pas un point de contrôle lisible ; donner un fichier que « beffroictl audit checkpoint » a produit",
                      "it is not a checkpoint that can be read; give a file that `beffroictl audit checkpoint` wrote", path);
    }
    held.push_back({path, std::move(*content)});
  }
  std::ifstream extract(arguments.extract, std::ios::binary);
  if (!extract) return complain(language, "le fichier ne s’ouvre pas", "the file cannot be opened", arguments.extract);
  const Report report = verify(extract, key, held);
  std::cout << (arguments.output == "json" ? as_json(report, language) : in_words(report, language));
  switch (verdict_of(report)) {
    case Verdict::Proven:
      return kExitProven;
    case Verdict::Consistent:
      return kExitConsistent;
    case Verdict::False:
      break;
  }
  return kExitFalse;
}

int main_of(int argc, char** argv) {
  Arguments arguments;
  const bool french = language_of("") == Language::French;
  const auto tr = [french](const char* in_french, const char* in_english) { return std::string(french ? in_french : in_english); };
  CLI::App app(tr("beffroi-verify : cet extrait de journal est-il ce que l’appliance a écrit ?", "beffroi-verify: is this extract of an audit log what the appliance wrote?"), "beffroi-verify");
  app.set_version_flag("--version", "beffroi-verify " BEFFROI_VERSION);
  app.add_option("EXTRACT", arguments.extract, tr("fichier produit par beffroictl audit export", "a file that beffroictl audit export wrote"))->required()->type_name("FILE");
  app.add_option("--key", arguments.key, tr("clé de vérification de l’appliance, notée à sa mise en service", "the appliance's verifier key, noted when it was put into service"))->type_name("VKEY");
  app.add_option("--checkpoint", arguments.checkpoints, tr("point de contrôle gardé hors de l’appliance ; peut se répéter", "a checkpoint held outside the appliance; may be repeated"))
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--lang", arguments.language, tr("langue : fr ou en", "language: fr or en"))->check(CLI::IsMember({"fr", "en"}))->type_name("L");
  app.add_option("--output", arguments.output, tr("text ou json", "text or json"))->check(CLI::IsMember({"text", "json"}))->type_name("FORM");
  app.footer(tr("Codes de fin : 0 prouvé ; 1 refusé ; 2 usage ; 3 cohérent, sans point de contrôle extérieur.",
                "Ends with 0 proven; 1 refused; 2 usage; 3 consistent, without a checkpoint from outside."));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitProven : kExitUsage;
  }
  return run(arguments);
}

}  // namespace
}  // namespace beffroi::verify

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 2;
  try {
    return beffroi::verify::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "beffroi-verify: " << error.what() << "\n";
    return 2;
  }
}
