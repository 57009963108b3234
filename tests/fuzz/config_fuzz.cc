// SPDX-License-Identifier: EUPL-1.2
// sources: server/config.cc
// The configuration file: what is refused names its remedy; what is accepted, written out as settings, reads the same again.
#include "crypto/check.h"
#include "server/config.h"

using namespace beffroi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = parse_config(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!config) {
    CHECK(!config.error().message.empty() && !config.error().remedy.empty());
    return 0;
  }
  std::vector<std::string> settings;
  for (const ConfigKey& key : config_keys())
    settings.push_back(std::string(key.name) + "=" + config_value(*config, key.name));
  const auto again = parse_config({}, settings);
  CHECK(again);
  for (const ConfigKey& key : config_keys())
    CHECK(config_value(*again, key.name) == config_value(*config, key.name));
  return 0;
}
