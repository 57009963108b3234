// SPDX-License-Identifier: EUPL-1.2
#include "server/check_command.h"

#include <boost/json.hpp>
#include <iostream>
#include <optional>

#include "server/exit_codes.h"
#include "server/preflight.h"
#include "server/root_key.h"
#include "server/store_options.h"
#include "storage/engine/engine.h"
#include "storage/io/guarded.h"
#include "storage/io/real_files.h"

namespace beffroi {
namespace {

// Damage that would end the daemon is a finding here.
class RecordedStop final : public storage::FailStop {
 public:
  void fail(std::string_view reason) override {
    auto first = reason_.lock();
    if (!first->has_value()) first->emplace(reason);
  }
  std::optional<std::string> reason() { return *reason_.lock(); }

 private:
  storage::Guarded<std::optional<std::string>> reason_;
};

int report(int code, const std::vector<std::string>& findings, bool json) {
  if (json) {
    boost::json::object out{{"whole", code == kExitClean},
                            {"findings", boost::json::array(findings.begin(), findings.end())}};
    std::cout << boost::json::serialize(out) << "\n";
    return code;
  }
  for (const std::string& finding : findings) std::cout << finding << "\n";
  if (code == kExitClean) std::cout << "the store is whole\n";
  return code;
}

boost::json::array to_json(const std::vector<ConfigError>& findings) {
  boost::json::array out;
  for (const ConfigError& f : findings) {
    out.push_back(boost::json::object{{"key", f.key}, {"problem", f.message}, {"remedy", f.remedy}});
  }
  return out;
}

void print(const char* level, const std::vector<ConfigError>& findings) {
  for (const ConfigError& f : findings) {
    std::cerr << level << ": " << (f.key.empty() ? "" : f.key + ": ") << f.message << "\n  what to do: " << f.remedy << "\n";
  }
}

}  // namespace

int check_command(const Config& config, bool json) {
  auto root = find_root_key(config);
  if (!root) {
    std::cerr << "beffroid: " << root.error().message << "; " << root.error().remedy << "\n";
    return kExitConfiguration;
  }
  if (!root->has_value()) {
    std::cerr << "beffroid: there is no root key; give root_key_file, or the credential beffroi-root-key\n";
    return kExitCannotStart;
  }
  storage::RealFiles files;
  const storage::SystemClock clock;
  RecordedStop stop;
  storage::OpenFailure failure;
  const auto engine = storage::Engine::open(files, clock, stop, store_options(config), **root, failure);
  if (!engine) {
    if (const auto damage = stop.reason()) return report(kExitDamaged, {*damage, failure.reason}, json);
    return report(kExitCannotStart, {"the store does not open: " + failure.reason}, json);
  }
  auto findings = engine->check();
  std::vector<std::string> lines =
      findings ? std::move(*findings) : std::vector<std::string>{findings.error().message()};
  if (const auto damage = stop.reason()) lines.push_back(*damage);
  if (lines.empty()) {
    if (auto stopped = engine->stop(); !stopped)
      lines.push_back("the store cannot be closed: " + stopped.error().message());
  }
  return report(lines.empty() ? kExitClean : kExitDamaged, lines, json);
}

int check_config_command(const ConfigResult<Config>& config, bool json) {
  Preflight found;
  if (config) found = preflight(*config);
  else found.errors.push_back(config.error());
  const bool good = found.errors.empty();
  if (json) {
    std::cout << boost::json::serialize(boost::json::object{
                     {"good", good}, {"errors", to_json(found.errors)}, {"warnings", to_json(found.warnings)}})
              << "\n";
    return good ? kExitClean : kExitConfiguration;
  }
  print("error", found.errors);
  print("warning", found.warnings);
  if (good) std::cout << "the configuration is good\n";
  return good ? kExitClean : kExitConfiguration;
}

}  // namespace beffroi
