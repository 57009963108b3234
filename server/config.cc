// SPDX-License-Identifier: EUPL-1.2
#include "server/config.h"

// Without exceptions the parser answers with a result, as the rest of the code does.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <variant>

namespace beffroi {
namespace {

using Text = std::string Config::*;
using Texts = std::vector<std::string> Config::*;
using Flag = bool Config::*;

struct Number {
  std::uint64_t Config::*member;
  std::uint64_t least, most;
};

struct Key {
  std::string_view name;
  std::variant<Text, Texts, Flag, Number> place;
  std::string_view help;
};

constexpr std::uint64_t kMost = INT64_MAX;  // of a TOML integer

// clang-format off
const Key kKeys[] = {
    {"data_dir", &Config::data_dir, "directory of the log, the tables and the extents"},
    {"keyring", &Config::keyring, "file of the keys, sealed under the root key; better on another medium"},
    {"root_key_file", &Config::root_key_file, "root key, mode 0400, when systemd gives no credential beffroi-root-key"},
    {"require_mlock", &Config::require_mlock, "refuse to start when keys cannot be locked in memory"},
    {"listen", &Config::listen, "address and port of S3 over TLS"},
    {"tls_certificate", &Config::tls_certificate, "PEM file of the certificate and its chain"},
    {"tls_key", &Config::tls_key, "PEM file of the certificate's key"},
    {"certificates_dir", &Config::certificates_dir, "directory of further pairs NAME.crt and NAME.key, chosen by SNI"},
    {"domains", &Config::domains, "names under which collectivities have theirs: SLUG.DOMAIN"},
    {"virtual_domain", &Config::virtual_domain, "name under which buckets of the signer's collectivity stand: BUCKET.NAME"},
    {"default_collectivity", &Config::default_collectivity, "slug that unsigned requests without a collectivity's name resolve in"},
    {"region", &Config::region, "region that clients sign for"},
    {"strict_regions", &Config::strict_regions, "refuse signatures for another region"},
    {"admin_socket", &Config::admin_socket, "Unix socket of the operators' API"},
    {"listen_metrics", &Config::listen_metrics, "address and port of /metrics, /healthz and /readyz, without TLS"},
    {"quota_default_bytes", Number{&Config::quota_default_bytes, 1, kMost}, "quota of a new collectivity when none is given"},
    {"quota_default_objects", Number{&Config::quota_default_objects, 1, kMost}, "the same, in objects"},
    {"inline_bytes", Number{&Config::inline_bytes, 0, 64 * 1024}, "objects up to this size are stored in the commit log and the tables"},
    {"block_cache_bytes", Number{&Config::block_cache_bytes, 1 << 20, kMost}, "memory for pages of the tables"},
    {"pool_threads", Number{&Config::pool_threads, 1, 256}, "threads that may wait for a device"},
    {"drain_seconds", Number{&Config::drain_seconds, 0, 3600}, "time given to requests under way at a stop"},
    {"log_level", &Config::log_level, "debug, info, warning or error"},
};
// clang-format on

const Key* find(std::string_view name) {
  const auto at =
      std::find_if(std::begin(kKeys), std::end(kKeys), [name](const Key& k) { return k.name == name; });
  return at == std::end(kKeys) ? nullptr : at;
}

// Letters to change, add or leave out to make one of the other; for a remedy that names the key that was meant.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

ConfigError unknown_key(std::string_view name) {
  const Key* near = std::min_element(std::begin(kKeys), std::end(kKeys), [name](const Key& a, const Key& b) {
    return distance(a.name, name) < distance(b.name, name);
  });
  const bool close = distance(near->name, name) <= 1 + name.size() / 4;
  return {
      std::string(name), "there is no such key",
      close ? "did you mean " + std::string(near->name) + "?" : "remove it; beffroid --help lists the keys"};
}

ConfigError wrong_kind(const Key& key) {
  struct Wanted {
    std::string operator()(Text) const { return "give a text"; }
    std::string operator()(Texts) const { return R"(give a list of texts, such as ["s3.example.org"])"; }
    std::string operator()(Flag) const { return "give true or false"; }
    std::string operator()(const Number& n) const {
      return "give a whole number from " + std::to_string(n.least) + " to " + std::to_string(n.most);
    }
  };
  return {std::string(key.name), "the value is not of the right kind", std::visit(Wanted{}, key.place)};
}

// From the file.
bool put(Config& config, const Key& key, const toml::node& node) {
  struct Put {
    Config& config;
    const toml::node& node;
    bool operator()(Text member) const {
      const auto value = node.value_exact<std::string>();
      if (value) config.*member = *value;
      return value.has_value();
    }
    bool operator()(Texts member) const {
      const toml::array* list = node.as_array();
      if (list == nullptr) return false;
      std::vector<std::string> values;
      for (const toml::node& element : *list) {
        const auto value = element.value_exact<std::string>();
        if (!value) return false;
        values.push_back(*value);
      }
      config.*member = std::move(values);
      return true;
    }
    bool operator()(Flag member) const {
      const auto value = node.value_exact<bool>();
      if (value) config.*member = *value;
      return value.has_value();
    }
    bool operator()(const Number& number) const {
      const auto value = node.value_exact<std::int64_t>();
      if (!value || *value < 0) return false;
      const auto n = static_cast<std::uint64_t>(*value);
      if (n < number.least || n > number.most) return false;
      config.*number.member = n;
      return true;
    }
  };
  return std::visit(Put{config, node}, key.place);
}

// From the command line: texts stand without quotes, a list is separated by commas.
bool put(Config& config, const Key& key, std::string_view text) {
  struct Put {
    Config& config;
    std::string_view text;
    bool operator()(Text member) const {
      config.*member = text;
      return true;
    }
    bool operator()(Texts member) const {
      std::vector<std::string> values;
      for (std::string_view rest = text; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        values.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
      config.*member = std::move(values);
      return true;
    }
    bool operator()(Flag member) const {
      config.*member = text == "true";
      return text == "true" || text == "false";
    }
    bool operator()(const Number& number) const {
      std::uint64_t n = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
      if (error != std::errc{} || end != text.data() + text.size() || n < number.least || n > number.most)
        return false;
      config.*number.member = n;
      return true;
    }
  };
  return std::visit(Put{config, text}, key.place);
}

// A name as it stands in a Host header: lower case, no dot at its end, no port.
bool is_domain(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && name.front() != '.' && name.back() != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

// What one key alone cannot tell.
std::optional<ConfigError> check(const Config& c) {
  static constexpr std::string_view kName =
      "give names such as s3.example.org: lower case, without port or final dot";
  for (const std::string& domain : c.domains) {
    if (!is_domain(domain))
      return ConfigError{"domains", "\"" + domain + "\" is not a domain name", std::string(kName)};
  }
  if (!c.virtual_domain.empty() && !is_domain(c.virtual_domain)) {
    return ConfigError{"virtual_domain", "\"" + c.virtual_domain + "\" is not a domain name",
                       std::string(kName)};
  }
  for (const char* key : {"data_dir", "keyring", "listen", "admin_socket", "listen_metrics", "region"}) {
    if (config_value(c, key).empty())
      return ConfigError{key, "the value is empty", "give one, or remove the key for its default"};
  }
  if (c.tls_certificate.empty() != c.tls_key.empty()) {
    return ConfigError{c.tls_key.empty() ? "tls_key" : "tls_certificate",
                       "a certificate and its key go together", "give both files"};
  }
  static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  if (std::find(std::begin(kLevels), std::end(kLevels), c.log_level) == std::end(kLevels)) {
    return ConfigError{"log_level", "\"" + c.log_level + "\" is not a level",
                       "give debug, info, warning or error"};
  }
  return std::nullopt;
}

}  // namespace

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> keys;
  for (const Key& key : kKeys) keys.push_back({key.name, key.help});
  return keys;
}

std::string config_value(const Config& config, std::string_view name) {
  struct Show {
    const Config& config;
    std::string operator()(Text member) const { return config.*member; }
    std::string operator()(Texts member) const {
      std::string out;
      for (const std::string& value : config.*member) out += (out.empty() ? "" : ",") + value;
      return out;
    }
    std::string operator()(Flag member) const { return config.*member ? "true" : "false"; }
    std::string operator()(const Number& number) const { return std::to_string(config.*number.member); }
  };
  const Key* key = find(name);
  return key == nullptr ? std::string() : std::visit(Show{config}, key->place);
}

ConfigResult<Config> parse_config(std::string_view text, std::span<const std::string> settings) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::ostringstream where;
    where << parsed.error().description() << ", line " << parsed.error().source().begin.line;
    return ConfigError{"", where.str(), "correct the file: it is TOML, one KEY = VALUE a line"};
  }
  Config config;
  for (const auto& [name, node] : parsed.table()) {
    const Key* key = find(name.str());
    if (key == nullptr) return unknown_key(name.str());
    if (!put(config, *key, node)) return wrong_kind(*key);
  }
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == setting.npos)
      return ConfigError{setting, "a setting has no value", "write --set KEY=VALUE"};
    const Key* key = find(setting.substr(0, equals));
    if (key == nullptr) return unknown_key(setting.substr(0, equals));
    if (!put(config, *key, std::string_view(setting).substr(equals + 1))) return wrong_kind(*key);
  }
  if (auto wrong = check(config)) return *std::move(wrong);
  return config;
}

ConfigResult<Config> read_config(const std::string& path, std::span<const std::string> settings) {
  if (path.empty()) return parse_config("", settings);
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) {
    return ConfigError{"", "the file " + path + " cannot be read",
                       "check its name and its rights, or give another with --config"};
  }
  return parse_config(text, settings);
}

}  // namespace beffroi
